"""An erasure: by the person, by an operator, or with the account; everywhere, also in a dump."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from contract_errors import refused
from harness import OPERATOR
from privacy.life import NEEDLES, Life, inventory, kept_for_now, places
from rows import all_rows, counters, make_pair, make_session
from versioning.test_restored import programs_for

ERASE = "wingman_admin.erase_user"
WHY = "They asked by letter"
Erase = Callable[[Life], object]


def by_herself(life: Life) -> object:
    return life.caller("Ana").call("erase_my_account", confirmation="erase", idempotency_key="the last one")


def by_an_operator(life: Life) -> object:
    return life.rpc.as_admin().call(ERASE, user_id=life.ana, reason=WHY)


def with_the_account(life: Life) -> object:
    return life.db.execute("delete from auth.users where id = %s", [life.ana])


WAYS = pytest.mark.parametrize("erase", [by_herself, by_an_operator, with_the_account])
# test_all_three_ways_have_one_result stands for the others
ONE_WAY = pytest.mark.representatives("*by_herself")
# Her texts that stay: what operators have yet to decide.
KEPT = {("wingman.user_reports", "reason")}


def dumped(db, tmp_path: Path) -> dict[str, str]:
    """What pg_dump writes of each table's rows; under "" all else."""
    info = db.info
    url = f"postgresql://{info.user}@/{info.dbname}?host={info.host}&port={info.port}"
    file = tmp_path / "dump.sql"
    subprocess.run([programs_for(url) / "pg_dump", f"--file={file}", url], check=True, capture_output=True)
    found: dict[str, str] = {}
    table = ""
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("COPY "):
            table = line.split(" ")[1]
        found[table] = found.get(table, "") + line
        if line == "\\.\n":
            table = ""
    return found


def telling(dump: dict[str, str]) -> set[str]:
    """The tables whose dumped rows tell something of hers."""
    return {table for table, text in dump.items() if any(needle in text for needle in NEEDLES)}


@ONE_WAY
@WAYS
def test_a_search_through_every_column_and_a_dump_finds_nothing_of_hers(db, life, tmp_path, erase: Erase):
    before = places(db, NEEDLES)
    assert before == {
        *(
            ("public.user_profiles", name)
            for name in ("first_name", "bio", "photo_url", "confidence_archetype")
        ),
        *(("public.user_locations", name) for name in ("lat", "lng", "city")),
        ("wingman.idempotency_keys", "idempotency_key"),
        ("wingman.idempotency_keys", "response"),
        ("public.wingman_sessions", "notes"),
        ("public.wingman_sessions", "cancellation_reason"),
        ("wingman.no_show_reports", "note"),
        ("wingman.no_show_reports", "statement"),
        ("wingman.email_addresses", "address"),
        ("wingman.push_subscriptions", "endpoint"),
        *KEPT,
    }
    assert telling(dumped(db, tmp_path)) == {table for table, _ in before}

    erase(life)

    assert places(db, NEEDLES) == KEPT
    said = inventory(db)
    assert kept_for_now(said) == KEPT
    dump = dumped(db, tmp_path)
    assert telling(dump) == {table for table, _ in KEPT}
    assert "¶BenName" in dump["public.user_profiles"]


@ONE_WAY
@WAYS
def test_nothing_of_hers_is_left_once_operators_have_decided_all_reports(db, life, tmp_path, erase: Erase):
    erase(life)
    admin = life.rpc.as_admin()
    for report in db.execute("select id from wingman.user_reports").fetchall():
        told = {"report_id": report["id"], "outcome": "dismissed", "note": "She has left"}
        admin.call("wingman_admin.take_report", report_id=report["id"])
        admin.call("wingman_admin.resolve_report", **told)
    assert places(db, NEEDLES) == set()
    assert telling(dumped(db, tmp_path)) == set()


