"""Every test that uses the run's server passes on a Supabase-like one that was upgraded as ``postgres``."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from supabase_like.server import supabase

ROOT = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest", "-m", "not long and not own_server and not plpgsql_check"]


@pytest.mark.long
def test_the_whole_suite_passes() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="wingman-supabase-") as directory,
        supabase(Path(directory), default_privileges=True) as server,
    ):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "WINGMAN_TEST_DATABASE_URL": server.url("supabase_admin"),
            "WINGMAN_TEST_MIGRATE_AS": "postgres",
        }
        done = subprocess.run(PYTEST, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    print(done.stdout.splitlines()[-1])
