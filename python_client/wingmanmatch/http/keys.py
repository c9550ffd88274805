"""The keys that an issuer of tokens publishes (JWKS), cached for a while."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import jwt

from wingmanmatch.http.settings import Settings, UnsafeSettingsError

_MAX_BYTES: Final = 1_000_000
_TIMEOUT_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class KeysUnavailableError(Exception):
    """The keys have never been fetched, and cannot be now."""


class UnknownKeyError(ValueError):
    """There is no such key."""


class PublishedKeys:
    """The keys of a JWKS, given directly or by a URL.

    They are fetched when first needed, when they are old, and when a token names an unknown key, since it
    may be new. However many tokens name unknown keys, there is only one fetch per interval.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = monotonic) -> None:
        self._url = settings.jwks_url
        self._max_age = settings.jwks_max_age_seconds
        self._min_age = settings.jwks_min_age_seconds
        self._clock = clock
        self._keys = _read(settings.jwks) if settings.jwks else []
        if settings.jwks and not self._keys:
            raise UnsafeSettingsError("The JWKS has no public key that verifies signatures")
        self._fetched = False
        self._tried_at: float | None = None
        self._fetching = asyncio.Lock()

    async def fetch_first(self) -> None:
        """Fetch them before a token needs them, so that the log says early where that cannot be done."""
        if self._url:
            await self._fetch(self._max_age)
            if not self._fetched:
                # the first token tries again
                self._tried_at = None

    async def find(self, key_id: Any, kind: str, algorithm: str) -> Any:
        """A public key for verifying a signature of this algorithm.

        Args:
            key_id: the token's ``kid``; without one there must be one key of this kind only.
            kind: ``RSA`` or ``EC``.

        Raises:
            UnknownKeyError: there is no such key.
            KeysUnavailableError: the keys could not be fetched.
        """
        if self._url and self._is_older_than(self._max_age):
            await self._fetch(self._max_age)
        key = self._find(key_id, kind, algorithm)
        if key is None and self._url:
            # while one task fetches the keys, others wait for them here
            await self._fetch(self._min_age)
            key = self._find(key_id, kind, algorithm)
        if key is None:
            if self._url and not self._fetched and not self._keys:
                raise KeysUnavailableError
            raise UnknownKeyError
        return key.key

    def _place(self) -> str:
        """The host of the URL: the rest may be a secret."""
        return urlsplit(self._url or "").hostname or "nowhere"

    def _find(self, key_id: Any, kind: str, algorithm: str) -> jwt.PyJWK | None:
        fitting = [
            key
            for key in self._keys
            if key.key_type == kind
            and key.algorithm_name == algorithm
            and (key_id is None or key.key_id == key_id)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _is_older_than(self, seconds: float) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= seconds

    async def _fetch(self, age: float) -> None:
        assert self._url
        async with self._fetching:
            if not self._is_older_than(age):
                return  # another task has fetched them in the meantime
            self._tried_at = self._clock()
            try:
                async with asyncio.timeout(_TIMEOUT_SECONDS), httpx.AsyncClient(timeout=None) as client:
                    answer = await client.get(self._url)
                answer.raise_for_status()
                if len(answer.content) > _MAX_BYTES:
                    raise ValueError(f"The JWKS has more than {_MAX_BYTES} bytes")
                self._keys = _read(answer.json())
                self._fetched = True
            except (TimeoutError, httpx.HTTPError, ValueError) as error:
                # the current keys stay in use
                log.warning("The JWKS could not be fetched from %s: %s", self._place(), type(error).__name__)


def _read(jwks: Mapping[str, Any]) -> list[jwt.PyJWK]:
    """The public keys of a JWKS that verify signatures; secrets in it, and unknown kinds, are left out.

    Raises:
        ValueError: it is not a JWKS.
    """
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, list):
        raise ValueError('A JWKS is an object with the array "keys"')
    read = []
    for key in keys:
        if isinstance(key, Mapping) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig":
            try:
                read.append(jwt.PyJWK(dict(key)))
            except jwt.PyJWTError:
                log.warning("A key of the JWKS cannot be used")
    return read
