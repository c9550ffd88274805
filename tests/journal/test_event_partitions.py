"""The months of the journal: made ahead, dropped in time, and never in anybody's way."""

import psycopg
import pytest
from harness import in_thread, wait_until_blocked
from journal.trail import trail
from psycopg.rows import scalar_row
from rows import make_pair
from security.allowed import ROLES
from security.inventory import relations
from wingmanmatch.catalog.privileges import read_privileges
from wingmanmatch.database.fingerprint import fingerprint

MONTH = "to_char(now() at time zone 'UTC' + interval '{} months', '\"events_\"YYYY_MM')"


def values(db, query: str) -> list:
    return db.cursor(row_factory=scalar_row).execute(query).fetchall()


def name(db, months: int) -> str:
    """The partition of a month, counted from this one."""
    return values(db, f"select {MONTH.format(months)}")[0]


def partitions(db) -> list[str]:
    """Those of months."""
    return values(
        db,
        """select c.relname::text from pg_inherits as i inner join pg_class as c on c.oid = i.inhrelid
           where i.inhparent = 'wingman.events'::regclass and c.relname <> 'events_default'
           order by c.relname""",
    )


def make(db) -> int:
    return values(db, "select wingman.make_event_partitions()")[0]


def drop(db) -> int:
    return values(db, "select wingman.drop_event_partitions()")[0]


def let_all_be_read(db) -> None:
    """A month that a reader has not read is not dropped."""
    db.execute("select wingman.count_events(10000), wingman.fill_inboxes(10000)")


def lose(db, months: int) -> None:
    """Remove a month's partition, as if nobody had made it in time."""
    db.execute(f"drop table wingman.{name(db, months)}")


def write(db, months: int, days: int = 0) -> None:
    """A row of a month, of its first moment or some days later."""
    db.execute(
        """insert into wingman.events (occurred_at, kind)
           values (
               (
                   date_trunc('month', now() at time zone 'UTC')
                   + make_interval(months => %s, days => %s)
               ) at time zone 'UTC',
               'settings_changed'
           )""",
        [months, days],
    )


def rows_of(db, partition: str) -> int:
    return values(db, f"select count(*) from wingman.{partition}")[0]


class TestMaking:
    def test_an_installation_has_this_month_and_three_ahead(self, db):
        assert partitions(db) == [name(db, months) for months in range(4)]
        assert make(db) == 0

    def test_what_is_missing_is_made(self, db):
        before = partitions(db)
        lose(db, 1)
        lose(db, 3)
        assert make(db) == 2
        assert partitions(db) == before
        assert make(db) == 0

    def test_rows_go_where_their_month_is(self, db, people):
        people.add()
        assert rows_of(db, name(db, 0)) == len(trail(db)) == 1
        assert rows_of(db, "events_default") == 0

    def test_bounds_are_months_in_utc_whatever_the_session_s_time_zone(self, db):
        lose(db, 2)
        db.execute("set timezone = 'Pacific/Kiritimati'; set datestyle = 'SQL, DMY'")
        assert make(db) == 1
        db.execute("set timezone = 'UTC'; set datestyle = 'ISO'")
        bound = values(
            db, f"select pg_get_expr(relpartbound, oid) from pg_class where relname = '{name(db, 2)}'"
        )[0]
        first, after = (name(db, months)[-7:].replace("_", "-") for months in (2, 3))
        assert bound == f"FOR VALUES FROM ('{first}-01 00:00:00+00') TO ('{after}-01 00:00:00+00')"

    @pytest.mark.parametrize("role", ["none", "wingman_owner"], ids=["superuser", "owner"])
    def test_they_are_the_owner_s_alone(self, db, role):
        lose(db, 2)
        with db.transaction():
            db.execute(f"set local role {role}")
            assert make(db) == 1
        owners = values(db, "select distinct relowner::regrole::text from pg_class where relname ~ '^events'")
        assert owners == ["wingman_owner"]
        grantees = values(
            db,
            """select distinct a.grantee::regrole::text
               from pg_class as c cross join aclexplode(c.relacl) as a
               where c.relname ~ '^events' and c.relnamespace = 'wingman'::regnamespace""",
        )
        assert grantees == ["wingman_owner"]

    @pytest.mark.parametrize("statement", ["update {} set id = 0", "delete from {}", "truncate {}"])
    def test_they_are_append_only(self, db, people, statement):
        lose(db, 0)
        make(db)
        people.add()
        with pytest.raises(psycopg.errors.CheckViolation, match="is append-only"):
            db.execute(statement.format(f"wingman.{name(db, 0)}"))

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("function", ["make_event_partitions", "drop_event_partitions"])
    def test_no_role_may_call_for_it(self, db, role, function):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute(f"set local role {role}")
            db.execute(f"select wingman.{function}()")

    def test_catalogs_do_not_tell_how_old_a_database_is(self, db):
        def look():
            return fingerprint(db), read_privileges(db), relations(db)

        before = look()
        write(db, -7)
        assert make(db) == 1
        assert look() == before
        assert any("events_default" in line for line in before[1])
        assert "relation wingman.events_default: kind" in before[0]


