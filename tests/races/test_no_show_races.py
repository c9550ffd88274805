"""Calls that meet over a missed session: each report ends once, and each no-show counts once."""

from typing import Any
from uuid import UUID

import pytest
from fairness.noshows import let_pass
from harness import Connection, Rpc, RpcError
from races.race import Call, Contender, Operation, Race
from races.scene import Scene
from rows import ledger, session_row, update_session

MARKED = "No-show recorded: the reputation of the absent user was updated."
UPHELD = "No-show upheld: the reputation of who was absent was updated."
DISMISSED = "Report dismissed: no reputation changes."


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    """The one who reports, and the one who does not come."""
    return scene.pair()


@pytest.fixture
def missed(db: Connection, scene: Scene, pair: tuple[UUID, UUID]) -> UUID:
    """A session of an hour ago, to which both had committed."""
    return missed_by(db, scene, pair)


def missed_by(db: Connection, scene: Scene, pair: tuple[UUID, UUID]) -> UUID:
    session_id = scene.session(*pair)
    update_session(
        db,
        session_id,
        "scheduled_time = now() - interval '1 hour', proposed_by = user1_id,"
        " agreed_by = user2_id, agreed_at = now()",
    )
    return session_id


def report(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "report_no_show", session_id=session_id, reason="did_not_come")


def answer(race: Race, user_id: UUID, session_id: UUID, action: str) -> Call:
    return race.call(user_id, "answer_no_show", session_id=session_id, action=action)


def withdraw(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "withdraw_no_show", session_id=session_id)


def confirm(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "confirm_session_completion", session_id=session_id)


def cancel(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "cancel_session", session_id=session_id)


def decide(race: Race, session_id: UUID, *absent: UUID, by_another: bool = False) -> Operation:
    operation = race.others_operation if by_another else race.operation
    return operation(
        "wingman_admin.decide_no_show",
        session_id=session_id,
        outcome="uphold" if absent else "dismiss",
        absent_user_ids=[*absent] or None,
        reason="Seen",
    )


def mark(race: Race, session_id: UUID, absent: UUID) -> Operation:
    told = {"absent_user_id": absent, "reason": "Seen"}
    return race.operation("wingman_admin.mark_no_show", session_id=session_id, **told)


def revert(race: Race, session_id: UUID) -> Operation:
    return race.operation("wingman_admin.revert_completion", session_id=session_id, reason="Ill")


def reported(rpc: Rpc, user_id: UUID, session_id: UUID, *, contested_by: UUID | None = None) -> None:
    told = {"session_id": session_id, "reason": "did_not_come"}
    rpc.as_user(user_id).call("report_no_show", **told)
    if contested_by:
        rpc.as_user(contested_by).call("answer_no_show", session_id=session_id, action="contest")


def statuses(db: Connection) -> list[str]:
    rows = db.execute("select status from wingman.no_show_reports order by id")
    return [row["status"] for row in rows]


def counted(db: Connection) -> list[UUID]:
    """Whose no-shows the ledger counts."""
    return [row["user_id"] for row in ledger(db) if row["kind"] == "no_show"]


def assert_refused(outcome: Any, name: str, **context: Any) -> None:
    assert isinstance(outcome, RpcError), outcome
    assert outcome.detail == {"error": name, **context}


def deadlocks(db: Connection) -> int:
    row = db.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone()
    assert row
    number: int = row["deadlocks"]
    return number


@pytest.fixture(autouse=True)
def no_deadlock(db: Connection):
    before = deadlocks(db)
    yield
    # backends report within a second, or when they are closed, as all but this one are by now
    db.execute("select pg_stat_clear_snapshot()")
    assert deadlocks(db) == before


# An answer and a decision.


@pytest.mark.parametrize("action", ["admit", "contest"])
def test_a_decision_waits_for_an_answer(race, db, rpc, pair, missed, action) -> None:
    reported(rpc, pair[0], missed)
    let_pass(db, "48 hours")

    met = race.collide(answer(race, pair[1], missed, action), decide(race, missed, pair[1]))

    if action == "admit":
        assert met.first["status"] == "admitted"
        assert_refused(met.second, "no_show_already_decided", status="admitted")
        assert met.second_wrote == set()
    else:
        assert (met.first["status"], met.second["message"]) == ("contested", UPHELD)
    assert counted(db) == [pair[1]]


@pytest.mark.parametrize("action", ["admit", "contest"])
@pytest.mark.parametrize("upheld", [True, False])
def test_an_answer_waits_for_a_decision(race, db, rpc, pair, missed, action, upheld) -> None:
    reported(rpc, pair[0], missed)
    let_pass(db, "48 hours")

    absent = [pair[1]] if upheld else []
    met = race.collide(decide(race, missed, *absent), answer(race, pair[1], missed, action))

    status = "upheld" if upheld else "dismissed"
    assert_refused(met.second, "no_show_already_decided", status=status)
    assert met.second_wrote == set()
    assert (statuses(db), counted(db)) == ([status], absent)


