"""The links in e-mails: signed tokens, and the paths at which ``wingman serve`` takes them."""

from time import time
from typing import Any, Final
from uuid import UUID

import jwt

CONFIRM_PATH: Final = "/api/email/confirm"
UNSUBSCRIBE_PATH: Final = "/api/email/unsubscribe"
PARAMETER: Final = "token"
"""The parameter of the query that holds the token."""

_CONFIRM: Final = "email-confirmation"
_UNSUBSCRIBE: Final = "unsubscribe"
"""The audiences: a token is good for one kind of link only."""

_ALGORITHM: Final = "HS256"
_MAX_LENGTH: Final = 1000
"""No token that is signed here is nearly as long."""

# an audience is one text, not a list that may hold several
_JWT: Final = jwt.PyJWT({"strict_aud": True})


class InvalidLinkError(Exception):
    """The token of a link was not signed here, or not for this kind of link."""


class ExpiredLinkError(Exception):
    """The token of a link was signed here, for a time that is over."""


def sign_confirmation(key: str, address_id: UUID, lifetime_seconds: float) -> str:
    """The token of a link that confirms an e-mail address; it is valid for so long."""
    return _signed(key, {"aud": _CONFIRM, "sub": str(address_id), "exp": int(time() + lifetime_seconds)})


def sign_unsubscribe(key: str, user_id: UUID) -> str:
    """The token of a link that unsubscribes a user from e-mails; it does not expire."""
    return _signed(key, {"aud": _UNSUBSCRIBE, "sub": str(user_id)})


def verify_confirmation(key: str, token: str) -> UUID:
    """The id of the address that the link confirms.

    Raises:
        InvalidLinkError: the token is not one for this.
        ExpiredLinkError: it was.
    """
    return _verified(key, token, _CONFIRM, "aud", "sub", "exp")


def verify_unsubscribe(key: str, token: str) -> UUID:
    """The id of the user whom the link unsubscribes.

    Raises:
        InvalidLinkError: the token is not one for this.
    """
    return _verified(key, token, _UNSUBSCRIBE, "aud", "sub")


def link(base_url: str, path: str, token: str) -> str:
    """The URL to put into an e-mail.

    Args:
        base_url: where users reach ``wingman serve``, such as https://api.example.
        path: one of the two above.
        token: signed for that path.
    """
    return f"{base_url.rstrip('/')}{path}?{PARAMETER}={token}"


def _signed(key: str, claims: dict[str, Any]) -> str:
    return _JWT.encode(claims, key, _ALGORITHM)


def _verified(key: str, token: str, audience: str, *required: str) -> UUID:
    if len(token) > _MAX_LENGTH:
        raise InvalidLinkError
    try:
        claims = _JWT.decode(
            token, key, algorithms=[_ALGORITHM], audience=audience, options={"require": [*required]}
        )
        return UUID(claims["sub"])
    except jwt.ExpiredSignatureError:
        raise ExpiredLinkError from None
    except Exception as error:
        # any error: for a hostile text the library may raise other errors than its own
        raise InvalidLinkError from error
