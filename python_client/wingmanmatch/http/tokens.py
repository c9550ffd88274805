"""Access tokens: JWTs as Supabase issues them, signed with a shared secret or a published key."""

import json
from dataclasses import dataclass
from typing import Any, Final

import jwt

from wingmanmatch.http.keys import KeysUnavailableError, PublishedKeys
from wingmanmatch.http.settings import Settings

ROLES: Final = frozenset({"anon", "authenticated", "service_role"})
"""What a token may be for."""

_SHARED: Final = "HS256"
_PUBLISHED: Final = {"RS256": "RSA", "ES256": "EC"}
"""The algorithms of published keys, each with the one kind of key that it may use."""


class InvalidTokenError(Exception):
    """The token does not hold. What is wrong with it is nobody's business."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks."""

    role: str
    claims: str
    """The token's claims, as a JSON object."""


ANON: Final = Identity("anon", '{"role": "anon"}')
"""Somebody without a token."""


class Tokens:
    """Tells who a token stands for."""

    def __init__(self, settings: Settings, keys: PublishedKeys) -> None:
        self._settings = settings
        self._keys = keys

    async def identity(self, token: str) -> Identity:
        """Who somebody with this token is.

        Raises:
            InvalidTokenError: it does not hold.
            KeysUnavailableError: nobody can say at the moment.
        """
        if self._settings.anon_key is not None and token == self._settings.anon_key:
            return ANON
        try:
            return self._identity(await self._claims(token))
        except KeysUnavailableError:
            raise
        except Exception as error:
            # whatever is wrong: of a hostile text the libraries may raise other errors than their own
            raise InvalidTokenError from error

    async def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        key: Any
        # the header only chooses among what is configured; a key serves no algorithm but its own
        if algorithm == _SHARED and self._settings.jwt_secret:
            key = self._settings.jwt_secret
        elif algorithm in _PUBLISHED:
            key = await self._keys.find(header.get("kid"), _PUBLISHED[algorithm], algorithm)
        else:
            raise InvalidTokenError
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self._settings.jwt_issuer,
            leeway=self._settings.jwt_leeway_seconds,
            # the audience is looked at below: the keys of a project have none
            options={
                "require": ["exp", "role"],
                "verify_aud": False,
                "verify_iat": False,
                "verify_sub": False,
            },
        )

    def _identity(self, claims: dict[str, Any]) -> Identity:
        role = claims["role"]
        if not isinstance(role, str) or role not in ROLES:
            raise InvalidTokenError
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        may_lack_audience = audience is None and role != "authenticated"
        if not may_lack_audience and self._settings.jwt_audience not in audiences:
            raise InvalidTokenError
        return Identity(role, json.dumps(claims))