@pytest.mark.representatives("she reported-resolved-by_herself", "she was reported-dismissed-by_herself")
@WAYS
@pytest.mark.parametrize("outcome", ["resolved", "dismissed"])
@pytest.mark.parametrize("reporter", ["Ana", "Eve"], ids=["she reported", "she was reported"])
def test_the_text_of_a_decided_report_goes_with_either_of_its_two(db, life, erase: Erase, outcome, reporter):
    def reports() -> dict[str, Any]:
        query = "select reporter_id, id, status, reason from wingman.user_reports"
        rows = {row.pop("reporter_id"): row for row in db.execute(query)}
        return {name: rows[life.ids[name]] for name in ("Ana", "Eve")}

    before = reports()
    report_id = before[reporter]["id"]
    admin = life.rpc.as_admin()
    admin.call("wingman_admin.take_report", report_id=report_id)
    told = {"report_id": report_id, "outcome": outcome, "note": "Seen"}
    admin.call("wingman_admin.resolve_report", **told)
    decided = reports()
    assert decided == before | {reporter: before[reporter] | {"status": outcome}}
    erase(life)
    assert reports() == decided | {reporter: decided[reporter] | {"reason": None}}


@ONE_WAY
@WAYS
def test_rows_of_hers_are_gone_where_the_registry_says_so(db, life, erase: Erase):
    erase(life)
    said = inventory(db)
    for table in {table for table, _ in said}:
        rules = {row["at_erasure"] for (name, _), row in said.items() if name == table}
        if rules == {"deleted"} and table != "wingman.occupied_cells":
            rows = db.execute(f"select to_jsonb(t)::text as row from {table} as t").fetchall()
            own = [row["row"] for row in rows if str(life.ana) in row["row"]]
            assert own == [], table
    keys = db.execute("select * from wingman.idempotency_keys where user_id = %s", [life.ana]).fetchall()
    assert [key["idempotency_key"] for key in keys] == (["the last one"] if erase is by_herself else [])


# What differs from one run to the next of the same erasure.
VOLATILE = {"xid", "occurred_at", "source", "updated_at", "ended_at", "cancelled_at"}


def test_all_three_ways_have_one_result(db, life):
    statements = [
        "select public.erase_my_account('erase', user_id => %s)",
        "select wingman_admin.erase_user(%s, 'They asked')",
        "delete from auth.users where id = %s",
    ]
    results = []
    for statement in statements:
        with db.transaction(force_rollback=True):
            db.execute(statement, [life.ana])
            rows = all_rows(db)
            del rows["wingman.operator_decisions"]
            for table in ("wingman.events", "wingman.reputation_events"):
                for number, row in enumerate(sorted(rows[table], key=lambda row: row["id"])):
                    row["id"] = number
                    if row["kind"] == "departed":
                        row["created_at"] = None
            results.append(
                {
                    table: sorted(
                        str({key: value for key, value in row.items() if key not in VOLATILE})
                        for row in found
                    )
                    for table, found in rows.items()
                    if not table.startswith("wingman.events_")
                }
            )
    assert results[0] == results[1]
    assert results[1] == results[2]


@ONE_WAY
@WAYS
def test_her_own_blocks_go_and_those_by_others_stay(db, life, erase: Erase):
    query = "select blocker_id, blocked_id from public.user_blocks order by created_at"
    ids = life.ids
    assert [{*row.values()} for row in db.execute(query)] == [
        {ids["Ana"], ids["Dan"]},
        {ids["Eve"], ids["Ana"]},
    ]
    erase(life)
    assert db.execute(query).fetchall() == [{"blocker_id": ids["Eve"], "blocked_id": life.ana}]


@ONE_WAY
@WAYS
def test_partners_keep_their_answers_without_her(db, life, erase: Erase):
    query = "select * from wingman.idempotency_keys where user_id <> %s order by user_id, idempotency_key"
    before = db.execute(query, [life.ana]).fetchall()
    erase(life)
    after = db.execute(query, [life.ana]).fetchall()
    changed = {}
    for old, new in zip(before, after, strict=True):
        name = old["idempotency_key"].split(" ")[0].removeprefix("¶").removesuffix("Key")
        assert {**old, "response": None} == {**new, "response": None}
        if old["response"] != new["response"]:
            different = {key for key in old["response"] if old["response"][key] != new["response"][key]}
            changed.setdefault((name, old["idempotency_key"].split(" ")[2]), set()).update(different)
            assert {new["response"][key] for key in different} <= {None, "Match declined."}
    assert changed == {
        ("Cem", "create_automatic_match"): {"buddy_profile"},
        ("Dan", "respond_to_match"): {"message", "next_match"},
        ("Ben", "agree_to_session"): {"notes"},
        ("Ben", "reschedule_session"): {"notes"},
        ("Ben", "start_session"): {"notes"},
        ("Ben", "cancel_session"): {"notes"},
        ("Ben", "create_session"): {"notes"},  # the one that was changed by hand
    }


