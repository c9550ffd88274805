"""``wingman operate``: operators' functions and views, by name."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from harness import OPERATOR, wait_until_blocked
from psycopg.conninfo import make_conninfo
from rows import make_pair, make_session, shorten_lock_timeout
from tools.conftest import WINGMAN, fails_in_one_line
from tools.test_as import CONTROLS, answered

OURS = """
    select p.proname as name from pg_proc as p where p.pronamespace = 'wingman_admin'::regnamespace
    union all
    select c.relname from pg_class as c
    where c.relnamespace = 'wingman_admin'::regnamespace and c.relkind = 'v'
"""
REASON = "reason=Asked by letter"
NOBODY = UUID(int=0)


@pytest.fixture
def url(database_url):
    """An operator's."""
    return make_conninfo(database_url, user=OPERATOR)


@pytest.fixture
def report(db, rpc, people):
    """A report that is open, with its id."""
    pair = make_pair(db, people)
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Was rude")
    return db.execute("select id, subject_id, reporter_id from wingman.user_reports").fetchone()


@pytest.fixture
def operate(wingman, url):
    """``operate("find_users", "search=Ana")``, which must succeed; returns what it printed."""

    def run(*arguments, **environment):
        done = wingman("operate", *arguments, url=url, **{"COLUMNS": "300", **environment})
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


def cells(table):
    """The lines of a table, as lists."""
    bars = [line.replace("┃", "│") for line in table.splitlines()]
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in bars if line.startswith("│")]


def decisions(db):
    return db.execute(
        "select kind, subject_id, login, reason from wingman_admin.decisions order by id"
    ).fetchall()


def test_it_lists_all_that_an_operator_may_use(operate, db):
    listed = json.loads(operate("--json"))
    assert {one["name"] for one in listed} == {row["name"] for row in db.execute(OURS)}
    assert [one for one in listed if not one["summary"].endswith(".")] == []
    (one,) = (one for one in listed if one["name"] == "take_report")
    assert one == {
        "kind": "function",
        "name": "take_report",
        "summary": "Takes a report, so that others see who looks into it; a report that another operator has"
        " taken passes to you.",
        "arguments": ["report_id=", "[reason=]"],
    }


def test_the_list_for_people_has_the_same(operate):
    told = " ".join(operate(COLUMNS="80").split())
    for one in json.loads(operate("--json")):
        assert " ".join([one["name"], "x"]).removesuffix("x") in told
        assert one["summary"].split()[-1] in told
    assert "report_id= [reason=]" in told


def test_it_lists_only_what_the_login_may_use(wingman, own_server, new_database):
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role apprentice login")
        try:
            theirs = make_conninfo(url, user="apprentice")
            for command in ([], ["settings"], ["find_users", "search=Ana"]):
                told = fails_in_one_line(wingman("operate", *command, url=theirs))
                assert told == (
                    "permission_denied: apprentice is not a member of wingman_admin: "
                    "grant wingman_admin to apprentice"
                )
            connection.execute("grant usage on schema wingman_admin to apprentice")
            connection.execute("grant select on wingman_admin.settings to apprentice")
            connection.execute("grant execute on function wingman_admin.find_users(text) to apprentice")
            listed = answered(wingman("operate", "--json", url=theirs))
            assert [one["name"] for one in listed] == ["find_users", "settings"]
            assert "There is no function or view 'erase_user'; there are find_users, settings" in (
                fails_in_one_line(wingman("operate", "erase_user", url=theirs), 2)
            )
        finally:
            connection.execute("drop owned by apprentice")
            connection.execute("drop role apprentice")


def test_people_are_found_and_shown(operate, people):
    ana, anna = people.add("Ana"), people.add("Anabel [x]")
    shown = cells(operate("find_users", "search=ana"))
    assert [row[:2] for row in shown[1:]] == [[str(ana), "Ana"], [str(anna), "Anabel [x]"]]
    (row,) = json.loads(operate("user_overview", f"user_id={anna}", "--json"))
    assert (row["first_name"], row["matching"], row["open_matches"]) == ("Anabel [x]", "free", 0)
    assert operate("find_users", "search=nobody") == "Nothing.\n"
    assert operate("find_users", "search=nobody", "--json") == "[]\n"


