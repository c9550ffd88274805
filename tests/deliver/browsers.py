"""A browser that has subscribed to web push, and decrypts what it is sent as RFC 8291 says."""

import json
from base64 import urlsafe_b64encode
from os import urandom
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CURVE = ec.SECP256R1()


def text_of(raw: bytes) -> str:
    """Bytes as base64url."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """The keys of a subscription."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(_CURVE)
        self._auth = urandom(16)

    def subscription(self, endpoint: str) -> dict[str, str]:
        """What it tells the app."""
        return {"endpoint": endpoint, "p256dh": text_of(self._public), "auth": text_of(self._auth)}

    def decrypted(self, body: bytes) -> Any:
        """The message in the body of a request: a header (RFC 8188), then one record."""
        salt, record_size, key_length = body[:16], int.from_bytes(body[16:20]), body[20]
        key, record = body[21 : 21 + key_length], body[21 + key_length :]
        assert len(record) <= record_size
        sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, key)
        shared = self._key.exchange(ec.ECDH(), sender)
        secret = _derived(shared, self._auth, b"WebPush: info\0" + self._public + key, 32)
        content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, record, None)
        text, delimiter = padded.rstrip(b"\0")[:-1], padded.rstrip(b"\0")[-1:]
        # the delimiter of the last record
        assert delimiter == b"\2"
        return json.loads(text)

    @property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
