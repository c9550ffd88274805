"""What a page of the leaderboard says, and to whom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from contract_errors import refused
from harness import Caller, RpcError
from leaderboard.boards import Board, around, assert_exact, complete, count, expected, page, revert, show
from rows import make_match, make_session

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ana(people):
    return people.add("Ana", city="Lisbon")


@pytest.fixture
def ben(people):
    return people.add("Ben", city="Lisbon")


def board_of(rpc, user_id, **arguments):
    return rpc.as_user(user_id).call("get_leaderboard", **{"period": "all_time", **arguments})


def listed(answer):
    return [(row["rank"], row["first_name"], row["count"], row["is_me"]) for row in answer["people"]]


def meet(db, ana, ben, times=1, start=MONDAY):
    """Complete a session with each other in so many weeks."""
    return [complete(db, ana, ben, start + timedelta(weeks=week)) for week in range(times)]


def test_nobody_is_on_it_before_opting_in(db, rpc, ana, ben):
    meet(db, ana, ben)
    assert board_of(rpc, ana) == {
        "period": "all_time",
        "starting": None,
        "total": 0,
        "my_rank": None,
        "my_count": 1,
        "my_visibility": "off",
        "people": [],
        "next_after": None,
    }


def test_a_completion_by_calls_is_on_it_at_once(db, rpc, ana, ben):
    match_id = make_match(db, ana, ben)
    session_id = make_session(db, match_id)
    rpc.as_user(ana).call("set_leaderboard_visibility", visibility="named")
    rpc.as_user(ben).call("set_leaderboard_visibility", visibility="nameless")
    for user_id in (ana, ben):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    answer = board_of(rpc, ben)
    assert listed(answer) == [(1, "Ana", 1, False), (1, None, 1, True)]
    assert (answer["total"], answer["my_rank"], answer["my_visibility"]) == (2, 1, "nameless")
    # what an operator takes back counts no longer
    told = {"session_id": session_id, "reason": "Never met"}
    rpc.as_admin().call("wingman_admin.revert_completion", **told)
    assert board_of(rpc, ben)["total"] == 0


def test_who_opts_out_takes_no_rank_and_comes_back_to_the_old_place(db, rpc, people, ana, ben):
    cem = people.add("Cem")
    meet(db, ana, cem, 2)
    meet(db, ben, people.add("Dan"), 2)
    for user_id in (ana, ben, cem):
        show(db, user_id)
    assert listed(board_of(rpc, ben)) == [(1, "Ana", 2, False), (1, "Ben", 2, True), (1, "Cem", 2, False)]
    show(db, ana, "off")
    assert listed(board_of(rpc, ben)) == [(1, "Ben", 2, True), (1, "Cem", 2, False)]
    assert board_of(rpc, ana)["my_rank"] is None
    show(db, ana)
    assert listed(board_of(rpc, ben))[0] == (1, "Ana", 2, False)


def test_competition_ranks(db, rpc, people, ana, ben):
    cem = people.add("Cem")
    meet(db, ana, ben, 2)
    meet(db, cem, people.add("Dan"))
    for user_id in (cem, ana, ben):
        show(db, user_id)
    assert listed(board_of(rpc, cem)) == [(1, "Ana", 2, False), (1, "Ben", 2, False), (3, "Cem", 1, True)]


def test_each_pair_counts_once_a_week(db, rpc, ana, ben):
    """By the week in UTC, from the first moment of Monday to the last of Sunday."""
    show(db, ana)
    complete(db, ana, ben, "2026-06-01 00:00:00Z")
    complete(db, ana, ben, "2026-06-07 23:59:59.999999Z")
    complete(db, ana, ben, "2026-06-08 02:00:00+05")
    assert board_of(rpc, ana)["my_count"] == 1
    complete(db, ana, ben, "2026-06-08 00:00:00Z")
    assert board_of(rpc, ana)["my_count"] == 2


def test_a_revert_counts_in_the_period_of_the_completion(db, rpc, ana, ben):
    show(db, ana)
    first, again = (complete(db, ana, ben, MONDAY + timedelta(days=day)) for day in (0, 1))
    revert(db, first)
    assert board_of(rpc, ana, period="week", starting="2026-06-03")["total"] == 1
    count(db)
    revert(db, again)
    for period in ("week", "month"):
        assert board_of(rpc, ana, period=period, starting="2026-06-03")["my_count"] == 0
    assert board_of(rpc, ana)["total"] == 0


@pytest.mark.parametrize("is_read", [True, False])
def test_a_week_in_which_the_month_ends(db, rpc, ana, ben, is_read):
    """One pair in one week: in both months, and once in the week and in all time."""
    show(db, ana)
    complete(db, ana, ben, "2026-06-30 23:59:59.999999Z")
    complete(db, ana, ben, "2026-07-01 00:00:00Z")
    if is_read:
        count(db)
    for period, day, starting in (
        ("month", "2026-06-15", "2026-06-01"),
        ("month", "2026-07-31", "2026-07-01"),
        ("week", "2026-07-05", "2026-06-29"),
        ("all_time", None, None),
    ):
        answer = board_of(rpc, ana, period=period, starting=day)
        assert (answer["starting"], answer["my_count"], answer["total"]) == (starting, 1, 1)
    assert board_of(rpc, ana, period="week", starting="2026-07-06")["total"] == 0


def test_without_a_day_it_is_the_present_period(db, rpc, ana, ben):
    show(db, ana)
    complete(db, ana, ben)
    today = datetime.now(UTC).date()
    week = board_of(rpc, ana, period="week")
    month = board_of(rpc, ana, period="month")
    assert week["starting"] == str(today - timedelta(days=today.weekday()))
    assert month["starting"] == str(today.replace(day=1))
    assert (week["my_rank"], month["my_rank"]) == (1, 1)


@pytest.mark.parametrize("day", ["1970-01-01", "2100-06-01", "9999-12-31"])
def test_a_period_in_which_nobody_met_is_empty(db, rpc, ana, ben, day):
    show(db, ana)
    complete(db, ana, ben)
    for period in ("week", "month"):
        answer = board_of(rpc, ana, period=period, starting=day)
        assert (answer["total"], answer["people"], answer["my_count"]) == (0, [], 0)


class TestNames:
    def test_a_name_is_the_current_one(self, db, rpc, ana, ben):
        meet(db, ana, ben)
        show(db, ana)
        db.execute("update public.user_profiles set first_name = 'Anna' where id = %s", [ana])
        assert listed(board_of(rpc, ben)) == [(1, "Anna", 1, False)]

    @pytest.mark.parametrize("blocks", [0, 1])
    def test_across_a_block_either_way_a_row_has_none(self, db, rpc, ana, ben, blocks):
        meet(db, ana, ben)
        show(db, ana)
        blocker, blocked = ((ana, ben), (ben, ana))[blocks]
        rpc.as_user(blocker).call("block_user", subject_id=blocked)
        assert listed(board_of(rpc, ben)) == [(1, None, 1, False)]
        assert listed(board_of(rpc, ana)) == [(1, "Ana", 1, True)]
        rpc.as_user(blocker).call("unblock_user", subject_id=blocked)
        assert listed(board_of(rpc, ben)) == [(1, "Ana", 1, False)]

    def test_a_row_says_nothing_else(self, db, rpc, ana, ben):
        meet(db, ana, ben)
        show(db, ana)
        (row,) = board_of(rpc, ben)["people"]
        assert row.keys() == {"rank", "first_name", "count", "is_me"}


class TestSuspensions:
    @pytest.mark.parametrize("is_read", [True, False])
    def test_who_is_suspended_is_off_until_it_ends(self, db, rpc, ana, ben, is_read):
        meet(db, ana, ben)
        for user_id in (ana, ben):
            show(db, user_id)
        count(db)
        until = datetime.now(UTC) + timedelta(days=1)
        told = {"user_id": ana, "reason": "Rude"}
        rpc.as_admin().call("wingman_admin.suspend_user", until=until, **told)
        if is_read:
            count(db)
        assert listed(board_of(rpc, ben)) == [(1, "Ben", 1, True)]
        assert board_of(rpc, ana)["my_rank"] is None
        # nothing is written when its time comes
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute("update wingman.suspensions set ends_at = statement_timestamp()")
            db.execute(
                "update wingman.leaderboard_reviews set due_at = statement_timestamp() where isfinite(due_at)"
            )
        assert listed(board_of(rpc, ben)) == [(1, "Ana", 1, False), (1, "Ben", 1, True)]
        count(db)
        assert board_of(rpc, ben)["total"] == 2

    def test_a_lifted_one_counts_no_longer(self, db, rpc, ana, ben):
        meet(db, ana, ben)
        show(db, ana)
        rpc.as_admin().call("wingman_admin.suspend_user", user_id=ana, until=None, reason="Rude")
        count(db)
        rpc.as_admin().call("wingman_admin.lift_suspension", user_id=ana, reason="Sorry")
        assert board_of(rpc, ben)["total"] == 1


def test_who_was_erased_is_gone_and_begins_anew_off(db, rpc, people, ana, ben):
    meet(db, ana, ben)
    for user_id in (ana, ben):
        show(db, user_id)
    count(db)
    rpc.as_user(ana).call("erase_my_account", confirmation="erase")
    assert listed(board_of(rpc, ben)) == [(1, "Ben", 1, True)]
    rpc.as_service().call(
        "complete_profile", user_id=ana, first_name="Ana", experience_level="beginner", lat=0, lng=0
    )
    assert board_of(rpc, ana)["my_visibility"] == "off"
    # the ledger is kept, and so is the count; a new member comes last
    show(db, ana)
    assert listed(board_of(rpc, ben)) == [(1, "Ben", 1, True), (1, "Ana", 1, False)]


class TestCities:
    @pytest.fixture
    def crowd(self, db, people):
        """Five who are on the board of one city, however they write it."""
        cities = ("São Paulo", "são  paulo", "Sa\u0303o Paulo ", " SÃO PAULO", "São\tPaulo"[:3] + " Paulo")
        crowd = [people.add(f"P{place}", city=city) for place, city in enumerate(cities)]
        for user_id in crowd:
            complete(db, user_id, crowd[0] if user_id != crowd[0] else crowd[1], MONDAY)
            show(db, user_id)
        return crowd

    @pytest.mark.parametrize("is_read", [True, False])
    def test_it_is_the_current_one_whatever_the_case_and_the_blanks(self, db, rpc, crowd, is_read):
        if is_read:
            count(db)
        answer = board_of(rpc, crowd[0], city="sÃO  pAULO ")
        assert (answer["total"], answer["my_rank"]) == (5, 1)
        assert_exact(db, Board(crowd[0], city="são paulo"))
        # and from whoever looks from elsewhere, too
        db.execute("update public.user_locations set city = 'Rio' where user_id = %s", [crowd[0]])
        assert board_of(rpc, crowd[1], city="são paulo")["total"] == 0

    def test_fewer_than_the_minimum_are_not_shown(self, db, rpc, crowd):
        show(db, crowd[4], "off")
        answer = board_of(rpc, crowd[0], city="São Paulo")
        assert (answer["total"], answer["my_rank"], answer["people"]) == (0, None, [])
        db.execute("update wingman.settings set leaderboard_city_minimum = 4")
        assert board_of(rpc, crowd[0], city="São Paulo")["total"] == 4

    def test_somebody_without_a_location_is_in_no_city(self, db, rpc, crowd):
        db.execute("delete from public.user_locations where user_id = %s", [crowd[0]])
        db.execute("update wingman.settings set leaderboard_city_minimum = 1")
        answer = board_of(rpc, crowd[0], city="São Paulo", around_me=True)
        assert (answer["total"], answer["my_rank"], answer["people"]) == (4, None, [])


class TestPages:
    @pytest.fixture
    def crowd(self, db, people):
        """Seven with one to seven points, the most first, but for two who have the same."""
        partner = people.add("Zoe")
        crowd = [people.add(f"P{place}") for place in range(7)]
        for place, user_id in enumerate(crowd):
            meet(db, user_id, partner, 7 - place + (place == 3))
            show(db, user_id)
        return crowd

    @pytest.mark.parametrize("page_size", [1, 2, 3, 6, 7, 8])
    def test_around_me(self, db, crowd, page_size):
        for me in crowd:
            whole = expected(db, Board(me))
            answer = page(db, Board(me), around_me=True, page_size=page_size)
            assert answer["people"] == around(whole, page_size)
            last = answer["people"][-1] == whole["people"][-1]
            assert (answer["next_after"] is None) == last
            count(db, 3)

    def test_a_page_around_me_goes_on(self, db, rpc, crowd):
        first = board_of(rpc, crowd[3], around_me=True, page_size=3)
        second = board_of(rpc, crowd[3], after=first["next_after"], page_size=3)
        names = [row["first_name"] for row in first["people"] + second["people"]]
        assert names == ["P2", "P3", "P4", "P5", "P6"]
        assert second["next_after"] is None

    def test_it_goes_on_where_it_was_whatever_happens_above(self, db, rpc, crowd):
        first = board_of(rpc, crowd[0], page_size=3)
        show(db, crowd[1], "off")
        meet(db, crowd[6], crowd[0], 20, MONDAY + timedelta(weeks=20))
        second = board_of(rpc, crowd[0], after=first["next_after"], page_size=100)
        assert [(row["first_name"], row["rank"]) for row in second["people"]] == [
            ("P3", 3),
            ("P4", 5),
            ("P5", 6),
        ]

    def test_a_cursor_says_nothing(self, db, rpc, crowd):
        """No id, no count and no order; and it is for one caller and board only."""
        cursors = {
            board_of(rpc, crowd[0], page_size=1)["next_after"],
            board_of(rpc, crowd[1], page_size=1)["next_after"],
            board_of(rpc, crowd[0], page_size=1, period="month", starting="2026-06-01")["next_after"],
        }
        assert len(cursors) == 3
        assert {len(cursor) for cursor in cursors} == {64}


RULES = [
    ({"period": "year"}, "period", "must be all_time, month or week"),
    ({"starting": "2026-06-01"}, "starting", "must be left out for all_time"),
    *(
        ({"period": "week", "starting": day}, "starting", "must be between 1970-01-01 and 9999-12-31")
        for day in ("1969-12-31", "10000-01-01", "infinity", "-infinity", "5874897-12-31")
    ),
    ({"city": ""}, "city", "must be the name of a city"),
    ({"city": " \u200b"}, "city", "must be the name of a city"),
    ({"city": "x" * 101}, "city", "must be at most 100 characters"),
    ({"city": "a\u202eb"}, "city", "must not contain control characters"),
    ({"page_size": 0}, "page_size", "must be between 1 and 100"),
    ({"page_size": 101}, "page_size", "must be between 1 and 100"),
    *(
        ({"after": text}, "after", "must be next_after of a page of the same board")
        for text in ("", "x", "0" * 64)
    ),
    ({"after": "0" * 64, "around_me": True}, "after", "must be left out with around_me"),
]


@pytest.mark.every
@pytest.mark.parametrize(("arguments", "argument", "rule"), RULES)
def test_arguments_that_make_no_sense_are_refused(db, rpc, ana, arguments, argument, rule):
    with refused(db, "invalid_argument", argument=argument, rule=rule):
        board_of(rpc, ana, **arguments)


@pytest.mark.parametrize("argument", ["period", "around_me", "page_size"])
def test_what_may_not_be_null(db, rpc, ana, argument):
    with refused(db, "missing_argument", argument=argument):
        board_of(rpc, ana, **{argument: None})


@pytest.mark.parametrize(
    "other", [{"period": "month", "starting": "2026-06-01"}, {"city": "Lisbon"}, {"user": "ben"}]
)
def test_the_cursor_of_another_board_is_refused(db, rpc, people, ana, ben, other):
    db.execute("update wingman.settings set leaderboard_city_minimum = 1")
    meet(db, ana, ben)
    for user_id in (ana, ben):
        show(db, user_id)
    after = board_of(rpc, ana, page_size=1)["next_after"]
    assert [row["first_name"] for row in board_of(rpc, ana, after=after)["people"]] == ["Ben"]
    changed = after[:-1] + ("0" if after[-1] != "0" else "1")
    me = ben if other.pop("user", None) else ana
    for cursor, arguments in ((after, other), (changed, {})):
        if me == ana or cursor == after:
            with pytest.raises(RpcError) as refusal:
                board_of(rpc, me, after=cursor, **arguments)
            assert refusal.value.detail["argument"] == "after"


class TestAccess:
    def test_who_has_no_profile_is_refused(self, db, rpc, people):
        with refused(db, "profile_incomplete"):
            board_of(rpc, people.auth_only())

    def test_nobody_asks_for_another(self, db, rpc, ana, ben):
        with refused(db, "acting_for_another"):
            rpc.as_user(ana).call("get_leaderboard", period="week", user_id=ben)

    def test_operators_and_services_name_somebody(self, db, rpc, ana):
        with refused(db, "missing_argument", argument="user_id"):
            rpc.as_service().call("get_leaderboard", period="week")
        assert rpc.as_admin().call("get_leaderboard", period="week", user_id=ana)["total"] == 0

    def test_who_is_suspended_may_look(self, db, rpc, ana):
        db.execute("insert into wingman.suspensions (user_id) values (%s)", [ana])
        assert board_of(rpc, ana)["total"] == 0

    def test_it_can_be_read_in_a_read_only_transaction(self, rpc, ana):
        caller: Caller = rpc.as_user(ana)
        with caller.transaction():
            caller.connection.execute("set transaction read only, isolation level serializable")
            assert caller.call("get_leaderboard", period="week")["total"] == 0


def test_a_day_of_a_period_names_it(db, rpc, ana):
    """Any day: nobody has to know which Monday it was."""
    for day in (date(2026, 6, 1) + timedelta(days=number) for number in range(7)):
        assert board_of(rpc, ana, period="week", starting=day)["starting"] == "2026-06-01"
