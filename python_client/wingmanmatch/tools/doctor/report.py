"""What a check may come to."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something that is not as this release has it."""

    topic: str
    """What it is about, e.g. ``privileges`` or ``row level security``."""
    what: str
    """The object and what is wrong with it, in one line."""
    mend: str
    """SQL for the owner or a superuser, a command, or what to do."""


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is no fault."""

    text: str


@dataclass
class Check:
    """One check's result."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_looked: str | None = None
    """Why the check could not look, or not at all of it."""