def test_a_decision_comes_too_early_if_the_answer_is_rolled_back(race, db, rpc, pair, missed) -> None:
    reported(rpc, pair[0], missed)

    first = answer(race, pair[1], missed, "contest")
    met = race.collide(first, decide(race, missed, pair[1]), rolled_back=True)

    assert met.second.name == "no_show_answer_pending"
    assert (met.second_wrote, statuses(db)) == (set(), ["open"])


# A withdrawal and a decision.


def test_a_decision_waits_for_a_withdrawal(race, db, rpc, pair, missed) -> None:
    reported(rpc, pair[0], missed, contested_by=pair[1])

    met = race.collide(withdraw(race, pair[0], missed), decide(race, missed, pair[1]))

    assert met.first["status"] == "withdrawn"
    assert_refused(met.second, "no_show_already_decided", status="withdrawn")
    assert (met.second_wrote, counted(db)) == (set(), [])


def test_a_withdrawal_waits_for_a_decision(race, db, rpc, pair, missed) -> None:
    reported(rpc, pair[0], missed, contested_by=pair[1])

    met = race.collide(decide(race, missed, pair[1]), withdraw(race, pair[0], missed))

    assert_refused(met.second, "no_show_already_decided", status="upheld")
    assert (met.second_wrote, counted(db)) == (set(), [pair[1]])


# A report and a confirmation.


def test_a_report_waits_for_a_confirmation(race, db, pair, missed) -> None:
    met = race.collide(confirm(race, pair[0], missed), report(race, pair[0], missed))

    assert met.second.name == "already_confirmed"
    assert (met.second_wrote, statuses(db)) == (set(), [])


def test_a_confirmation_waits_for_a_report_and_withdraws_it(race, db, pair, missed) -> None:
    met = race.collide(report(race, pair[0], missed), confirm(race, pair[0], missed))

    assert (met.first["status"], met.second["success"]) == ("open", True)
    assert statuses(db) == ["withdrawn"]


@pytest.mark.parametrize("order", ["report first", "confirmation first"])
def test_the_buddy_s_confirmation_leaves_it(race, db, pair, missed, order) -> None:
    both: tuple[Contender, Contender] = (report(race, pair[0], missed), confirm(race, pair[1], missed))

    met = race.collide(*(both if order == "report first" else both[::-1]))

    assert not isinstance(met.first, RpcError) and not isinstance(met.second, RpcError)
    assert (statuses(db), session_row(db, missed)["status"]) == (["open"], "scheduled")


# A report and a cancellation.


@pytest.mark.parametrize("by", [0, 1], ids=["the reporter", "the accused"])
@pytest.mark.parametrize("order", ["report first", "cancellation first"])
def test_nobody_escapes_a_report_by_cancelling(race, db, pair, missed, by, order) -> None:
    both: tuple[Contender, Contender] = (report(race, pair[0], missed), cancel(race, pair[by], missed))

    met = race.collide(*(both if order == "report first" else both[::-1]))

    assert not isinstance(met.first, RpcError) and not isinstance(met.second, RpcError)
    assert session_row(db, missed)["status"] == "cancelled"
    is_withdrawn = by == 0 and order == "report first"
    assert statuses(db) == ["withdrawn" if is_withdrawn else "open"]


# Two reports.


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_people_who_report_each_other_both_contest(race, db, pair, missed, first) -> None:
    met = race.collide(report(race, pair[first], missed), report(race, pair[1 - first], missed))

    assert (met.first["status"], met.second["status"]) == ("open", "contested")
    assert statuses(db) == ["contested", "contested"]


def test_on_two_devices_somebody_reports_once(race, db, pair, missed) -> None:
    met = race.collide(report(race, pair[0], missed), report(race, pair[0], missed))

    assert met.first == met.second
    assert (met.second_wrote, statuses(db)) == (set(), ["open"])


@pytest.mark.parametrize("order", ["withdrawal first", "report first"])
def test_a_report_back_and_a_withdrawal(race, db, rpc, pair, missed, order) -> None:
    reported(rpc, pair[0], missed)
    both: tuple[Contender, Contender] = (withdraw(race, pair[0], missed), report(race, pair[1], missed))

    race.collide(*(both if order == "withdrawal first" else both[::-1]))

    assert statuses(db) == ["withdrawn", "open" if order == "withdrawal first" else "contested"]


