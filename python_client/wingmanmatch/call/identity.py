"""Whose rights a call has, and how PostgreSQL learns of it."""

import json
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from wingmanmatch.call.one_trip import Statement


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose rights a call has: a database role, and the claims of the access token it stands for."""

    role: str
    claims: str
    """A JSON object."""
    reads_only: bool = False
    """Whether its transactions are read-only."""

    @classmethod
    def user(cls, user_id: UUID | str, email: str | None = None) -> "Identity":
        """A signed-in user, with the e-mail address of the account if it is known."""
        claims = {"sub": str(user_id), "role": "authenticated"}
        if email is not None:
            claims["email"] = email
        return cls("authenticated", json.dumps(claims))

    @classmethod
    def service(cls) -> "Identity":
        """The operator's own servers, which can act on behalf of any user."""
        return cls("service_role", json.dumps({"role": "service_role"}))

    @classmethod
    def login(cls) -> "Identity":
        """The login itself, as an operator's: on behalf of any user, whom its calls name."""
        return cls("none", "")


IDENTITY: Final = ("role", "request.jwt.claims")
"""The settings that hold the caller's identity."""
READ_ONLY: Final = "transaction_read_only"
"""The setting of a transaction that may not write."""


def local_settings(*names: str, kept: str | None = None) -> Statement:
    """The statement that sets these for the rest of the transaction, each to a parameter.

    The one that may be ``kept`` stays as it is where its parameter is null.

    The names go into the text unescaped, so pass only names defined in this package.
    """
    settings = ",\n".join(
        f"    set_config('{name}', {value}, true)"
        for position, name in enumerate(names, 1)
        for value in [f"coalesce(${position}, current_setting('{name}'))" if name == kept else f"${position}"]
    )
    return Statement.of(f"select\n{settings}".encode())
