"""What the HTTP layer is told before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

MIN_SECRET_BYTES: Final = 32
"""HS256 asks for a secret at least as long as its hash."""


class UnsafeSettingsError(ValueError):
    """The layer would not be safe like this, so it does not start."""


@dataclass(frozen=True)
class Settings:
    """How the layer runs. Secrets are left out where it is printed."""

    database_url: str = field(repr=False)
    """Where it logs in, as ``authenticator``: neither a superuser nor the owner."""
    jwt_secret: str | None = field(default=None, repr=False)
    """What HS256 tokens are signed with."""
    jwks_url: str | None = None
    """Where the public keys of RS256 and ES256 tokens are, as a JWKS."""
    jwks: Mapping[str, Any] | None = None
    """These public keys themselves."""
    jwt_audience: str = "authenticated"
    """The ``aud`` of people's tokens."""
    jwt_issuer: str | None = None
    """The ``iss`` of all tokens, where it is to be checked."""
    jwt_leeway_seconds: float = 30.0
    """By how much ``exp`` and ``nbf`` may be off, as clocks are."""
    anon_key: str | None = field(default=None, repr=False)
    """A text, no token, that a frontend may send as its key; it means ``anon``."""
    cors_origins: tuple[str, ...] = ()
    """The web origins that browsers may call from; ``*`` is any."""
    max_body_bytes: int = 65_536
    max_header_bytes: int = 16_384
    """All of a request's headers together."""
    request_timeout_seconds: float = 10.0
    """How long a statement may take; also how long a body may take to arrive."""
    pool_size: int = 10
    """How many connections to the database there are at most."""
    prepare: bool = True
    """Whether statements are prepared, which a pooler of transactions may not allow."""
    max_waiting: int = 100
    """How many calls may wait for one of these; those beyond are refused at once."""
    pool_timeout_seconds: float = 5.0
    """How long a call waits for a connection."""
    jwks_max_age_seconds: float = 600.0
    """After which time the keys are fetched again."""
    jwks_min_age_seconds: float = 30.0
    """Before which time they are not, whatever unknown key a token names."""
    readiness_max_age_seconds: float = 5.0
    """For how long the answer about the database's state is kept."""
    demo: bool = False
    """Whether this is a demo with a database of its own, whose page may sign tokens for its people."""

    def __post_init__(self) -> None:
        if not (self.jwt_secret or self.jwks_url or self.jwks):
            raise UnsafeSettingsError("No key to verify tokens with: give a JWT secret, a JWKS URL or a JWKS")
        if self.jwt_secret and len(self.jwt_secret.encode()) < MIN_SECRET_BYTES:
            raise UnsafeSettingsError(f"The JWT secret must have at least {MIN_SECRET_BYTES} bytes")
        if self.jwks_url and not self.jwks_url.startswith(("https://", "http://")):
            raise UnsafeSettingsError("The JWKS URL must be https:// or http://")
        if not 0 < self.request_timeout_seconds < inf:
            raise UnsafeSettingsError("A call must have a time limit")
        if self.jwt_secret and self.anon_key == self.jwt_secret:
            raise UnsafeSettingsError("The key of the frontend must not be the JWT secret")
