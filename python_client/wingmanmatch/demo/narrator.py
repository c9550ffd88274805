"""Shows calls to people: who calls what, what the answer is, how long it takes."""

from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from wingmanmatch import (
    Achievement,
    Acknowledgement,
    AutomaticMatch,
    MatchDetails,
    MatchResponse,
    NoShowReport,
    Notification,
    NotificationCount,
    ProfileDetails,
    Reputation,
    SessionConfirmation,
    SessionDetails,
    WingmanError,
)

P = ParamSpec("P")
R = TypeVar("R")


class StoryError(Exception):
    """The database did not answer as the story expects."""


class Call(NamedTuple):
    """A call that was made."""

    who: str
    function: str
    milliseconds: float
    refusal: str | None


class Narrator:
    """Makes the calls of a story, one after the other, and keeps a record of them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.calls: list[Call] = []
        self.chapters = 0

    def chapter(self, title: str) -> None:
        """Begin the next chapter."""
        self.chapters += 1
        self.console.print()
        self.console.rule(f"[bold cyan]{self.chapters} · {title}", align="left", style="cyan")

    def say(self, text: str) -> None:
        """Print something between the calls; ``text`` may contain markup."""
        self.console.print(f"\n{text}")

    def ask(self, who: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the client for ``who``, and show it and its answer."""
        begun = perf_counter()
        answer = function(*args, **kwargs)
        self._show(who, function, kwargs, answer, begun)
        return answer

    def refused(
        self,
        expected: type[WingmanError],
        who: str,
        function: Callable[P, object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Call a method that the database must refuse by the error ``expected``.

        Raises StoryError if the database accepts the call.
        """
        begun = perf_counter()
        try:
            function(*args, **kwargs)
        except expected as error:
            self._show(who, function, kwargs, error, begun)
        else:
            raise StoryError(f"{name_of(function)} was not refused for {who}")

    def table(self) -> Table:
        """All calls with their times."""
        table = Table(title="Every call: one network round trip each", title_style="bold", box=None)
        table.add_column(justify="right", style="dim")
        table.add_column("who", style="bold")
        table.add_column("call", style="cyan")
        table.add_column("answer")
        table.add_column("ms", justify="right", style="magenta")
        for number, call in enumerate(self.calls, 1):
            answer = f"[yellow]{call.refusal}" if call.refusal else "[green]✓"
            table.add_row(str(number), call.who, call.function, answer, f"{call.milliseconds:.1f}")
        return table

    def _show(
        self,
        who: str,
        function: Callable[..., object],
        arguments: dict[str, object],
        answer: object,
        begun: float,
    ) -> None:
        milliseconds = (perf_counter() - begun) * 1000
        refusal = f"{answer.status} {answer.name}" if isinstance(answer, WingmanError) else None
        self.calls.append(Call(who, name_of(function), milliseconds, refusal))
        lines = Table.grid(padding=(0, 1), expand=True)
        lines.add_column(width=11, style="bold", no_wrap=True)
        lines.add_column(ratio=1)
        lines.add_column(justify="right", style="magenta", no_wrap=True)
        lines.add_row(f"  {who}", asked(name_of(function), arguments), f"{milliseconds:.1f} ms")
        for line in answered(answer):
            lines.add_row("", line)
        self.console.print(lines)


def asked(function: str, arguments: dict[str, object]) -> Text:
    """A call as it would be written."""
    told = ", ".join(f"{name}={brief(value)}" for name, value in arguments.items())
    return Text.assemble((function, "cyan"), (f"({told})", "dim"), no_wrap=True, overflow="ellipsis")


def answered(answer: object) -> list[Text]:
    """The outcome of a call: its gist, or the refusal and what to do about it."""
    if isinstance(answer, list) and any(isinstance(row, Notification) for row in answer):
        # as they came
        return [Text(f"→ {gist(row)}", "green") for row in reversed(answer)]
    if not isinstance(answer, WingmanError):
        return [Text(f"→ {gist(answer)}", "green")]
    refusal = Text(f"✗ {answer.status} {answer.name}: {answer.message}", "yellow")
    return [refusal, Text(f"  {answer.hint}", "dim")] if answer.hint else [refusal]


def name_of(function: Callable[..., object]) -> str:
    """The function's own name."""
    return str(getattr(function, "__name__", function))


def brief(value: object) -> str:
    """An argument in a few characters: an id by its last digits, a time without its date."""
    match value:
        case UUID():
            return f"…{value.hex[-6:]}"
        case datetime():
            return f"{value:%H:%M:%S}"
        case _:
            return repr(value)


def gist(answer: object) -> str:
    """An answer in one line."""
    match answer:
        case Acknowledgement() | AutomaticMatch() | MatchResponse() | SessionConfirmation():
            return answer.message
        case ProfileDetails():
            return f"{answer.first_name}, {answer.experience_level}, {availability(answer)}"
        case MatchDetails():
            accepted = (
                ", accepted by the buddy" if answer.status == "pending" and answer.accepted_by_buddy else ""
            )
            return f"match {answer.status}{accepted}, {miles(answer.distance_miles)} apart"
        case SessionDetails():
            return f"session {answer.status}{', both agree' if answer.agreed_at else ''}"
        case NoShowReport():
            return f"the report is {answer.status}"
        case Notification():
            return answer.message
        case NotificationCount():
            return f"{answer.unread or 'nothing'} unread"
        case [Achievement(), *_] as rows:
            earned = [row.title for row in rows if isinstance(row, Achievement) and row.earned_at]
            return f"earned: {', '.join(earned)}" if earned else "nothing earned yet"
        case [*rows]:
            return "; ".join(gist(row) for row in rows)
        case Reputation():
            return f"reputation {answer.score}, {answer.badge_color} badge"
        case _:
            return str(answer)


def availability(profile: ProfileDetails) -> str:
    """Whether somebody can be matched, or until when not."""
    if profile.cooldown_until:
        return f"no-shows {profile.no_shows}, cannot search until {profile.cooldown_until:%A %H:%M} UTC"
    return "can be matched"


def miles(distance: int | None) -> str:
    """A distance in words."""
    return "1 mile" if distance == 1 else f"{distance} miles"
