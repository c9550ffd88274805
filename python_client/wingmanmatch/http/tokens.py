"""Access tokens: JWTs as Supabase issues them, signed with a shared secret or a published key."""

import json
from dataclasses import dataclass
from functools import lru_cache
from time import time
from typing import Any, Final

import jwt

from wingmanmatch.call.identity import Identity
from wingmanmatch.http.keys import KeysUnavailableError, PublishedKeys
from wingmanmatch.http.settings import Settings

ROLES: Final = frozenset({"anon", "authenticated", "service_role"})
"""What a token may be for."""

_SHARED: Final = "HS256"
_PUBLISHED: Final = {"RS256": "RSA", "ES256": "EC"}
"""The algorithms of published keys, each with the one kind of key that it may use."""

_MOST_KNOWN: Final = 4096
"""How many verified tokens are remembered."""


class InvalidTokenError(Exception):
    """The token is invalid. The reason is for the log; callers are deliberately not told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_REASONS: Final = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_valid_yet"),
    (jwt.InvalidSignatureError, "wrong_key"),
    (jwt.InvalidIssuerError, "wrong_issuer"),
    (jwt.MissingRequiredClaimError, "missing_claim"),
)


ANON: Final = Identity("anon", '{"role": "anon"}')
"""A caller without a token."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A token that was verified."""

    identity: Identity
    key: Any
    """The key that has verified it; under any other key it must be verified again."""
    expires: int


class Tokens:
    """Finds out for whom a token was issued."""

    def __init__(self, settings: Settings, keys: PublishedKeys) -> None:
        self._settings = settings
        self._keys = keys
        # the audience is checked below: the keys of a project have none
        self._jwt = jwt.PyJWT({"require": ["exp", "role"], "verify_aud": False, "verify_sub": False})
        self._known: dict[str, _Known] = {}

    async def identity(self, token: str) -> Identity:
        """The caller with this token.

        Raises:
            InvalidTokenError: it is invalid.
            KeysUnavailableError: it cannot be verified at the moment.
        """
        if self._settings.anon_key is not None and token == self._settings.anon_key:
            return ANON
        try:
            algorithm, key_id = _header(token.partition(".")[0])
            key = await self._key(algorithm, key_id)
            known = self._known.get(token)
            if known is None or known.key is not key:
                known = self._verified(token, key, algorithm)
                self._remember(token, known)
            elif known.expires <= time() - self._settings.jwt_leeway_seconds:
                raise InvalidTokenError("expired")
            return known.identity
        except (InvalidTokenError, KeysUnavailableError):
            raise
        except Exception as error:
            # any error: for a hostile text the libraries may raise other errors than their own
            reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), "malformed")
            raise InvalidTokenError(reason) from error

    async def _key(self, algorithm: Any, key_id: Any) -> Any:
        # the header only chooses among the configured keys; a key works with its own algorithm only
        if algorithm == _SHARED and self._settings.jwt_secret:
            return self._settings.jwt_secret
        if algorithm in _PUBLISHED:
            return await self._keys.find(key_id, _PUBLISHED[algorithm], algorithm)
        raise InvalidTokenError("algorithm_not_accepted")

    def _verified(self, token: str, key: Any, algorithm: str) -> _Known:
        claims = self._jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self._settings.jwt_issuer,
            leeway=self._settings.jwt_leeway_seconds,
        )
        return _Known(self._identity(claims), key, int(claims["exp"]))

    def _identity(self, claims: dict[str, Any]) -> Identity:
        role = claims["role"]
        if not isinstance(role, str) or role not in ROLES:
            raise InvalidTokenError("unknown_role")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        may_lack_audience = audience is None and role != "authenticated"
        if not may_lack_audience and self._settings.jwt_audience not in audiences:
            raise InvalidTokenError("wrong_audience")
        return Identity(role, json.dumps(claims))

    def _remember(self, token: str, known: _Known) -> None:
        if len(self._known) >= _MOST_KNOWN:
            # the oldest entry
            del self._known[next(iter(self._known))]
        self._known[token] = known


@lru_cache(maxsize=64)
def _header(segment: str) -> tuple[Any, Any]:
    """The algorithm and the key id in a token's first segment, which all tokens of a key share."""
    header = jwt.get_unverified_header(f"{segment}..")
    return header.get("alg"), header.get("kid")