def test_what_is_too_wide_is_shown_downwards(operate, people):
    ana = people.add("Ana")
    narrow = operate("find_users", "search=ana", COLUMNS="80")
    assert max(map(len, narrow.splitlines())) <= 80
    assert ["user_id", str(ana)] in cells(narrow)
    assert ["first_name", "Ana"] in cells(narrow)


@pytest.mark.representatives("audit_log-80", "decisions-200")
@pytest.mark.parametrize("columns", [80, 100, 140, 200])
@pytest.mark.parametrize("view", ["audit_log", "settings", "user_reports", "decisions"])
def test_no_table_is_wider_than_the_terminal_and_no_id_is_broken(operate, report, view, columns):
    operate("take_report", f"report_id={report['id']}", "reason=" + "because " * 30)
    shown = operate(view, COLUMNS=str(columns))
    assert max(map(len, shown.splitlines())) <= columns
    if view in ("user_reports", "decisions"):
        assert str(report["id"]) in shown


def test_a_report_from_the_queue_to_its_decision(operate, db, report):
    (row,) = json.loads(operate("report_queue", "--json"))
    assert row["report_id"] == str(report["id"])
    assert operate("take_report", f"report_id={row['report_id']}") == "Report taken.\n"
    shown = cells(operate("user_reports", "status=taken"))
    assert [str(report["id"]), OPERATOR] == [shown[1][0], shown[1][shown[0].index("taken_by")]]
    note = "note=Spoke to both: 'a = b'"
    said = operate("resolve_report", f"report_id={row['report_id']}", "outcome=resolved", note, "--json")
    assert json.loads(said) == {"success": True, "message": "Report resolved."}
    assert operate("report_queue") == "Nothing.\n"
    assert [(one["kind"], one["login"], one["reason"]) for one in decisions(db)] == [
        ("report_taken", OPERATOR, "To look into it"),
        ("report_resolved", OPERATOR, "Spoke to both: 'a = b'"),
    ]


def test_the_database_parses_the_values(operate, db, people):
    changes = 'changes={"match_lifetime": "24 hours", "exposure_limit": 5}'
    assert operate("change_settings", changes, REASON) == "Settings changed.\n"
    (row,) = db.execute("select match_lifetime, exposure_limit from wingman.settings").fetchall()
    assert row == {"match_lifetime": timedelta(hours=24), "exposure_limit": 5}
    assert [row["name"] for row in json.loads(operate("settings_history", "--json"))] == [
        "exposure_limit",
        "match_lifetime",
    ]
    ana = people.add("Ana")
    newest = json.loads(operate("user_timeline", f"user_id={ana}", "page_size=1", "--json"))
    before = f"before={newest[0]['occurred_at']}"
    assert newest != json.loads(operate("user_timeline", f"user_id={ana}", before, "--json"))


def test_an_argument_without_a_value_is_null(operate, db, people):
    ana = people.add("Ana")
    operate("suspend_user", f"user_id={ana}", "until=", REASON)
    (row,) = db.execute("select user_id, ends_at from wingman.suspensions").fetchall()
    assert row == {"user_id": ana, "ends_at": None}


def test_deeds_on_sessions_and_matches(operate, db, people):
    pair = make_pair(db, people)
    missed = make_session(db, pair.match_id)
    absent = f"absent_user_id={pair.user1}"
    assert operate("mark_no_show", f"session_id={missed}", absent, REASON).startswith("No-show recorded")
    assert operate("revert_completion", f"session_id={missed}", REASON).startswith("No-show reverted")
    next_one = make_session(db, pair.match_id)
    assert operate("cancel_session", f"session_id={next_one}", REASON).startswith("Session cancelled")
    assert operate("end_match", f"match_id={pair.match_id}", REASON).startswith("Match ended")
    assert [(one["kind"], one["subject_id"]) for one in decisions(db)] == [
        ("session_no_show", missed),
        ("session_reverted", missed),
        ("session_cancelled", next_one),
        ("match_ended", pair.match_id),
    ]


