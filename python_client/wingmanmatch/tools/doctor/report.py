"""The results of checks."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """A difference from this release."""

    topic: str
    """What it is about, e.g. ``privileges`` or ``row level security``."""
    what: str
    """The object and what is wrong with it, in one line."""
    mend: str
    """SQL for the owner or a superuser, a command, or what to do."""


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is not a fault."""

    text: str


@dataclass
class Check:
    """One check's result."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_looked: str | None = None
    """Why the check could not be made, or only in part."""
