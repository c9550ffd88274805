"""Nobody is found by the searches of others more often than the settings say."""

import pytest
from answers import at_one_instant
from matchmaking import CREATED, NEXT, match_rows, seeker_row
from rows import make_match

LIMIT = 10


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def was_found(db, user_id, *ago):
    """Let somebody have been found at these times ago, the earliest first."""
    db.execute(
        "update wingman.matchmaking_pool set exposures = array("
        " select statement_timestamp() - a from unnest(%s::interval[]) with ordinality as u (a, place)"
        " order by place) where user_id = %s",
        [list(ago), user_id],
    )


def exposures(db, user_id):
    return seeker_row(db, user_id)["exposures"]


def test_who_is_found_is_counted_and_who_searched_is_not(db, rpc, people):
    ana, ben = people.add(), people.add()
    search(rpc, ana)
    (match,) = match_rows(db)
    assert match["searched_by"] == ana
    assert (exposures(db, ana), exposures(db, ben)) == ([], [match["created_at"]])


def test_a_decline_s_next_match_counts_as_well(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    answer = rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="decline")
    assert (answer["message"], answer["next_match"]["buddy_user_id"]) == (NEXT, cem)
    assert [len(exposures(db, one)) for one in (ana, ben, cem)] == [0, 0, 1]


def test_a_match_written_by_hand_counts_for_nobody(db, people):
    ana, ben = people.add(), people.add()
    make_match(db, ana, ben, "pending")
    assert (exposures(db, ana), exposures(db, ben)) == ([], [])


@pytest.mark.parametrize(("times", "found"), [(LIMIT - 1, True), (LIMIT, False), (LIMIT + 1, False)])
def test_who_was_found_ten_times_in_a_day_is_left_out(db, rpc, people, times, found):
    ana, ben = people.add(), people.add()
    was_found(db, ben, *["23 hours"] * times)
    assert search(rpc, ana)["success"] is found


def test_the_next_one_is_found_instead(db, rpc, people):
    ana, ben, further = people.add(), people.add(), people.add(lat=38.80)
    was_found(db, ben, *["1 hour"] * LIMIT)
    assert search(rpc, ana)["buddy_user_id"] == further


def test_own_searches_go_on(db, rpc, people):
    ana, ben = people.add(), people.add()
    was_found(db, ana, *["1 hour"] * LIMIT)
    answer = search(rpc, ana)
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, ben)


@pytest.mark.parametrize(("oldest", "found"), [("23:59:59.999999", False), ("24:00", True)])
def test_the_window_ends_after_exactly_a_day(db, people, oldest, found):
    ana, ben = people.add(), people.add()
    ago = ", ".join(
        f"statement_timestamp() - interval '{ago}'" for ago in [oldest, *["1 hour"] * (LIMIT - 1)]
    )
    answer = at_one_instant(
        db,
        f"public.create_automatic_match(user_id => '{ana}')",
        first=f"update wingman.matchmaking_pool set exposures = array[{ago}] where user_id = '{ben}'",
    )
    assert answer["success"] is found


@pytest.mark.parametrize(("outside", "forgotten"), [(17, 0), (18, 18), (40, 40)])
def test_what_lies_outside_the_window_is_forgotten_by_the_find_after_the_twentieth(
    db, rpc, people, outside, forgotten
):
    ana, ben = people.add(), people.add()
    was_found(db, ben, *["25 hours"] * outside, "23 hours", "1 hour")
    kept = exposures(db, ben)[forgotten:]
    search(rpc, ana)
    assert exposures(db, ben) == [*kept, match_rows(db)[0]["created_at"]]


def test_what_lies_within_the_window_is_never_forgotten(db, rpc, people):
    ana, ben = people.add(), people.add()
    db.execute("update wingman.settings set exposure_limit = 1000")
    was_found(db, ben, *["23 hours"] * 50)
    kept = exposures(db, ben)
    search(rpc, ana)
    assert exposures(db, ben) == [*kept, match_rows(db)[0]["created_at"]]


def test_limit_and_window_are_those_of_the_settings(db, rpc, people):
    ana, ben = people.add(), people.add()
    db.execute("update wingman.settings set exposure_limit = 2, exposure_window = interval '3 hours'")
    was_found(db, ben, "4 hours", "2 hours", "1 hour")
    assert search(rpc, ana)["success"] is False
    was_found(db, ben, "4 hours", "3 hours", "1 hour")
    assert search(rpc, ana)["success"] is True


def test_by_calls_alone(db, rpc, people):
    """The eleventh searcher of a day finds nobody."""
    star = people.add("Star")
    found = []
    for _ in range(LIMIT + 1):
        searcher = people.add()
        answer = search(rpc, searcher)
        found.append(answer["buddy_user_id"])
        if answer["success"]:
            rpc.as_user(star).call("respond_to_match", match_id=answer["match_id"], action="accept")
        rpc.as_user(searcher).call("pause_matching")
    assert found == [star] * LIMIT + [None]
    assert len(exposures(db, star)) == LIMIT
    # the star's own search counts for whom it finds
    newcomer = people.add()
    assert search(rpc, star)["buddy_user_id"] == newcomer