def test_somebody_is_exported_and_erased(operate, db, people):
    ana = people.add("Ana")
    exported = json.loads(operate("export_user", f"user_id={ana}", REASON, "--json"))
    assert "Ana" in str(exported["data"])
    assert "Ana" in operate("export_user", f"user_id={ana}", REASON)
    assert operate("erase_user", f"user_id={ana}", REASON) == "The user's data has been erased.\n"
    assert db.execute("select from public.user_profiles where id = %s", [ana]).rowcount == 0
    (row,) = json.loads(operate("erasures", "--json"))
    assert (row["user_id"], row["has_returned"]) == (str(ana), False)


def test_a_view_begins_with_the_newest_and_says_if_there_are_more(wingman, operate, url, people):
    for number in range(5):
        operate("change_settings", f'changes={{"exposure_limit": {number + 3}}}', f"reason=Try {number}")
    for form in ([], ["--json"]):
        done = wingman("operate", "decisions", "--limit", "2", *form, url=url)
        assert (done.returncode, done.stderr) == (0, "There are more: --limit 4\n")
        assert "Try 4" in done.stdout and "Try 3" in done.stdout and "Try 2" not in done.stdout
        done = wingman("operate", "decisions", "--limit", "5", *form, url=url)
        assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(operate("audit_log", "kind=settings_changed", "--json"))
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert len(rows) == 5


def test_a_view_keeps_an_order_of_its_own(operate, report, rpc, people):
    # who was never matched with the subject stands behind, however new
    rpc.as_user(people.add()).call("report_user", subject_id=report["reporter_id"], reason="Newer")
    assert [row["reason"] for row in json.loads(operate("report_queue", "--json"))] == ["Was rude", "Newer"]
    assert cells(operate("settings"))[1][0] == "match_lifetime"


@pytest.mark.exhaustive
def test_every_view_can_be_shown(operate, db, report):
    for row in db.execute(OURS + " except select proname from pg_proc"):
        assert isinstance(json.loads(operate(row["name"], "--limit", "200", "--json")), list)
        assert operate(row["name"], "--limit", "200")


def test_a_list(operate, db):
    add = ("add_webhook", REASON)
    operate(*add, "url=https://some.example/", "kinds={match_offered,session_moved}")
    operate(*add, "url=https://all.example/", "kinds=")
    rows = db.execute("select url, kinds from wingman.webhooks order by id").fetchall()
    assert rows == [
        {"url": "https://some.example/", "kinds": ["match_offered", "session_moved"]},
        {"url": "https://all.example/", "kinds": None},
    ]
    (listed,) = json.loads(operate("webhooks", "kinds={match_offered,session_moved}", "--json"))
    assert listed["url"] == "https://some.example/"


def test_only_rows_with_these_values_and_not_older(wingman, operate, url, report):
    operate("take_report", f"report_id={report['id']}")
    operate("change_settings", 'changes={"exposure_limit": 5}', REASON)
    (row,) = json.loads(operate("decisions", f"subject_id={report['id']}", f"login={OPERATOR}", "--json"))
    assert row["kind"] == "report_taken"
    assert operate("decisions", f"subject_id={NOBODY}") == "Nothing.\n"
    assert len(json.loads(operate("decisions", "--since", "today", "--json"))) == 2
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert operate("decisions", "--since", tomorrow) == "Nothing.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["find_user"], 2, "There is no function or view 'find_user'; did you mean find_users?"),
        (["decision"], 2, "There is no function or view 'decision'; did you mean decisions?"),
        (
            ["tidy_up"],
            2,
            "There is no function or view 'tidy_up'; there are add_achievement, add_webhook, ",
        ),
        (["find_users"], 2, "find_users takes search; search cannot be left out"),
        (
            ["add_webhook", "url=https://a.example/", REASON, "kinds=match_offered"],
            1,
            'malformed array literal: "match_offered"',
        ),
        (["find_users", "name=Ana"], 2, "find_users takes search, each as KEY=VALUE, not 'name=Ana'"),
        (["find_users", "Ana"], 2, "find_users takes search, each as KEY=VALUE, not 'Ana'"),
        (["find_users", "search=Ana", "search=Bo"], 2, "search is given twice"),
        (["take_report"], 2, "take_report takes report_id, reason; report_id cannot be left out"),
        (["settings", "title=x"], 2, "settings has the columns name, value, meaning, each as KEY=VALUE, not"),
        (
            ["find_users", "search=Ana", "--limit", "3"],
            2,
            "--limit and --since are for views, and find_users",
        ),
        (["settings", "--since", "today"], 2, "--since is for views with a time, and settings has none"),
        (["decisions", "--limit", "0"], 2, "Invalid value for '--limit'"),
        (["user_overview", "user_id=x"], 1, 'invalid_input: invalid input syntax for type uuid: "x"'),
        (["user_overview", f"user_id={NOBODY}"], 1, "user_not_found: "),
        (["decisions", "subject_id=x"], 1, 'invalid_input: invalid input syntax for type uuid: "x"'),
        (["decisions", "--since", "x"], 1, "invalid_input: invalid input syntax for type timestamp"),
        (["change_settings", "changes={", REASON], 1, "invalid_input: invalid input syntax for type json"),
        (["change_settings", 'changes={"x": 1}', REASON], 1, "invalid_argument: changes has no setting x"),
        (["find_users", "search=\udcff"], 1, "invalid_input: "),
    ],
    ids=lambda value: (
        " ".join(value).encode("ascii", "replace").decode() if isinstance(value, list) else None
    ),
)
def test_what_is_wrong_is_one_line_and_changes_nothing(wingman, url, db, arguments, status, told):
    assert told in fails_in_one_line(wingman("operate", *arguments, url=url), status)
    assert decisions(db) == []


