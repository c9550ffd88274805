"""``sql/install.sql`` unchanged, in a PostgreSQL without a server, as in a page without a backend."""

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from wingmanmatch.database import paths

HERE = Path(__file__).parent
DEADLINE_SECONDS = 120


@pytest.mark.exhaustive
@pytest.mark.own_server
def test_two_people_meet_in_pglite() -> None:
    node = Path(sysconfig.get_path("scripts"), "node")
    told = subprocess.run(
        [node, HERE / "story.mjs", paths.INSTALL_SQL],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert told.returncode == 0, told.stderr

    match, answer, again, session, refusal, kinds = map(json.loads, told.stdout.splitlines())
    assert (match["success"], match["buddy_profile"]["first_name"]) == (True, "Ben")
    assert answer["match_status"] == "accepted"
    assert again == answer
    assert (session["match_id"], session["status"]) == (match["match_id"], "scheduled")
    assert refusal == {"code": "PT400", "error": "session_not_started"}
    assert kinds == [
        "profile_created",
        "profile_created",
        "match_offered",
        "match_accepted",
        "session_scheduled",
    ]
