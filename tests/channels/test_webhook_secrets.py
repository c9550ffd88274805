"""The secret of a webhook is in one table, in the answer that makes it, and nowhere else."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from channels.outbox import URL, claim, settle, tell
from harness import Caller, RpcError
from privacy.life import places
from privacy.test_erase import dumped
from psycopg import sql
from security.inventory import relations

TABLE = "wingman.webhooks"
REASON = "We want it"
EVERYTHING_IS_LOGGED = (
    "log_statement = 'all'",
    "log_min_duration_statement = 0",
    "log_parameter_max_length = -1",
    "log_parameter_max_length_on_error = -1",
    "log_error_verbosity = verbose",
    "client_min_messages = log",
)


class Story:
    """A webhook is added, changed in every way, and told of something; a second one is removed."""

    def __init__(self, call: Callable[..., Any], db: Any, people: Any) -> None:
        self.secrets: list[str] = []
        self.webhook_id = self._made(call("wingman_admin.add_webhook", url=URL, reason=REASON))
        again = {"webhook_id": self.webhook_id, "reason": REASON}
        self._made(call("wingman_admin.rotate_webhook_secret", **again))
        self._made(call("wingman_admin.rotate_webhook_secret", **again))
        with suppress(RpcError, psycopg.Error):
            call("wingman_admin.enable_webhook", **again)
        with suppress(RpcError, psycopg.Error):
            call("wingman_admin.rotate_webhook_secret", **again, overlap="-1 hour")
        with suppress(RpcError, psycopg.Error):
            call("wingman_admin.add_webhook", url="ftp://example.org", reason=REASON)
        removed = self._made(call("wingman_admin.add_webhook", url=URL, reason=REASON))
        tell(db, people)
        tell(db, people)
        sent, given_up, gone, _ = (one for one in claim(db) if one["target_id"] == self.webhook_id)
        settle(db, sent, "sent")
        settle(db, given_up, "failed", "http_400")
        call("wingman_admin.remove_webhook", webhook_id=removed, reason=REASON)
        settle(db, gone, "gone", "http_410")
        call("wingman_admin.requeue_delivery", delivery_id=given_up["id"], reason=REASON)

    def _made(self, answer: dict[str, Any]) -> UUID:
        self.secrets.append(answer["secret"].removeprefix("whsec_"))
        return answer["webhook_id"]


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


def test_it_is_in_no_other_table_and_in_no_view(db, people, operator):
    secrets = Story(operator.call, db, people).secrets
    assert places(db, secrets) == {(TABLE, "secret"), (TABLE, "previous_secret")}
    views = [one.qualified for one in relations(db) if one.kind == "v"]
    assert {"wingman_admin.webhooks", "wingman_admin.decisions", "wingman_admin.audit_log"} <= set(views)
    for view in views:
        query = sql.SQL("select v::text as row from {} as v").format(sql.SQL(view))
        told = "".join(row["row"] for row in db.execute(query))
        assert [secret for secret in secrets if secret in told] == [], view


@pytest.mark.exhaustive
def test_it_is_in_no_other_table_of_a_dump(db, people, operator, tmp_path: Path):
    secrets = Story(operator.call, db, people).secrets
    telling = {
        table for table, text in dumped(db, tmp_path).items() if any(secret in text for secret in secrets)
    }
    assert telling == {TABLE}


def test_no_operator_can_read_the_table(operator):
    for query in (f"select secret from {TABLE}", f"copy {TABLE} to stdout", f"table {TABLE}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            operator.connection.execute(query)


def test_no_answer_to_an_operator_has_it_again(db, people, operator):
    story = Story(operator.call, db, people)
    answers = [
        operator.call(f"wingman_admin.{function}", user_id=row["id"], **arguments)
        for row in db.execute("select id from public.user_profiles").fetchall()
        for function, arguments in (
            ("user_overview", {}),
            ("user_timeline", {}),
            ("export_user", {"reason": REASON}),
        )
    ]
    assert [secret for secret in story.secrets if secret in str(answers)] == []


@pytest.fixture
def logged(db, connect):
    """A superuser's calls, and all that the server logs of them, however much it is told to log."""
    lines: list[str] = []

    def hear(diagnostic: psycopg.errors.Diagnostic) -> None:
        lines.extend(
            str(part)
            for part in (
                *(diagnostic.message_primary, diagnostic.message_detail, diagnostic.message_hint),
                *(diagnostic.context, diagnostic.internal_query),
            )
        )

    connection = connect(user=db.info.user)
    for setting in EVERYTHING_IS_LOGGED:
        connection.execute(f"set {setting}")
    connection.add_notice_handler(hear)
    return Caller(lambda: connection, None, {}), lines


def test_it_is_not_in_the_log_of_the_server(db, people, logged):
    caller, lines = logged
    story = Story(caller.call, db, people)
    log = "\n".join(lines)
    assert "rotate_webhook_secret" in log
    assert str(story.webhook_id) in log
    assert [secret for secret in story.secrets if secret in log] == []
