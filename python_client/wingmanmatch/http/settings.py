"""The settings of the HTTP layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final
from urllib.parse import urlsplit

MIN_SECRET_BYTES: Final = 32
"""HS256 requires a secret at least as long as its hash."""


_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
"""What a browser leaves out of an origin."""


class UnsafeSettingsError(ValueError):
    """The layer would not be safe with these settings, so it does not start."""


@dataclass(frozen=True)
class Settings:
    """How the layer runs. Its printed form leaves secrets out."""

    database_url: str = field(repr=False)
    """The database's URL, with a login like ``authenticator``: neither a superuser nor the owner."""
    jwt_secret: str | None = field(default=None, repr=False)
    """The secret that signs HS256 tokens."""
    jwks_url: str | None = None
    """The URL of the public keys of RS256 and ES256 tokens, a JWKS."""
    jwks: Mapping[str, Any] | None = None
    """The public keys themselves, instead of their URL."""
    jwt_audience: str = "authenticated"
    """The ``aud`` of users' tokens."""
    jwt_issuer: str | None = None
    """The ``iss`` that all tokens must have; None: not checked."""
    jwt_leeway_seconds: float = 30.0
    """The tolerance for ``exp``, ``nbf`` and ``iat``, because clocks differ."""
    anon_key: str | None = field(default=None, repr=False)
    """A text, not a token, that a frontend may send as its key; it stands for ``anon``."""
    link_key: str | None = field(default=None, repr=False)
    """The secret that signs the links in e-mails; None: there are none, and their paths do not exist."""
    cors_origins: tuple[str, ...] = ()
    """The web origins from which browsers may call, such as ``https://app.example``; ``*`` means any."""
    max_body_bytes: int = 65_536
    max_header_bytes: int = 16_384
    """The limit for all headers of a request together."""
    request_timeout_seconds: float = 10.0
    """How long a statement may take; also how long a body may take to arrive."""
    pool_size: int = 10
    """The most connections to the database."""
    prepare: bool = True
    """Whether statements are prepared; a pooler in transaction mode may not support that."""
    max_waiting: int = 100
    """How many calls may wait for a connection; any more are refused at once."""
    max_waiting_of_one: int = 20
    """How many of them may be one user's."""
    pool_timeout_seconds: float = 5.0
    """How long a call waits for a connection."""
    jwks_max_age_seconds: float = 600.0
    """After this time the keys are fetched again."""
    jwks_min_age_seconds: float = 30.0
    """Before this time they are not, whatever unknown key a token names."""
    refusals_logged: int = 60
    """How many refusals of one user are written to the log in a minute; the others are counted."""
    readiness_max_age_seconds: float = 5.0
    """How long a database that was found at the revision of the release is not checked for it again."""
    max_streams: int = 10_000
    """The most streams of notifications that may be open."""
    max_streams_of_one: int = 5
    """The most streams that one user may have open."""
    heartbeat_seconds: float = 15.0
    """How often a stream sends a heartbeat."""
    poll_seconds: float = 0.1
    """How often to poll for new notifications, while anybody listens."""
    demo: bool = False
    """Whether this is a demo with its own database, whose page can sign tokens for its people."""

    def __post_init__(self) -> None:
        if not (self.jwt_secret or self.jwks_url or self.jwks):
            raise UnsafeSettingsError("No key to verify tokens with: give a JWT secret, a JWKS URL or a JWKS")
        if self.jwt_secret:
            check_secret("JWT secret", self.jwt_secret)
        if self.jwks_url and not self.jwks_url.startswith(("https://", "http://")):
            raise UnsafeSettingsError("The JWKS URL must be https:// or http://")
        for origin in self.cors_origins:
            _check_origin(origin)
        if not 0 < self.request_timeout_seconds < inf:
            raise UnsafeSettingsError("A call must have a time limit")
        if self.jwt_secret and self.anon_key == self.jwt_secret:
            raise UnsafeSettingsError("The key of the frontend must not be the JWT secret")
        if self.link_key:
            check_secret("link key", self.link_key)
            # whoever holds the one must not be able to sign what the other is for
            if self.link_key in (self.jwt_secret, self.anon_key):
                raise UnsafeSettingsError("The link key must be a secret of its own: make a new one")


def check_secret(name: str, secret: str) -> None:
    """Refuse a secret that is too short to sign tokens with.

    Raises:
        UnsafeSettingsError: it is.
    """
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise UnsafeSettingsError(f"The {name} must have at least {MIN_SECRET_BYTES} bytes")


def _check_origin(given: str) -> None:
    """Refuse what no browser sends as the origin of a page.

    Raises:
        UnsafeSettingsError: it is such a text; what may be meant is said.
    """
    if given in ("*", "null"):
        return
    try:
        parts = urlsplit(given if "//" in given else f"https://{given}")
        port = parts.port
    except ValueError:
        raise UnsafeSettingsError(f"No web page has the origin {given}: write https://host") from None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").encode("idna").decode()
    named = f"[{host}]" if ":" in host else host
    origin = f"{scheme}://{named}" if port in (None, _PORTS.get(scheme)) else f"{scheme}://{named}:{port}"
    if given != origin or not host:
        raise UnsafeSettingsError(
            f"No web page has the origin {given}: write {origin if host else 'https://host'}"
        )