def test_it_tells_that_somebody_else_holds_the_record(wingman, url, db, connect, report):
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.user_reports where id = %s for update", [report["id"]])
    shorten_lock_timeout(db, "wingman_admin.take_report")
    told = fails_in_one_line(wingman("operate", "take_report", f"report_id={report['id']}", url=url))
    assert told.startswith("busy: ") and told.endswith("Nothing was changed; call again in a moment.")
    assert decisions(db) == []


def test_a_lost_connection_says_where_to_look(url, db, connect, report):
    holder = connect(user=db.info.user, autocommit=False)
    holder.execute("select from wingman.user_reports where id = %s for update", [report["id"]])
    command = [WINGMAN, "operate", "take_report", f"report_id={report['id']}", "--database-url", url]
    waiting = """
        select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%%take_report%%'
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as operating:
        while (found := db.execute(waiting).fetchone()) is None:
            assert operating.poll() is None
        wait_until_blocked(db, found["pid"], by=holder.info.backend_pid)
        db.execute("select pg_terminate_backend(%s)", [found["pid"]])
        out, told = operating.communicate()
    assert (operating.returncode, out) == (1, "")
    assert told.startswith("wingman: connection_lost: ") and told.count("\n") == 1
    assert told.endswith("It may have been done: see wingman operate decisions\n")


@pytest.mark.representatives("table-*x1b*", "json-*200f*")
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
def test_what_a_terminal_would_obey_is_shown_as_an_escape(operate, people, db, control, form):
    ana = people.add("Ana")
    with db.transaction():
        # a text from before the rule
        db.execute("set local session_replication_role = replica")
        db.execute(
            "update public.user_profiles set first_name = %s, bio = %s where id = %s",
            [f"Ana{control}bel", f"hi{control}", ana],
        )
    for command in (["find_users", "search=ana"], ["export_user", f"user_id={ana}", REASON]):
        shown = operate(*command, *form)
        assert control not in shown
        assert rf"Ana\u{ord(control):04x}bel" in shown


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("wingman operate take_", {"take_report"}),
        ("wingman operate user_", {"user_overview", "user_reports", "user_timeline"}),
        ("wingman operate take_report ", {"report_id=", "reason="}),
        ("wingman operate take_report report_id=x ", {"reason="}),
        ("wingman operate settings n", {"name="}),
        ("wingman operate nonsense ", set()),
    ],
)
def test_the_shell_completes(wingman, url, line, offered):
    words = len(line.split(" ")) - 1
    done = wingman(_WINGMAN_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(words), url=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("url", ["", "postgresql://a@127.0.0.1:1/nothing", "no url"])
def test_without_a_database_the_shell_gets_nothing(wingman, tmp_path, url):
    done = wingman(
        _WINGMAN_COMPLETE="complete_bash",
        COMP_WORDS="wingman operate t",
        COMP_CWORD="2",
        url=url,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
