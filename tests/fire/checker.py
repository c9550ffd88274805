"""Judges a history: could all its answers be true, and are the rows at the end what they lead to?

An operation whose outcome nobody knows may have taken effect or not, at any time after it was invoked. Where
its key is known, the kept answers say which, for a call and its key are one transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from fire import pair_machine
from fire.effects import Effect, Violation, effects_of
from fire.history import Operation
from fire.linearizable import UndecidedError, find_order
from fire.rows_at_the_end import Rows
from fire.steps import ProfileStep, Steps, pair_of

MOST_NODES = 100_000
"""How much is tried to put the calls of two people into an order."""


@dataclass
class Judgement:
    """The violations, and how much was looked at."""

    violations: list[Violation]
    undecided: list[str] = field(default_factory=list)
    """The pairs and people of whom there were too many orders to try."""
    objects: int = 0
    """How many pairs and people had their calls put into an order."""
    steps: int = 0
    """How many calls that were."""


@dataclass(frozen=True)
class Order:
    """The calls that concern the same rows, which must have an order that leads to these."""

    rule: str
    whose: Any
    steps: Sequence[Any]
    initial: Any
    apply: Callable[[Any, Any], Any]
    end: Any
    is_end: Callable[[Any], bool]


def judge(history: Iterable[Operation], rows: Rows, most_nodes: int = MOST_NODES) -> Judgement:
    """Hold a history and the rows at its end against all rules."""
    operations = list(history)
    effects, violations = effects_of(operations, rows)
    steps = Steps(operations, effects, rows)
    violations += _missing(effects, rows)
    violations += _written(effects, rows)
    violations += _two_pending(effects, rows)
    violations += steps.matches_of_nobody()
    judgement = Judgement(violations)
    for order in _orders(steps):
        judgement.objects += 1
        judgement.steps += len(order.steps)
        try:
            stuck = find_order(order.steps, order.initial, order.apply, order.is_end, most_nodes)
        except UndecidedError as error:
            judgement.undecided.append(f"{order.whose}: {error}")
            continue
        if stuck:
            rest = "\n".join(f"    {step}" for step in stuck.remaining)
            what = (
                f"{order.whose}\n  from {stuck.state}\n  to the rows {order.end}\n  cannot come next:\n{rest}"
            )
            violations.append(Violation(order.rule, what))
    return judgement


def _orders(steps: Steps) -> Iterator[Order]:
    for pair, of_pair in steps.of_pairs().items():
        rows = steps.pair_at_the_end(pair)
        yield Order(
            "the calls of two people have an order",
            pair,
            of_pair,
            pair_machine.Pair(),
            pair_machine.apply,
            rows,
            lambda state, rows=rows: state.in_order() == rows,
        )
    for person, of_person in steps.of_profiles().items():
        bio = steps.bio_at_the_end(person)
        yield Order(
            "the profile calls of a person have an order",
            person,
            of_person,
            "",
            _apply_profile,
            bio,
            lambda state, bio=bio: state == bio,
        )


def _apply_profile(bio: str, step: ProfileStep) -> str | None:
    return step.bio if not step.is_pure or step.bio == bio else None


def _missing(effects: list[Effect], rows: Rows) -> Iterator[Violation]:
    """What was acknowledged has its row."""
    for effect in effects:
        makes_session = effect.first.call == "create_session" and effect.answer
        session_id = effect.answer["id"] if makes_session else None
        if session_id and session_id not in rows.sessions:
            yield Violation("an acknowledged effect is there", f"session {session_id} is missing\n{effect}")
        if effect.offered and effect.offered not in rows.matches:
            yield Violation("an acknowledged effect is there", f"match {effect.offered} is missing\n{effect}")


def _written(effects: list[Effect], rows: Rows) -> Iterator[Violation]:
    """A call that writes a text of its own has written it once if it took effect, and else not at all."""
    sessions = rows.sessions.values()
    for call, argument, found in (
        ("create_session", "venue_name", Counter(session.venue_name for session in sessions)),
        ("cancel_session", "reason", Counter(session.reason for session in sessions if session.reason)),
        ("report_user", "reason", rows.reports),
    ):
        by = {effect.first.arguments[argument]: effect for effect in effects if effect.first.call == call}
        for text, times in found.items():
            if text not in by:
                yield Violation("a refusal changes nothing", f"{call} left {times} rows with {text}")
            elif times > 1:
                yield Violation("a call has at most one effect", f"{times} rows\n{by[text]}")
        for text, effect in by.items():
            # a session that was cancelled before keeps its reason
            if effect.is_required and not found[text] and call != "cancel_session":
                yield Violation("an acknowledged effect is there", f"no row\n{effect}")


def _two_pending(effects: list[Effect], rows: Rows) -> Iterator[Violation]:
    """Nobody had two matches of which both were pending beyond doubt."""
    closing: dict[Any, list[Effect]] = defaultdict(list)
    for effect in effects:
        arguments = effect.first.arguments
        if effect.first.call == "respond_to_match":
            closing[arguments["match_id"]].append(effect)
        elif effect.first.call == "block_user":
            closing[pair_of(effect.first.person, arguments["subject_id"])].append(effect)
    held: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for effect in effects:
        match = rows.matches.get(effect.offered or "")
        if match and effect.completed < inf:
            closers = [*closing[effect.offered], *closing[match.pair]]
            # what ended before the offer cannot have closed it
            until = min((c.invoked for c in closers if c.completed >= effect.invoked), default=inf)
            if effect.completed < until:
                for person in match.pair:
                    held[person].append((effect.completed, until, str(effect.offered)))
    for person, spans in held.items():
        last, whose = -inf, ""
        for begin, until, match_id in sorted(spans):
            if match_id != whose and begin < last:
                yield Violation("nobody has two pending matches", f"{person}: {whose} and {match_id}")
            if until > last:
                last, whose = until, match_id
