"""The day of docs/operators.md: every command as it stands there, and what it prints."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from harness import LISBON, Connection, Rpc, login_url
from psycopg.rows import dict_row
from rows import make_match, make_session, update_session
from wingmanmatch.database import paths

PAGE = (paths.ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(console|sql)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00|(?:\d+ days? )?\d\d:\d\d:\d\d\.\d+")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
WIDTH = "130"
ANA, BEN, CLEO, DAN, EVE = (UUID(int=(0x0194_1F29 << 96) + number) for number in range(0xA, 0xF))


@pytest.fixture
def database(new_database: Callable[[], str]) -> Iterator[str]:
    """A database before that day, for ada.

    There is a report about Ben, with whom Ana and Cleo are matched, and Eve reports that Dan did not come.
    A webhook answered 410 Gone, and three messages to it were given up.
    """
    url = new_database()

    def connect(user: str | None = None, **_: object) -> Connection:
        return psycopg.connect(login_url(url, user) if user else url, autocommit=True, row_factory=dict_row)

    with connect() as db:
        db.execute("create role ada login in role wingman_admin")
        rpc = Rpc(connect, db)
        for user_id, name in (
            (ANA, "Ana"),
            (BEN, "Ben"),
            (CLEO, "Cleo"),
            (DAN, "Dan"),
            (EVE, "Eve"),
        ):
            db.execute("insert into auth.users (id) values (%s)", [user_id])
            profile = {**LISBON, "first_name": name, "city": "Lisbon", "experience_level": "beginner"}
            rpc.as_user(user_id).call("complete_profile", **profile)
        with_ana, with_cleo = make_match(db, ANA, BEN), make_match(db, CLEO, BEN)
        completed = make_session(db, with_ana, starts="-8 days")
        for user_id in (ANA, BEN):
            rpc.as_user(user_id).call("confirm_session_completion", session_id=completed)
        make_session(db, with_ana, starts="-30 hours")
        make_session(db, with_cleo, starts="20 hours")
        reason = "Did not come, and was rude about it"
        rpc.as_user(ANA).call("report_user", subject_id=BEN, reason=reason)
        missed = make_session(db, make_match(db, DAN, EVE), starts="-2 hours")
        update_session(db, missed, f"proposed_by = '{DAN}'")
        said = {"reason": "did_not_come", "note": "I waited at the door for an hour"}
        rpc.as_user(EVE).call("report_no_show", session_id=missed, **said)
        said = {"action": "contest", "statement": "I was there, at the other door"}
        rpc.as_user(DAN).call("answer_no_show", session_id=missed, **said)
        db.execute("select wingman_admin.add_webhook('https://stats.example.org/wingman', 'For the report')")
        db.execute("update wingman.webhooks set disabled_at = statement_timestamp()")
        for user_id, kind, error in (
            (ANA, "match_accepted", "timeout"),
            (BEN, "session_cancelled", "http_503"),
            (DAN, "session_scheduled", "http_503"),
            (EVE, "session_scheduled", "http_503"),
        ):
            db.execute(_DEAD_MESSAGE, [user_id, kind, error])
        yield login_url(url, "ada")
        db.execute("drop role ada")


_DEAD_MESSAGE = """
    insert into wingman.notification_deliveries (
        channel, user_id, kind, last_error, target_id, state, attempts, settled_at
    )
    select 'webhook', %s, %s, %s, h.id, 'dead', 10, statement_timestamp() from wingman.webhooks as h
"""


def commands() -> Iterator[tuple[str, str | None]]:
    """The commands of the page, each with what the page says that it prints; None for a statement in SQL."""
    for language, block in BLOCK.findall(PAGE):
        if language == "sql":
            yield block, None
            continue
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE):
            command, _, printed = part.partition("\n")
            if command:
                yield command, printed


def without_what_varies(text: str) -> str:
    """Ids, secrets and times differ from run to run, and with the times the widths of columns."""
    return re.sub(r"[ ─━]+", " ", SECRET.sub("<secret>", TIME.sub("<time>", ID.sub("<id>", text))))


def test_a_day(wingman, database: str, tmp_path: Path) -> None:
    ids: dict[str, str] = {}
    for command, told in commands():
        if told is None:
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(command)
            continue
        # an id of the page stands for the one that this run has printed in its place
        name, *words = shlex.split(ID.sub(lambda one: ids[one[0]], command))
        assert name == "wingman"
        file = tmp_path / words[-1] if ">" in words else None
        if file:
            words = words[: words.index(">")]
        done = wingman(*words, url=database, COLUMNS=WIDTH)
        printed = done.stdout + done.stderr
        if file:
            file.write_text(printed, encoding="utf-8")
            printed = ""
        assert without_what_varies(printed) == without_what_varies(told), command
        for page, run in zip(ID.findall(told), ID.findall(printed), strict=True):
            assert ids.setdefault(page, run) == run, command
    exported = json.loads((tmp_path / "cleo.json").read_text(encoding="utf-8"))
    assert "Cleo" in str(exported["data"])