@pytest.mark.parametrize("action", ["admit", "contest"])
@pytest.mark.parametrize("order", ["answer first", "report first"])
def test_a_report_back_and_an_answer_by_the_same_person(race, db, rpc, pair, missed, action, order) -> None:
    reported(rpc, pair[0], missed)
    both = (answer(race, pair[1], missed, action), report(race, pair[1], missed))

    met = race.collide(*(both if order == "answer first" else both[::-1]))

    if action == "contest":
        assert statuses(db) == ["contested", "contested"]
    elif order == "answer first":
        assert_refused(met.second, "invalid_session_state", verb="reported", status="no_show")
        assert statuses(db) == ["admitted"]
    else:
        assert_refused(met.second, "no_show_already_answered")
        assert statuses(db) == ["contested", "contested"]


# Operators.


def test_of_two_decisions_the_second_is_refused(race, db, rpc, pair, missed) -> None:
    reported(rpc, pair[0], missed, contested_by=pair[1])

    met = race.collide(decide(race, missed, pair[1]), decide(race, missed, by_another=True))

    assert met.first["message"] == UPHELD
    assert_refused(met.second, "no_show_already_decided", status="upheld")
    assert (met.second_wrote, counted(db)) == (set(), [pair[1]])


def test_if_the_first_is_rolled_back_the_second_decides(race, db, rpc, pair, missed) -> None:
    reported(rpc, pair[0], missed, contested_by=pair[1])

    met = race.collide(decide(race, missed, pair[1]), decide(race, missed, by_another=True), rolled_back=True)

    assert met.second["message"] == DISMISSED
    assert (statuses(db), counted(db)) == (["dismissed"], [])


@pytest.mark.representatives("the reporter-*")
@pytest.mark.parametrize("order", ["admission first", "mark first"])
@pytest.mark.parametrize("absent", [0, 1], ids=["the reporter", "the accused"])
def test_an_admission_and_a_mark_count_once(race, db, rpc, pair, missed, order, absent) -> None:
    reported(rpc, pair[0], missed)
    both: tuple[Contender, Contender] = (
        answer(race, pair[1], missed, "admit"),
        mark(race, missed, pair[absent]),
    )

    met = race.collide(*(both if order == "admission first" else both[::-1]))

    if order == "admission first":
        told = {"verb": "marked as a no-show", "status": "no_show"}
        assert_refused(met.second, "invalid_session_state", **told)
        assert (statuses(db), counted(db)) == (["admitted"], [pair[1]])
    else:
        status = "upheld" if absent == 1 else "dismissed"
        assert met.first["message"] == MARKED
        assert_refused(met.second, "no_show_already_decided", status=status)
        assert (statuses(db), counted(db)) == ([status], [pair[absent]])
    assert met.second_wrote == set()


@pytest.mark.representatives("the reporter-*")
@pytest.mark.parametrize("order", ["admission first", "confirmation first"])
@pytest.mark.parametrize("by", [0, 1], ids=["the reporter", "the accused"])
def test_an_admission_and_a_confirmation(race, db, rpc, pair, missed, order, by) -> None:
    reported(rpc, pair[0], missed)
    both: tuple[Contender, Contender] = (
        answer(race, pair[1], missed, "admit"),
        confirm(race, pair[by], missed),
    )

    met = race.collide(*(both if order == "admission first" else both[::-1]))

    if order == "admission first":
        assert_refused(met.second, "session_not_confirmable", status="no_show")
        assert (statuses(db), counted(db)) == (["admitted"], [pair[1]])
    elif by == 0:
        assert_refused(met.second, "no_show_already_decided", status="withdrawn")
        assert (statuses(db), counted(db)) == (["withdrawn"], [])
    else:
        assert (statuses(db), counted(db)) == (["admitted"], [pair[1]])


def second_missed(db: Connection, scene: Scene, absent: UUID) -> UUID:
    """Another session that the same person has missed, with somebody else."""
    (other,) = scene.people("beginner")
    return missed_by(db, scene, (other, absent))


@pytest.mark.parametrize("first", ["revert", "mark"])
def test_a_revert_and_another_no_show_of_the_same_person_give_the_right_cooldown(
    race, db, scene, pair, missed, first
) -> None:
    db.execute("update wingman.settings set cooldown_steps = '{1 hour, 10 hours}'")
    mark(race, missed, pair[1])()
    other = second_missed(db, scene, pair[1])
    both = (revert(race, missed), mark(race, other, pair[1]))

    race.collide(*(both if first == "revert" else both[::-1]))

    # the one that is left is the first one; the invariants compare the cooldown with the ledger
    left = db.execute(
        "select cooldown_until - now() < interval '2 hours' as is_short"
        " from wingman.matchmaking_pool"
        " where user_id = %s",
        [pair[1]],
    ).fetchone()
    assert left == {"is_short": True}


