"""After 200,000 matches made and declined, a search reads as much as before, and no table is bloated."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from crowd import make_crowd, person, work
from harness import Connection, build_database
from psycopg.rows import dict_row
from rows import lift_rate_limits
from wingmanmatch.database.embedded import BINARIES, FAST_AND_FORGETFUL, embedded_server

CYCLES = 200_000
CLIENTS = 2
PEOPLE, SIDE, TOWN = 20_000, 20, (3872, -914)
# autovacuum as it comes, but for the pause between its rounds: a day's work is done here in minutes
SETTINGS = {**FAST_AND_FORGETFUL, "autovacuum_naptime": "5s"}

_SIZES = """
    select relname, pg_relation_size(relid) / 8192 as pages, pg_indexes_size(relid) / 8192 as index_pages
    from pg_stat_user_tables
    where relname in ('matchmaking_pool', 'occupied_cells')
"""


@pytest.fixture
def town() -> Iterator[Connection]:
    """A town on a separate server, with autovacuum as usual."""
    with (
        tempfile.TemporaryDirectory(prefix="wingman-churn-") as directory,
        embedded_server(Path(directory, "data"), settings=SETTINGS) as server,
    ):
        build_database(server.url())
        with psycopg.connect(server.url(), autocommit=True, row_factory=dict_row) as connection:
            with connection.transaction():
                make_crowd(connection, "town", PEOPLE, TOWN, side=SIDE, travel=100)
                for cell in range(SIDE):
                    make_crowd(
                        connection, f"newcomer {cell}", 1, (TOWN[0] + cell, TOWN[1] + cell), paused=True
                    )
            # everybody is found some twenty times
            connection.execute(
                "update wingman.settings set exposure_limit = 1000, exposure_window = '1 minute'"
            )
            lift_rate_limits(connection)
            connection.execute("vacuum analyze")
            connection.execute(Path(__file__).with_name("churn.sql").read_text())
            yield connection


def churn(town: Connection, cycles: int) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set n random(0, {PEOPLE - 1})\nselect churn.cycle(md5('town' || :n)::uuid);\n")
        script.flush()
        subprocess.run(
            [
                BINARIES / "pgbench",
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={CLIENTS}",
                f"--jobs={CLIENTS}",
                f"--transactions={cycles // CLIENTS}",
                f"--file={script.name}",
                town.info.dsn,
            ],
            check=True,
            capture_output=True,
        )


def figures(town: Connection) -> dict[str, int]:
    """What newcomers' searches read all together, and how large the tables are, in pages."""
    searches = [
        work(
            town,
            "wingman.find_candidate("
            "(select s from wingman.matchmaking_pool as s where s.user_id = %s), 100,"
            " (select t from wingman.search_settings as t), '{}')",
            person(f"newcomer {cell}", 0),
        )
        for cell in range(SIDE)
    ]
    assert all(search.answer["candidate"]["user_id"] for search in searches)
    sizes = {row["relname"]: row for row in town.execute(_SIZES)}
    return {
        "rows": sum(search.rows["matchmaking_pool"] for search in searches),
        "buffers": sum(search.buffers for search in searches),
        "seekers": sizes["matchmaking_pool"]["pages"],
        "indexes of seekers": sizes["matchmaking_pool"]["index_pages"],
        "cells": sizes["occupied_cells"]["pages"] + sizes["occupied_cells"]["index_pages"],
    }


@pytest.mark.long
def test_churn_does_not_rot_the_search(town: Connection) -> None:
    before = figures(town)
    churn(town, CYCLES)
    after = figures(town)
    done = town.execute(
        "select count(*) as cycles, count(*) filter (where declined) as declines,"
        " (select count(*) from public.wingman_matches) as matches from churn.cycles"
    ).fetchone()
    print(done)
    for name, value in before.items():
        print(f"{name}: {value} before, {after[name]} after")
    assert done
    assert done["cycles"] == CYCLES
    assert done["declines"] > 0.95 * CYCLES
    assert after["rows"] <= 1.2 * before["rows"]
    assert after["buffers"] <= 1.5 * before["buffers"]
    assert after["seekers"] <= 2 * before["seekers"]
    assert after["indexes of seekers"] <= 3 * before["indexes of seekers"]
    assert after["cells"] <= before["cells"] + 2
