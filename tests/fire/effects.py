"""What the calls of a history did: all calls with one key together, by what was told and what was kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from fire.history import Operation, told
from fire.pair_machine import READS, SEARCHES
from fire.rows_at_the_end import Rows


@dataclass(frozen=True)
class Violation:
    """Something that must not be."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


@dataclass(frozen=True)
class Effect:
    """What took effect, or may have: at one moment between two times."""

    operations: list[Operation]
    """Those with its key, or the one without."""
    invoked: float
    completed: float
    """Infinite if nobody was told."""
    answer: Any = None
    """None: nobody knows it."""
    is_required: bool = True
    """Whether it took effect beyond doubt."""

    @property
    def first(self) -> Operation:
        return self.operations[0]

    @property
    def offered(self) -> str | None:
        """The match that its answer offers to the caller."""
        if self.first.call not in SEARCHES or self.answer is None:
            return None
        return (self.answer.get("next_match") or self.answer).get("match_id")

    def __str__(self) -> str:
        return told(self.operations)


def effects_of(operations: Iterable[Operation], rows: Rows) -> tuple[list[Effect], list[Violation]]:
    """The effects of the calls that write, and where keys were not kept as they should be."""
    effects: list[Effect] = []
    violations: list[Violation] = []
    by_key: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.call in READS:
            continue
        if operation.key is not None:
            by_key[operation.person, operation.key].append(operation)
        elif operation.outcome == "unknown":
            effects.append(Effect([operation], operation.invoked, inf, is_required=False))
    for key, same in by_key.items():
        violations += [
            Violation(rule, f"{rows.keys.get(key)}\n{told(same)}") for rule in _broken(same, key, rows)
        ]
        effect = _effect(same, rows.keys.get(key))
        if effect:
            effects.append(effect)
    return effects, [*violations, *_kept_for_nobody(by_key, effects, rows)]


def _effect(same: list[Operation], kept: Any) -> Effect | None:
    """What the calls with one key did; None if nothing."""
    answered = [operation for operation in same if operation.outcome == "answered"]
    if not answered and kept is None:
        return None
    # without a first answer any of them may have done it: also one that lost an attempt and heard a replay
    firsts = [operation for operation in answered if not operation.replayed]
    may_have = [operation for operation in same if operation.outcome != "refused"]
    invoked = min(operation.invoked for operation in firsts or may_have or same)
    completed = min((operation.completed or inf for operation in answered), default=inf)
    return Effect(same, invoked, completed, answered[0].answer if answered else kept)


def _broken(same: list[Operation], key: tuple[str, str], rows: Rows) -> list[str]:
    """The rules of keys that are broken for one."""
    answered = [operation for operation in same if operation.outcome == "answered"]
    kept = rows.keys.get(key)
    broken = {
        "a key has one effect": sum(not operation.replayed for operation in answered) > 1,
        "a key has one answer": any(operation.answer != answered[0].answer for operation in answered),
        "an answer is kept under its key": bool(answered) and kept is None,
        "the kept answer is the one given": bool(answered)
        and kept is not None
        and not is_same(answered[0].answer, kept),
        "a refusal changes nothing": kept is not None
        and all(operation.outcome == "refused" for operation in same),
    }
    return [rule for rule, is_broken in broken.items() if is_broken]


def is_same(answer: Any, kept: Any) -> bool:
    """Whether an answer is the kept one, whose times may be written otherwise."""
    if isinstance(answer, dict) and isinstance(kept, dict):
        return all(name in kept and is_same(value, kept[name]) for name, value in answer.items())
    if isinstance(answer, str) and isinstance(kept, str) and answer != kept:
        try:
            return datetime.fromisoformat(answer) == datetime.fromisoformat(kept)
        except (ValueError, TypeError):
            return False
    return bool(answer == kept)


def _kept_for_nobody(
    by_key: Mapping[tuple[str, str], Any], effects: list[Effect], rows: Rows
) -> list[Violation]:
    """Kept answers whose key no caller knows are those of calls that nobody knows the outcome of."""
    kept = Counter(person for person, key in rows.keys if (person, key) not in by_key)
    unknown = Counter(effect.first.person for effect in effects if not effect.is_required)
    return [
        Violation(
            "a kept answer is that of a call",
            f"{person} has {times} under unknown keys, and made {unknown[person]} calls without an end",
        )
        for person, times in kept.items()
        if times > unknown[person]
    ]