def test_two_no_shows_of_one_person_at_once_give_the_longer_cooldown(race, db, scene, pair, missed) -> None:
    db.execute("update wingman.settings set cooldown_steps = '{1 hour, 10 hours}'")
    other = second_missed(db, scene, pair[1])

    race.collide(mark(race, missed, pair[1]), mark(race, other, pair[1]))

    left = db.execute(
        "select cooldown_until - now() > interval '9 hours' as is_long"
        " from wingman.matchmaking_pool"
        " where user_id = %s",
        [pair[1]],
    ).fetchone()
    assert left == {"is_long": True}


@pytest.mark.parametrize("rolled_back", [False, True])
def test_a_revert_waits_for_a_decision(race, db, rpc, pair, missed, rolled_back) -> None:
    reported(rpc, pair[0], missed, contested_by=pair[1])

    met = race.collide(decide(race, missed, pair[1]), revert(race, missed), rolled_back=rolled_back)

    if rolled_back:
        assert_refused(met.second, "invalid_session_state", verb="reverted", status="scheduled")
        assert (statuses(db), counted(db)) == (["contested"], [])
    else:
        assert met.second["message"] == "No-show reverted: it does not count any more."
        assert (statuses(db), counted(db)) == (["upheld"], [pair[1]])


@pytest.mark.representatives("the reporter-*")
@pytest.mark.parametrize("what", ["mark", "decide", "admit", "revert"])
@pytest.mark.parametrize("by", [0, 1], ids=["the reporter", "the accused"])
def test_both_seekers_are_locked_before_the_session(race, db, rpc, pair, missed, what, by) -> None:
    # whoever had a seeker and waited for the session would be waited for by the no-show
    if what == "revert":
        mark(race, missed, pair[1])()
    elif what != "mark":
        reported(rpc, pair[0], missed, contested_by=pair[1] if what == "decide" else None)
    acts: dict[str, Contender] = {
        "mark": mark(race, missed, pair[1]),
        "decide": decide(race, missed, pair[1]),
        "admit": answer(race, pair[1], missed, "admit"),
        "revert": revert(race, missed),
    }
    profile = "select id from public.user_profiles where id = %s for no key update"

    with race.held(profile, pair[1]) as holder:
        done = race.started(acts[what], waits_for=holder)
        other = race.started(report(race, pair[by], missed), waits_for=acts[what].pid)

    assert not isinstance(done(), RpcError)
    name = "no_show_already_decided" if by == 0 and what in ("decide", "admit") else "invalid_session_state"
    assert other().name == name


# Leaving.


@pytest.mark.representatives("the reporter-*-erasure first", "the accused-*-other first")
@pytest.mark.parametrize("order", ["erasure first", "other first"])
@pytest.mark.parametrize("what", ["report", "admit", "decide", "withdraw"])
@pytest.mark.parametrize("leaver", [0, 1], ids=["the reporter", "the accused"])
def test_an_erasure_and_whatever_is_done_about_a_report(
    race, db, rpc, pair, missed, order, what, leaver
) -> None:
    if what != "report":
        reported(rpc, pair[0], missed, contested_by=pair[1] if what == "decide" else None)
    acts: dict[str, Contender] = {
        "report": race.call(
            pair[0], "report_no_show", session_id=missed, reason="left_early", note="§", idempotency_key="§"
        ),
        "admit": race.call(
            pair[1], "answer_no_show", session_id=missed, action="admit", statement="§", idempotency_key="§"
        ),
        "decide": decide(race, missed, pair[1]),
        "withdraw": withdraw(race, pair[0], missed),
    }
    erase = race.call(pair[leaver], "erase_my_account", confirmation="erase")
    both: tuple[Contender, Contender] = (erase, acts[what])

    met = race.collide(*(both if order == "erasure first" else both[::-1]))

    erased = met.first if order == "erasure first" else met.second
    other = met.second if order == "erasure first" else met.first
    assert erased == {"success": True, "message": "Your data has been erased."}
    is_own = leaver == (1 if what == "admit" else 0) and what != "decide"
    if order == "erasure first" and is_own:
        assert isinstance(other, RpcError)
        assert other.name in ("user_not_found", "profile_incomplete", "busy")
    else:
        assert not isinstance(other, RpcError), other
    # nobody's words outlive their erasure, whichever came first
    written = db.execute(
        """select reporter_id, note, accused_id, statement from wingman.no_show_reports
           where (reporter_id = %(id)s and note is not null)
               or (accused_id = %(id)s and statement is not null)""",
        {"id": pair[leaver]},
    )
    assert written.fetchall() == []
    kept = db.execute("select from wingman.idempotency_keys where user_id = %s", [pair[leaver]])
    assert kept.fetchall() == []
