"""Web push (RFC 8030): encrypted for the browser (RFC 8291), signed with the operator's key (RFC 8292)."""

import binascii
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher, WebPushException

from wingmanmatch.deliver.addresses import AddressNotAllowedError, checked_endpoint
from wingmanmatch.deliver.delivery import SENT, Delivery, Result, failed, gone, retry
from wingmanmatch.deliver.posting import EXPECTED, Answer, Poster, code_of

_GONE: Final = (404, 410)
_FAILED: Final = (400, 413)
"""The message would be refused again: it is malformed or too long."""

_MAX_PAYLOAD_BYTES: Final = 3_993
"""What fits into the one record of RFC 8291; push services need not take more."""
_LONGEST: Final = timedelta(weeks=4)
"""No push service keeps a message for longer."""
_URGENT: Final = timedelta(hours=2)
"""What is of no use after this time wakes a device that saves its battery."""

_TOKEN_SECONDS: Final = 12 * 3600
"""The lifetime of a token of ours; RFC 8292 allows a day."""
_RENEWED_SECONDS: Final = 3600
"""How long before its end a token is replaced."""
_MAX_TOKENS: Final = 1000


class VapidKeyError(ValueError):
    """The private key is not one for VAPID, or the contact is not an address to write to."""


class Vapid:
    """Proves to push services that we are who the browser has subscribed to.

    Args:
        private_key: a key of the curve P-256: base64url as web push libraries print it, or PEM.
        contact: whom a push service can write to: ``mailto:`` or ``https://``.

    Raises:
        VapidKeyError: they are not.
    """

    def __init__(self, private_key: str, contact: str) -> None:
        try:
            if "-----BEGIN" in private_key:
                self._key = Vapid02.from_pem(private_key.strip().encode())
            else:
                self._key = Vapid02.from_string(private_key.strip())
            self._key.sign({"sub": contact, "aud": "https://push.example"})
        except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
            raise VapidKeyError("The VAPID key must be a private key of the curve P-256") from error
        except VapidException as error:
            raise VapidKeyError("The VAPID contact must be mailto:… or https://…") from error
        self._contact = contact
        self._headers: dict[str, tuple[str, float]] = {}

    def authorization(self, audience: str) -> str:
        """The header for a push service, its origin given."""
        now = time()
        header, until = self._headers.get(audience, ("", 0.0))
        if until - now < _RENEWED_SECONDS:
            until = now + _TOKEN_SECONDS
            claims = {"sub": self._contact, "aud": audience, "exp": int(until)}
            header = str(self._key.sign(claims)["Authorization"])
            if len(self._headers) >= _MAX_TOKENS:
                self._headers.clear()
            self._headers[audience] = header, until
        return header


class WebPushChannel:
    """Sends to the push services of users' browsers.

    Args:
        poster: with a network that connects to public addresses only.
        vapid: signs.
    """

    name: Final = "web_push"

    def __init__(self, poster: Poster, vapid: Vapid) -> None:
        self._poster = poster
        self._vapid = vapid

    async def aclose(self) -> None:
        """Close the connections."""
        await self._poster.aclose()

    def host(self, delivery: Delivery) -> str | None:
        """The push service: one that hangs must not take all the room."""
        try:
            return checked_endpoint(delivery.target["endpoint"]).host
        except AddressNotAllowedError:
            return None

    async def send(self, delivery: Delivery) -> Result:
        """Make an attempt."""
        try:
            url = checked_endpoint(delivery.target["endpoint"])
        except AddressNotAllowedError:
            return failed("address_not_allowed")
        plain = payload(delivery)
        if len(plain) > _MAX_PAYLOAD_BYTES:
            return failed("too_long")
        try:
            body = encrypted(delivery.target, plain)
        except (WebPushException, ValueError, TypeError):
            return gone("key_not_valid")
        headers = {
            "Authorization": self._vapid.authorization(f"https://{url.raw_host.decode()}"),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            **instructions(delivery, datetime.now(UTC)),
        }
        try:
            answer = await self._poster.post(url, headers, body)
        except EXPECTED as error:
            return retry(code_of(error))
        return result_of(answer)


def result_of(answer: Answer) -> Result:
    """What the answer of a push service means."""
    if answer.is_success:
        return SENT
    if answer.status in _GONE:
        return gone(answer.code)
    # 401 and 403 are about our key or our clock, which an operator can put right
    return failed(answer.code) if answer.status in _FAILED else answer.retry()


def payload(delivery: Delivery) -> bytes:
    """What the browser's service worker receives."""
    told = {
        "title": delivery.title,
        "body": delivery.body,
        "kind": delivery.kind,
        "notification_id": delivery.notification_id,
        "match_id": delivery.match_id,
        "session_id": delivery.session_id,
    }
    return json.dumps(told, default=str, ensure_ascii=False, separators=(",", ":")).encode()


def encrypted(target: dict[str, Any], plain: bytes) -> bytes:
    """The body of the request, which only the browser can read.

    Raises:
        WebPushException, ValueError: the keys of the browser are not valid.
    """
    keys = {"p256dh": target["p256dh"], "auth": target["auth"]}
    try:
        pusher = WebPusher({"endpoint": target["endpoint"], "keys": keys})
    except (IndexError, binascii.Error) as error:
        raise ValueError("keys") from error
    return bytes(pusher.encode(plain, "aes128gcm")["body"])


def instructions(delivery: Delivery, now: datetime) -> dict[str, str]:
    """What the push service is to do with the message while the browser cannot be reached."""
    left = _LONGEST if delivery.useful_until is None else delivery.useful_until - now
    left = max(timedelta(0), min(left, _LONGEST))
    headers = {"TTL": str(int(left.total_seconds())), "Urgency": "high" if left <= _URGENT else "normal"}
    if delivery.notification_id is not None:
        # a repetition replaces the message if that is still waiting
        topic = urlsafe_b64encode(delivery.notification_id.bytes).rstrip(b"=")
        headers["Topic"] = topic.decode()
    return headers