def test_a_partner_s_replay_is_what_was_kept(db, life):
    row = db.execute(
        "select * from wingman.idempotency_keys where user_id = %s and idempotency_key like '%%match'",
        [life.ids["Cem"]],
    ).fetchone()
    by_herself(life)
    again = life.caller("Cem").call("create_automatic_match", idempotency_key=row["idempotency_key"])
    assert again["buddy_user_id"] == life.ana
    assert (again["success"], again["buddy_profile"]) == (True, None)


@ONE_WAY
@WAYS
def test_partners_keep_venue_time_and_statuses_and_what_they_wrote(db, life, erase: Erase):
    query = "select * from public.wingman_sessions order by id"
    before = db.execute(query).fetchall()
    erase(life)
    after = db.execute(query).fetchall()
    notes, reasons = set(), set()
    for old, new in zip(before, after, strict=True):
        same = ("id", "match_id", "user1_id", "user2_id", "venue_name", "scheduled_time", "completed_at")
        assert [old[key] for key in same] == [new[key] for key in same]
        assert new["status"] == ("cancelled" if old["is_active"] else old["status"])
        notes.add(new["notes"])
        reasons.add(new["cancellation_reason"])
    assert notes == {None, "¶BenNotes"}
    assert reasons == {None, "¶BenReason"}


def test_the_erasing_call_can_be_sent_again_for_as_long_as_any_other(db, rpc, life):
    first = by_herself(life)
    assert first == {"success": True, "message": "Your data has been erased."}
    assert by_herself(life) == first
    rows = db.execute(
        "select idempotency_key, response from wingman.idempotency_keys where user_id = %s", [life.ana]
    ).fetchall()
    assert rows == [{"idempotency_key": "the last one", "response": first}]
    db.execute("update wingman.idempotency_keys set created_at = created_at - interval '73 hours'")
    rpc.as_admin().call("wingman.run_maintenance")
    assert db.execute("select from wingman.idempotency_keys").fetchall() == []
    # somebody of whom there is nothing is told the same
    assert by_herself(life) == first


@pytest.mark.parametrize("word", ["Erase", "erase ", "", "yes"])
def test_nobody_erases_by_mistake(db, rpc, people, word):
    caller = rpc.as_user(people.add())
    with refused(db, "invalid_argument", argument="confirmation", rule="must be erase"):
        caller.call("erase_my_account", confirmation=word)
    with refused(db, "missing_argument", argument="confirmation"):
        caller.call("erase_my_account", confirmation=None)


def test_nobody_erases_somebody_else(db, rpc, people):
    ana, ben = people.add("Ana"), people.add("Ben")
    with refused(db, "acting_for_another"):
        rpc.as_user(ana).call("erase_my_account", confirmation="erase", user_id=ben)


def test_operators_must_name_somebody_and_say_why(db, rpc, people):
    admin, user_id = rpc.as_admin(), people.add()
    with refused(db, "user_not_found"):
        admin.call(ERASE, user_id=uuid4(), reason=WHY)
    with refused(db, "missing_argument", argument="user_id"):
        admin.call(ERASE, user_id=None, reason=WHY)
    with refused(db, "missing_argument", argument="reason"):
        admin.call(ERASE, user_id=user_id, reason=None)
    with refused(db, "invalid_argument", argument="reason", rule="must not contain control characters"):
        admin.call(ERASE, user_id=user_id, reason="a\u202eb")


def test_the_decision_is_kept_with_reason_and_login(db, life):
    by_an_operator(life)
    (*_, decision) = db.execute("select * from wingman.operator_decisions order by id").fetchall()
    assert (decision["kind"], decision["subject_id"]) == ("user_erased", life.ana)
    assert (decision["reason"], decision["login"]) == (WHY, OPERATOR)


@ONE_WAY
@WAYS
def test_operators_have_a_list_of_erasures(db, rpc, life, erase: Erase):
    query = "select user_id, has_returned from wingman_admin.erasures"
    assert db.execute(query).fetchall() == []
    erase(life)
    assert db.execute(query).fetchall() == [{"user_id": life.ana, "has_returned": False}]


