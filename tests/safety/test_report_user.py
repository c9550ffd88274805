"""report_user informs the operators, nobody else, and does nothing more."""

import psycopg
import pytest
from contract_errors import refused
from harness import OPERATOR, RpcError
from rows import all_rows, make_pair

DONE = {
    "success": True,
    "message": "Report received. To keep this user away from you as well, block them.",
}
REPORTS = "select * from wingman_admin.user_reports order by id"
RULE = {"argument": "reason", "rule": "must be 1 to 2000 characters"}


def report(rpc, user_id, subject_id, reason="Shouted at me"):
    return rpc.as_user(user_id).call("report_user", subject_id=subject_id, reason=reason)


def test_a_report_is_stored_and_nothing_else_happens(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    before = all_rows(db)
    assert report(rpc, pair.user1, pair.user2, "Shouted at me; 'Blue Note' -- 19:00\n\tÀ §") == DONE
    after = all_rows(db)
    (row,) = after["wingman.user_reports"]
    assert row == {
        "id": row["id"],
        "reporter_id": str(pair.user1),
        "subject_id": str(pair.user2),
        "reason": "Shouted at me; 'Blue Note' -- 19:00\n\tÀ §",
        "created_at": row["created_at"],
        "status": "open",
        "taken_by": None,
        "taken_at": None,
        "decided_at": None,
    }
    changed = {"wingman.user_reports", "wingman.rate_limits"}
    assert {table for table in after if after[table] != before[table]} == changed
    (spent,) = [row for row in after["wingman.rate_limits"] if row not in before["wingman.rate_limits"]]
    assert (spent["user_id"], spent["bucket"]) == (str(pair.user1), "report")


def test_every_report_counts(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    report(rpc, ana, ben, "First")
    report(rpc, ana, ben, "Again")
    report(rpc, cem, ben, "Me too")
    report(rpc, ben, ana, "No, they did")
    told = [(row["reason"], row["reports_about_subject"]) for row in db.execute(REPORTS)]
    assert told == [("First", 3), ("Again", 3), ("Me too", 3), ("No, they did", 1)]


def test_reports_have_a_limit_which_refusals_do_not_spend(db, rpc, people):
    ana, ben, newcomer = people.add(), people.add(), people.auth_only()
    for _ in range(3):
        with refused(db, "invalid_argument", **RULE):
            report(rpc, ana, ben, "")
        with refused(db, "user_not_found"):
            report(rpc, ana, newcomer)
    for _ in range(10):
        report(rpc, ana, ben)
    with pytest.raises(RpcError) as caught:
        report(rpc, ana, ben)
    assert (caught.value.name, caught.value.status) == ("rate_limited", 429)
    assert 0 < caught.value.detail["retry_after"] <= 24 * 3600 / 10
    assert db.execute(REPORTS).rowcount == 10
    # one's own, and nobody else's
    report(rpc, ben, ana)
    db.execute("update wingman.rate_limits set spent_until = spent_until - interval '144 minutes'")
    report(rpc, ana, ben)


def test_it_does_not_block(db, rpc, people):
    ana, ben = people.add(), people.add()
    report(rpc, ana, ben)
    assert rpc.as_user(ana).call("create_automatic_match")["buddy_user_id"] == ben


@pytest.mark.parametrize("reason", ["x", "x" * 2000, " ¿? "])
def test_a_reason_of_1_to_2000_characters_is_taken(db, rpc, people, reason):
    report(rpc, people.add(), people.add(), reason)
    assert [row["reason"] for row in db.execute(REPORTS)] == [reason]


@pytest.mark.parametrize("reason", ["", " ", "\n\t ", "x" * 2001])
def test_another_reason_is_refused(db, rpc, people, reason):
    ana, ben = people.add(), people.add()
    with refused(db, "invalid_argument", **RULE):
        report(rpc, ana, ben, reason)


def test_a_reason_is_required(db, rpc, people):
    ana, ben = people.add(), people.add()
    with refused(db, "missing_argument", argument="reason"):
        report(rpc, ana, ben, None)


def test_the_reason_is_checked_before_the_subject_is_looked_up(db, rpc, people):
    ana, newcomer = people.add(), people.auth_only()
    with refused(db, "invalid_argument", **RULE):
        report(rpc, ana, newcomer, "")


@pytest.mark.parametrize("reason", ["", "x" * 2001])
def test_the_table_holds_the_same_rule(db, people, reason):
    with pytest.raises(psycopg.errors.CheckViolation, match="user_reports_reason_check"):
        db.execute(
            "insert into wingman.user_reports (reporter_id, subject_id, reason) values (%s, %s, %s)",
            [people.add(), people.add(), reason],
        )


def test_a_report_outlives_both_accounts(db, rpc, people):
    ana, ben = people.add(), people.add()
    report(rpc, ana, ben)
    db.execute("delete from auth.users")
    assert [(row["reporter_id"], row["subject_id"]) for row in db.execute(REPORTS)] == [(ana, ben)]


def test_operators_and_the_service_read_it(rpc, connect, people):
    ana, ben = people.add(), people.add()
    report(rpc, ana, ben)
    operator = connect(user=OPERATOR)
    service = rpc.as_service()
    with service.transaction():
        service.assume_identity()
        assert service.connection.execute(REPORTS).rowcount == operator.execute(REPORTS).rowcount == 1


@pytest.mark.parametrize("table", ["wingman_admin.user_reports", "wingman.user_reports"])
@pytest.mark.parametrize("who", ["the reporter", "the subject", "nobody"])
def test_nobody_else_does(rpc, people, table, who):
    ana, ben = people.add(), people.add()
    report(rpc, ana, ben)
    reader = {"the reporter": rpc.as_user(ana), "the subject": rpc.as_user(ben), "nobody": rpc.as_anon()}[who]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
        reader.assume_identity()
        reader.connection.execute(f"select from {table}")


def test_not_even_operators_write_reports_by_hand(connect, people):
    operator = connect(user=OPERATOR)
    for statement in ("delete from {}", "update {} set reason = 'none'", "select from {}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operator.execute(statement.format("wingman.user_reports"))