class TestTheDefaultPartition:
    def test_takes_what_is_of_no_month_and_gives_it_back(self, db, people):
        lose(db, 0)
        pair = make_pair(db, people)
        before = trail(db)
        assert rows_of(db, "events_default") == len(before) > 3

        assert make(db) == 1

        assert rows_of(db, "events_default") == 0
        assert rows_of(db, name(db, 0)) == len(before)
        assert trail(db) == before
        db.execute("update public.wingman_matches set ended_at = now() where id = %s", [pair.match_id])
        assert rows_of(db, "events_default") == 0

    def test_rows_of_months_long_gone_get_their_partition(self, db):
        write(db, -2)
        write(db, -2, days=27)
        write(db, -5)
        assert make(db) == 2
        assert partitions(db)[:2] == [name(db, -5), name(db, -2)]
        assert [rows_of(db, partition) for partition in partitions(db)[:2]] == [1, 2]
        assert rows_of(db, "events_default") == 0

    def test_a_row_of_no_time_stays_there(self, db):
        db.execute("insert into wingman.events (occurred_at, kind) values ('infinity', 'settings_changed')")
        assert make(db) == 0
        assert rows_of(db, "events_default") == 1

    def test_is_append_only_again_after_giving(self, db):
        write(db, -2)
        make(db)
        write(db, -9)
        with pytest.raises(psycopg.errors.CheckViolation, match="events_default is append-only"):
            db.execute("delete from wingman.events_default")


class TestDropping:
    @pytest.fixture
    def kept(self, db):
        """The settings' number of months; there is a partition of each of the last five."""
        db.execute("update wingman.settings set journal_retention_months = 3 where id")
        for months in range(-5, 0):
            write(db, months)
        assert make(db) == 5
        let_all_be_read(db)

    def test_whole_months_beyond_the_retention_go(self, db, kept):
        assert drop(db) == 2
        assert partitions(db) == [name(db, months) for months in range(-3, 4)]
        assert drop(db) == 0

    def test_a_longer_retention_keeps_them(self, db, kept):
        db.execute("update wingman.settings set journal_retention_months = 5 where id")
        assert drop(db) == 0

    def test_everything_else_stays(self, db, kept):
        before = trail(db)
        assert drop(db) == 2
        gone = {row["id"] for row in before} - {row["id"] for row in trail(db)}
        assert len(gone) == 2
        assert [row for row in before if row["id"] not in gone] == trail(db)
        assert {row["kind"] for row in before if row["id"] in gone} == {"settings_changed"}

    def test_a_new_installation_has_nothing_to_drop(self, db):
        assert drop(db) == 0

    def test_more_than_the_stated_number_go_only_when_that_is_said(self, db, kept):
        db.execute("update wingman.settings set journal_drop_limit = 1 where id")
        before, told = partitions(db), []
        db.add_notice_handler(
            lambda note: told.append((note.severity_nonlocalized, note.message_primary, note.message_hint))
        )
        assert drop(db) == 0
        assert partitions(db) == before
        ((severity, message, hint),) = told
        assert severity == "WARNING"
        assert message == "2 months of the journal are due to be dropped at once: none was"
        assert values(db, "select wingman.drop_event_partitions(max_months => 1)") == [0]
        statement = hint.removeprefix("If the clock of the server is right: ")
        assert values(db, statement) == [2]
        assert partitions(db) == before[2:]

    def test_as_many_as_stated_go(self, db, kept):
        db.execute("update wingman.settings set journal_drop_limit = 2 where id")
        assert drop(db) == 2