class TestComingBack:
    """By the same id, which begins from the sums of the ledger."""

    def leave(self, rpc, user_id: Any) -> None:
        rpc.as_user(user_id).call("erase_my_account", confirmation="erase")

    def come_back(self, rpc, user_id: Any) -> dict[str, Any]:
        told = {"first_name": "Ana", "experience_level": "beginner", "lat": 1.0, "lng": 1.0}
        return rpc.as_user(user_id).call("complete_profile", **told)

    def scores(self, db) -> dict[int, int]:
        found = db.execute("select score, people from wingman.reputation_counts()").fetchall()
        return {row["score"]: row["people"] for row in found}

    def complete(self, db, rpc, pair) -> Any:
        session_id = make_session(db, pair.match_id)
        for user_id in (pair.user1, pair.user2):
            rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
        return session_id

    @pytest.mark.parametrize("counted", [False, True], ids=["not counted yet", "counted by maintenance"])
    def test_with_what_the_ledger_says(self, db, rpc, people, counted):
        pair = make_pair(db, people)
        self.complete(db, rpc, pair)
        missed = make_session(db, pair.match_id)
        told = {"absent_user_id": pair.user1, "reason": WHY}
        rpc.as_admin().call("wingman_admin.mark_no_show", session_id=missed, **told)
        self.complete(db, rpc, pair)
        assert counters(db, pair.user1) == (2, 1, 1)
        self.leave(rpc, pair.user1)
        if counted:
            rpc.as_admin().call("wingman.run_maintenance")
        assert self.scores(db) == {2: 1}

        profile = self.come_back(rpc, pair.user1)
        asked = ("completed_sessions", "no_shows", "reputation_score")
        assert tuple(profile[key] for key in asked) == counters(db, pair.user1) == (2, 1, 1)
        kinds = db.execute(
            "select kind, completed_sessions, no_shows from wingman.reputation_events where user_id = %s"
            " order by id desc limit 2",
            [pair.user1],
        ).fetchall()
        assert [tuple(row.values()) for row in kinds] == [("returned", 2, 1), ("departed", 2, 1)]
        if counted:
            rpc.as_admin().call("wingman.run_maintenance")
        assert self.scores(db) == {1: 1, 2: 1}
        assert db.execute("select from wingman.reputation_differences").fetchall() == []

    def test_again_and_again(self, db, rpc, people):
        pair = make_pair(db, people)
        self.complete(db, rpc, pair)
        for _ in range(3):
            self.leave(rpc, pair.user1)
            self.come_back(rpc, pair.user1)
            assert counters(db, pair.user1) == (1, 0, 1)
        assert self.scores(db) == {1: 2}

    def test_less_what_was_taken_back_meanwhile(self, db, rpc, people):
        pair = make_pair(db, people)
        session_id = self.complete(db, rpc, pair)
        missed = make_session(db, pair.match_id)
        told = {"absent_user_id": pair.user1, "reason": WHY}
        admin = rpc.as_admin()
        admin.call("wingman_admin.mark_no_show", session_id=missed, **told)
        self.leave(rpc, pair.user1)
        for taken_back in (session_id, missed):
            admin.call("wingman_admin.revert_completion", session_id=taken_back, reason=WHY)
        self.come_back(rpc, pair.user1)
        assert counters(db, pair.user1) == (0, 0, 0)
        assert db.execute("select from wingman.reputation_differences").fetchall() == []
        assert self.scores(db) == {0: 2}

    def test_a_newcomer_s_ledger_is_empty(self, db, rpc, people):
        user_id = people.add()
        self.leave(rpc, user_id)
        self.come_back(rpc, user_id)
        kinds = db.execute("select kind from wingman.reputation_events").fetchall()
        assert kinds == [{"kind": "departed"}]

    def test_who_was_kept_apart_stays_so_for_a_while(self, db, rpc, people):
        pair = make_pair(db, people, "declined")
        self.leave(rpc, pair.user1)
        self.come_back(rpc, pair.user1)
        db.execute("update public.user_locations set lat = 1, lng = 1")
        assert rpc.as_user(pair.user2).call("create_automatic_match")["success"] is False
