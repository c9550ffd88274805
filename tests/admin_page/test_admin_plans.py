"""However many people there are, what the page asks for first reads few of them."""

import psycopg
import pytest
from harness import OPERATOR
from wingmanmatch.admin import looks

pytestmark = pytest.mark.fresh_database

PEOPLE = 20_000
HOT = ("matchmaking_pool", "idempotency_keys", "wingman_notifications", "rate_limits", "user_profiles")
_COUNTED = """
    select relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'wingman') and relname = any(%s)
"""
_FILL = """
    insert into wingman.matchmaking_pool (user_id, grid_lat, grid_lng, level, max_travel_miles)
    select md5(i::text)::uuid, mod(i, 9000), mod(i, 18000), 1, 10 from generate_series(1, %(people)s) as i;

    insert into wingman.idempotency_keys (user_id, idempotency_key, fingerprint, response)
    select md5(i::text)::uuid, 'key', 'x', '{}' from generate_series(1, %(people)s) as i;

    insert into wingman.rate_limits (user_id, bucket, spent_until)
    select md5(i::text)::uuid, 'respond', now() from generate_series(1, %(people)s) as i;

    insert into public.wingman_notifications (id, user_id, kind, event_id)
    select wingman.new_id(), md5(i::text)::uuid, 'match_offered', i from generate_series(1, %(people)s) as i;

    insert into public.user_profiles (id, first_name, experience_level)
    select md5(i::text)::uuid, 'Ana', 'beginner' from generate_series(1, %(people)s) as i;
"""


@pytest.fixture(
    scope="module", params=[pytest.param("never analysed", marks=pytest.mark.exhaustive), "analysed"]
)
def operator(request, file_database):
    file_database.empty()
    info = file_database.connection.info
    with (
        psycopg.connect(info.dsn, user=info.user, autocommit=True, cursor_factory=psycopg.ClientCursor) as db,
        psycopg.connect(info.dsn, user=OPERATOR, autocommit=True) as reading,
    ):
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute(_FILL, {"people": PEOPLE})
        if request.param == "analysed":
            db.execute("analyze")
        yield reading


def counted(operator):
    return {table: (scans, rows) for table, scans, rows in operator.execute(_COUNTED, [[*HOT]])}


def read_by(operator, look):
    """Sequential scans and rows read of each hot table, by what the page asks for."""
    with operator.transaction():
        # it includes what the connection did before and has not reported yet
        before = counted(operator)
        look(operator)
        after = counted(operator)
    read = {
        table: (scans - before.get(table, (0, 0))[0], rows - before.get(table, (0, 0))[1])
        for table, (scans, rows) in after.items()
    }
    return {table: counts for table, counts in read.items() if any(counts)}


FIRST = {
    "session": looks.session,
    "overview": lambda connection: looks.overview(connection, 365),
    "queues": looks.queues,
    "settings": looks.settings,
    "decisions": lambda connection: looks.decisions(connection, 100),
}


@pytest.mark.parametrize("look", FIRST)
def test_what_is_asked_for_first_reads_no_hot_table_whole(operator, look):
    read = read_by(operator, FIRST[look])
    assert not [table for table, (scans, _) in read.items() if scans], read
    assert sum(rows for _, rows in read.values()) <= 100, read


@pytest.mark.parametrize(
    ("look", "times"), [(looks.places, 1), (looks.waiting, 2)], ids=["places", "waiting"]
)
def test_what_reads_everybody_does_so_once_for_each_view(operator, look, times):
    read = read_by(operator, look)
    assert {*read} == {"matchmaking_pool"}
    # a parallel scan counts once for each worker
    assert read["matchmaking_pool"][1] <= times * PEOPLE
