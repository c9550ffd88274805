"""The oracle can fail: whichever rule the database breaks, the worlds of the thorough run show it."""

from functools import partial

import pytest
from breaking import not_breakable
from harness import Connection
from hypothesis import Phase, settings
from test_search_oracle import THOROUGH, compare
from wingmanmatch.database.paths import INSTALL_SQL

BROKEN_RULES = {
    # a broken rule: the function, a text in its file, and its replacement
    "the outer half of a ring is left out": (
        "find_candidate",
        "_inner := _outer;",
        "_inner := 2 * _outer;",
    ),
    "the search ends after 32 miles": (
        "find_candidate",
        "_inner < _radius loop",
        "_inner < _radius and _inner < 32 loop",
    ),
    "cells come in any order": ("cells_near", "order by d.miles", "order by k.grid_lat, k.grid_lng"),
    "the further half of a ring comes first": (
        "cells_near",
        "order by d.miles",
        "order by d.miles desc",
    ),
    "nobody is met across the date line": ("cells_near", "if _width < 18000", "if false"),
    "nobody is met across a pole": (
        "cells_near",
        "_width integer := 36000",
        "_width integer := 9000",
    ),
    "the equator is as narrow as a pole": (
        "cells_near",
        "degrees(asin(sin(_angle) / cos(_latitude)))",
        "degrees(_angle)",
    ),
    "the furthest row of cells is left out": (
        "cells_near",
        "ceil(degrees(_angle) * 100)",
        "floor(degrees(_angle) * 100) - 1",
    ),
    "the second of two equally near cells is not looked at": (
        "find_candidate",
        "_cell.miles > _miles",
        "true",
    ),
    "two places at a pole": ("tg_user_locations__place", "abs(g.lat) = 9000", "false"),
    "two places on the date line": ("tg_user_locations__place", "g.lng = -18000", "false"),
    "in a cell the shortest waiting comes first": (
        "first_in_cell",
        "order by s.waiting_since",
        "order by s.waiting_since desc",
    ),
    "in a cell the greater id comes first": (
        "first_in_cell",
        "s.user_id\n    limit",
        "s.user_id desc\n    limit",
    ),
    "in the own cell the shortest waiting comes first": (
        "lock_first_in_own_cell",
        "order by s.waiting_since",
        "order by s.waiting_since desc",
    ),
    "in the own cell the greater id comes first": (
        "lock_first_in_own_cell",
        "s.user_id\n    limit",
        "s.user_id desc\n    limit",
    ),
    "in the own cell levels do not matter": (
        "lock_first_in_own_cell",
        "abs(lock_first_in_own_cell.seeker.level - s.level)",
        "0",
    ),
    "in the own cell being found often does not matter": (
        "lock_first_in_own_cell",
        "s.exposures,\n            lock",
        "'{}',\n            lock",
    ),
    "in the own cell their history does not matter": (
        "lock_first_in_own_cell",
        "and p.obstacle is null",
        "",
    ),
    "the own cell is another one": (
        "lock_first_in_own_cell",
        "s.grid_lng = lock_first_in_own_cell.seeker.grid_lng",
        "s.grid_lng <> lock_first_in_own_cell.seeker.grid_lng",
    ),
    "between cells waiting does not matter": (
        "find_candidate",
        "(_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)",
        "_first.user_id < _candidate.user_id",
    ),
    "between cells the id does not matter": (
        "find_candidate",
        "(_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)",
        "_first.waiting_since < _candidate.waiting_since",
    ),
    "the tolerance widens a moment late": ("level_tolerance", "waiting_since <= ", "waiting_since < "),
    "the tolerance never widens": ("level_tolerance", "then 2", "then 1"),
    "the tolerance goes by the seeker's wait": (
        "first_in_cell",
        "least(_seeker.waiting_since, s.waiting_since)",
        "_seeker.waiting_since",
    ),
    "levels do not matter": ("first_in_cell", "abs(_seeker.level - s.level)", "0"),
    "one level too many fits": ("candidate_obstacle", "level_difference > ", "level_difference > 1 + "),
    "the cap comes one too late": (
        "candidate_obstacle",
        "exposure_window))[exposure_limit]",
        "exposure_window))[exposure_limit + 1]",
    ),
    "the cap does not look at the window": (
        "candidate_obstacle",
        "(wingman.recent_exposures(exposures, exposure_window))[",
        "(exposures)[",
    ),
    "their history does not matter": (
        "first_in_cell",
        "and p.obstacle is null",
        "",
    ),
    "an exposure as old as the window counts": (
        "recent_exposures",
        "<= statement_timestamp()",
        "< statement_timestamp()",
    ),
    "the seeker is found as well": (
        "tg_wingman_matches__track_insert",
        "s.user_id <> new.searched_by",
        "true",
    ),
    "nobody is found": ("tg_wingman_matches__track_insert", "s.user_id <> new.searched_by", "false"),
    "a block binds the blocker only": (
        "pair_obstacle",
        "b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id",
        "false",
    ),
    "a block binds the blocked only": (
        "pair_obstacle",
        "b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id",
        "false",
    ),
    "an accepted pair is matched again": ("pair_obstacle", "(m.status = 'accepted' and", "(false and"),
    "an ended pair stays apart": ("pair_obstacle", "and m.ended_at is null)", ")"),
    "exactly a week is too early": ("pair_obstacle", "m.created_at > ", "m.created_at >= "),
    "their distance does not matter": (
        "candidate_obstacle",
        "miles > max_travel_miles::double precision",
        "false",
    ),
    "a pause of the database's own is no pause": (
        "create_automatic_match",
        "not _seeker.paused_automatically",
        "true",
    ),
    "a suspension ends a moment late": (
        "is_suspended",
        "until > statement_timestamp()",
        "until >= statement_timestamp()",
    ),
    "whoever is suspended may search": (
        "create_automatic_match",
        "perform wingman.require_not_suspended(_me)",
        "null",
    ),
    "a cooldown ends a moment late": (
        "create_automatic_match",
        "_seeker.cooldown_until > ",
        "_seeker.cooldown_until >= ",
    ),
    "a cooldown leaves the next match after a decline": (
        "may_be_offered_next",
        "(s.cooldown_until is null or s.cooldown_until <= statement_timestamp())",
        "true",
    ),
    "the decliner keeps the waiting time": (
        "tg_wingman_matches__track",
        "s.user_id <> new.responded_by then s.waiting_since",
        "true then s.waiting_since",
    ),
}


def test_every_rule_can_still_be_broken(db: Connection) -> None:
    breaks = {name: partial(break_rule, db, *rule) for name, rule in BROKEN_RULES.items()}
    assert not_breakable(db, breaks) == {}


@pytest.mark.long
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_the_thorough_run_finds_a_broken_rule(rule: str, db: Connection) -> None:
    break_rule(db, *BROKEN_RULES[rule])
    with pytest.raises(AssertionError):
        compare(settings(THOROUGH, phases=[Phase.generate], print_blob=False), db)


def break_rule(db: Connection, function: str, old: str, new: str) -> None:
    found = INSTALL_SQL.parent.glob(f"**/{function}.sql")
    (file,) = (path for path in found if path.parent.name != "api")
    # without its triggers
    definition = file.read_text().partition("comment on")[0]
    assert definition.count(old) == 1, f"{function} has no single {old!r}"
    db.execute(definition.replace(old, new))