class TestAClockThatIsAhead:
    """To the server's clock it makes no difference whether it is ahead, or the rows are old."""

    YEARS = 10
    MONTHS = YEARS * 12

    @pytest.fixture
    def history(self, db):
        """What was kept when the clock was right: as many months as the settings say, and this one."""
        for months in range(24, -1, -1):
            write(db, -self.MONTHS - months)
        assert make(db) == 25
        let_all_be_read(db)
        return partitions(db)

    def test_by_itself_it_makes_nothing_old(self, db, history):
        assert values(db, "select wingman.drop_event_partitions(max_months => 1200)") == [0]
        assert partitions(db) == history

    def test_nor_do_the_rows_that_are_written_meanwhile(self, db, history, people):
        people.add()
        let_all_be_read(db)
        assert values(db, "select cardinality(wingman.due_event_partitions())") == [25]
        assert drop(db) == 0
        assert partitions(db) == history

    def test_what_is_due_when_it_is_a_little_ahead_is_what_the_limit_allows(self, db, people):
        for months in range(27, -1, -1):
            write(db, -months)
        make(db)
        let_all_be_read(db)
        assert drop(db) == 3


class TestAtOnce:
    def test_two_who_make_them_take_turns(self, db, connect):
        lose(db, 1)
        lose(db, 2)
        first, second = (connect(user=db.info.user) for _ in range(2))
        with first.transaction():
            assert make(first) == 2
            late = in_thread(make, second)
            wait_until_blocked(db, second.info.backend_pid, by=first.info.backend_pid)
        assert late.result(timeout=15) == 0
        assert partitions(db) == [name(db, months) for months in range(4)]

    def test_two_who_drop_them_take_turns(self, db, connect):
        write(db, -30)
        write(db, 0)
        make(db)
        let_all_be_read(db)
        first, second = (connect(user=db.info.user) for _ in range(2))
        with first.transaction():
            assert drop(first) == 1
            late = in_thread(drop, second)
            wait_until_blocked(db, second.info.backend_pid, by=first.info.backend_pid)
        assert late.result(timeout=15) == 0
        assert partitions(db) == [name(db, months) for months in range(4)]

    def test_who_finds_nothing_to_do_waits_for_nobody(self, db, connect):
        lose(db, 3)
        maker, other = (connect(user=db.info.user) for _ in range(2))
        with maker.transaction():
            assert make(maker) == 1
            assert drop(other) == 0
        with maker.transaction():
            maker.execute("select pg_advisory_xact_lock(hashtextextended('wingman.events', 0))")
            assert make(other) == drop(other) == 0

    def test_who_writes_while_this_month_is_made_waits_and_writes_to_it(self, db, connect, people):
        pair = make_pair(db, people)
        lose(db, 0)
        maker, writer = (connect(user=db.info.user) for _ in range(2))
        with maker.transaction():
            assert make(maker) == 1
            late = in_thread(
                writer.execute,
                "update public.wingman_matches set ended_at = now() where id = %s",
                [pair.match_id],
            )
            wait_until_blocked(db, writer.info.backend_pid, by=maker.info.backend_pid)
        late.result(timeout=15)
        assert rows_of(db, name(db, 0)) == 1
        assert rows_of(db, "events_default") == 0

    def test_making_months_ahead_stops_no_writer(self, db, connect, people):
        pair = make_pair(db, people)
        lose(db, 3)
        maker = connect(user=db.info.user)
        with maker.transaction():
            assert make(maker) == 1
            db.execute("set lock_timeout = '100ms'")
            db.execute("update public.wingman_matches set ended_at = now() where id = %s", [pair.match_id])
        assert [row["kind"] for row in trail(db)][-1] == "match_ended"

    def test_who_holds_the_table_is_not_waited_for(self, db, connect, people):
        write(db, -30)
        write(db, 0)
        make(db)
        let_all_be_read(db)
        before = partitions(db)
        holder = connect(user=db.info.user)
        with holder.transaction():
            holder.execute("select from wingman.events")
            assert drop(db) == 0
        assert partitions(db) == before
        assert drop(db) == 1
