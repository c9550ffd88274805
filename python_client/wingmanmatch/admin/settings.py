"""How the process runs."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

HOST: Final = "127.0.0.1"
"""Nobody on another machine can reach it."""


@dataclass(frozen=True)
class Settings:
    """How the process runs. Its printed form leaves secrets out.

    Raises:
        ValueError: a setting is not valid.
    """

    database_url: str = field(repr=False)
    """The database's URL, with the login of an operator."""
    writes: bool = False
    """Whether functions that change something may be called; otherwise the connections are read-only."""
    serve_url: str = field(default="", repr=False)
    """Where ``wingman serve`` is, for its metrics; empty: nobody says."""
    idle_seconds: float = 1800.0
    """How long the process stays without a call."""

    def __post_init__(self) -> None:
        """Check it. The message does not repeat a URL, which may contain a password."""
        if self.serve_url:
            try:
                parts = urlsplit(self.serve_url)
                is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            except ValueError:
                is_valid = False
            if not is_valid:
                raise ValueError("--serve-url must be a URL such as http://127.0.0.1:8000")
