"""Searches and next matches in random worlds against the oracle, which looks at everybody."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from harness import Connection
from hypothesis import HealthCheck, given, settings
from matching_rules import RULES
from oracle import Answer, Oracle
from plain_search import LEVELS
from worlds import World, worlds

THOROUGH = settings(
    max_examples=200,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
BRIEF = settings(THOROUGH, max_examples=50)
LONG = settings(THOROUGH, max_examples=5000, derandomize=False)
WHAT_DECIDES = {
    "nearness",
    "waiting",
    "waiting between places",
    "id",
    "id between places",
    "none",
    *(rule.obstacle for rule in RULES),
}


@pytest.mark.parametrize(
    "effort",
    [
        pytest.param(BRIEF, id="brief"),
        pytest.param(THOROUGH, marks=pytest.mark.exhaustive, id="thorough"),
        pytest.param(LONG, marks=pytest.mark.long, id="long"),
    ],
)
def test_the_search_finds_whom_the_oracle_finds(effort: settings, db: Connection) -> None:
    decided = compare(effort, db)
    # worlds in which a rule never mattered would prove nothing of it
    assert decided.keys() == WHAT_DECIDES
    assert 50 * min(decided.values()) >= effort.max_examples, decided


def compare(effort: settings, db: Connection) -> Counter[str]:
    """Play worlds and compare with the oracle; returns how often each rule decided."""
    decided = Counter[str]()
    db.execute(Path(__file__).with_name("play.sql").read_text())

    @effort
    @given(world=worlds())
    def in_every_world(world: World) -> None:
        answers = play(db, world)
        assert answers == Oracle(world, decided).answers()

    in_every_world()
    return decided


def play(db: Connection, world: World) -> list[Answer]:
    """What the database answers; nothing of the world is left."""
    with db.transaction(force_rollback=True):
        row = db.execute("select pg_temp.play(%s) as answers", [as_json(world)]).fetchone()
    assert row is not None
    return [plain(answer) for answer in row["answers"]]


def plain(answer: dict[str, Any]) -> Answer:
    """An answer in the oracle's words."""
    if "error" in answer:
        return answer
    shown = answer["next_match"] or {"buddy_user_id": None} if "next_match" in answer else answer
    buddy = {"message": answer["message"], "buddy": shown["buddy_user_id"] and UUID(shown["buddy_user_id"])}
    return {**buddy, "miles": answer["distance_miles"]} if "distance_miles" in answer else buddy


def as_json(world: World) -> str:
    def row(thing: Any) -> dict[str, Any]:
        return {name: value for name, value in vars(thing).items() if name != "people"}

    return json.dumps(
        {
            "relaxation": world.relaxation,
            "exposure_limit": world.exposure_limit,
            "people": [{**row(p), "experience_level": LEVELS[p.level - 1]} for p in world.people.values()],
            "meetings": [
                {**row(m), **dict(zip(("user1", "user2"), sorted(m.people), strict=True))}
                for m in world.meetings
            ],
            "rows": world.rows(),
            "searches": [row(search) for search in world.searches],
        },
        default=as_text,
    )


def as_text(value: timedelta | UUID) -> str:
    return str(value) if isinstance(value, UUID) else f"{value // timedelta(microseconds=1)} microseconds"
