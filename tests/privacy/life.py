"""Somebody who has done everything there is, among others who did so too; every text says whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness import Caller, Connection, People, Rpc
from psycopg import sql
from rows import lift_rate_limits, update_session

SOON = timedelta(minutes=10)
PLACE = {"lat": 12.34567, "lng": 76.54321}
NEEDLES = ("¶Ana", "ana-photo", "ana-mail", "ana-browser", str(PLACE["lat"]), str(PLACE["lng"]))
"""What a search for anything of Ana's must look for."""
Place = tuple[str, str]


def telling(name: str) -> dict[str, Any]:
    """A profile each text of which has the person's mark."""
    return {
        "first_name": f"¶{name}Name",
        "bio": f"¶{name}Bio",
        "photo_url": f"https://{name.lower()}-photo.example/",
        "city": f"¶{name}City",
        "confidence_archetype": f"¶{name}Style",
    }


@dataclass
class Life:
    """Ana's, told by ``live``."""

    db: Connection
    rpc: Rpc
    people: People
    ids: dict[str, UUID] = field(default_factory=dict)
    keys: int = 0

    @property
    def ana(self) -> UUID:
        return self.ids["Ana"]

    def join(self, name: str, away: float) -> None:
        """Complete the profile, with a key, that many degrees away from Ana's place."""
        user_id = self.people.auth_only()
        self.ids[name] = user_id
        self.call(
            name,
            "complete_profile",
            experience_level="beginner",
            **telling(name),
            **{degree: value + away for degree, value in PLACE.items()},
        )

    def caller(self, name: str) -> Caller:
        return self.rpc.as_user(self.ids[name])

    def call(self, name: str, function: str, **arguments: Any) -> Any:
        """A call with a key of its own."""
        self.keys += 1
        key = f"¶{name}Key {self.keys} {function}"
        return self.caller(name).call(function, **arguments, idempotency_key=key)

    def open_channels(self, name: str) -> None:
        """Be told by e-mail and in a browser."""
        ours = name.lower()
        channel = {"channel": "email", "kinds": None, "language": "de", "time_zone": "Europe/Berlin"}
        caller = self.rpc.as_user(self.ids[name], email=f"{ours}-mail@example.org")
        caller.call("set_notification_settings", **channel, idempotency_key=f"¶{name}Key email")
        self.db.execute(
            "update wingman.email_addresses set confirmed_at = statement_timestamp() where user_id = %s",
            [self.ids[name]],
        )
        quiet = {"quiet_from": "22:00", "quiet_until": "07:00"}
        self.call(name, "set_notification_settings", channel="web_push", kinds=["match_offered"], **quiet)
        for browser in ("one", "two"):
            endpoint = f"https://fcm.googleapis.com/{ours}-browser/{browser}"
            keys = {"p256dh": "B" + "a" * 86, "auth": "a" * 22}
            self.call(name, "register_push_subscription", endpoint=endpoint, **keys)
        self.call(name, "remove_push_subscription", endpoint=endpoint)

    def only(self, *names: str) -> None:
        """Leave all but these out of matching."""
        self.db.execute(
            "update wingman.matchmaking_pool set paused = user_id <> all(%s)",
            [[self.ids[name] for name in names]],
        )

    def arrange(self, name: str, match_id: UUID) -> UUID:
        return self.call(
            name,
            "create_session",
            match_id=match_id,
            scheduled_time=datetime.now(UTC) + SOON,
            venue_name="Blue Note",
            notes=f"¶{name}Notes",
        )["id"]


def live(db: Connection, rpc: Rpc, people: People) -> Life:
    """Until today: nothing that a call or an operator can do about Ana is missing."""
    life = Life(db, rpc, people)
    admin = rpc.as_admin()
    for place, name in enumerate(("Ana", "Ben", "Cem", "Dan", "Eve")):
        life.join(name, place / 100_000)
        life.open_channels(name)
    admin.call("wingman_admin.add_webhook", url="https://example.org/", reason="¶OperatorReason")
    life.call("Ana", "set_leaderboard_visibility", visibility="named")
    life.call("Ana", "pause_matching")
    life.call("Ana", "resume_matching")
    # suspended for a time that has passed
    told = {"user_id": life.ana, "reason": "¶OperatorReason"}
    admin.call("wingman_admin.suspend_user", until=datetime.now(UTC) + SOON, **told)
    db.execute("update wingman.suspensions set ends_at = now()")

    # found by a search, and declined
    life.only("Ana", "Cem")
    found = life.call("Cem", "create_automatic_match")
    assert found["buddy_user_id"] == life.ana
    life.call("Ana", "respond_to_match", match_id=found["match_id"], action="decline")
    # found after a decline
    life.only("Dan", "Eve")
    first = life.call("Dan", "create_automatic_match")["match_id"]
    life.only("Dan", "Ana")
    answer = life.call("Dan", "respond_to_match", match_id=first, action="decline")
    assert answer["next_match"]["buddy_user_id"] == life.ana
    life.call("Ana", "respond_to_match", match_id=answer["next_match"]["match_id"], action="decline")
    # searched herself
    life.only("Ana", "Ben")
    db.execute("update wingman.settings set acceptance = 'both'")
    match_id = life.call("Ana", "create_automatic_match")["match_id"]
    for name in ("Ana", "Ben"):
        life.call(name, "respond_to_match", match_id=match_id, action="accept")

    completed = life.arrange("Ana", match_id)
    life.call("Ben", "agree_to_session", session_id=completed)
    for name, other in (("Ana", "Ben"), ("Ben", "Ana")):
        later = datetime.now(UTC) + SOON
        life.call(name, "reschedule_session", session_id=completed, scheduled_time=later)
        life.call(other, "agree_to_session", session_id=completed)
    life.call("Ben", "start_session", session_id=completed)
    life.call("Ana", "start_session", session_id=completed)
    update_session(db, completed, "scheduled_time = now()")
    for name in ("Ana", "Ben"):
        life.call(name, "confirm_session_completion", session_id=completed)
    life.call("Ana", "cancel_session", session_id=life.arrange("Ana", match_id), reason="¶AnaReason")
    life.call("Ana", "cancel_session", session_id=life.arrange("Ben", match_id), reason="¶AnaReason")
    life.call("Ben", "cancel_session", session_id=life.arrange("Ana", match_id), reason="¶BenReason")
    missed = life.arrange("Ben", match_id)
    update_session(db, missed, "scheduled_time = now()")
    told = {"absent_user_id": life.ana, "reason": "¶OperatorReason"}
    admin.call("wingman_admin.mark_no_show", session_id=missed, **told)
    for name, other in (("Ana", "Ben"), ("Ben", "Ana")):
        reported = life.arrange(other, match_id)
        update_session(db, reported, "scheduled_time = now() - interval '1 hour'")
        why = {"session_id": reported, "reason": "did_not_come"}
        life.call(name, "report_no_show", **why, note=f"¶{name}Note")
        answer = {"session_id": reported, "action": "contest", "statement": f"¶{other}Statement"}
        life.call(other, "answer_no_show", **answer)
        if name == "Ana":
            told = {"outcome": "dismiss", "absent_user_ids": None, "reason": "¶OperatorReason"}
            admin.call("wingman_admin.decide_no_show", session_id=reported, **told)
        life.call("Ana", "cancel_session", session_id=reported)
    # by hand, so that nobody knows whose notes and reason these are
    by_hand = life.arrange("Ben", match_id)
    update_session(db, by_hand, "notes = '¶AnaOrBen', created_by = null, status = 'cancelled'")
    update_session(db, by_hand, "cancellation_reason = '¶AnaOrBen'")
    running = life.arrange("Ana", match_id)
    life.call("Ben", "start_session", session_id=running)

    for name, subject in (("Ana", "Dan"), ("Eve", "Ana")):
        life.call(name, "report_user", subject_id=life.ids[subject], reason=f"¶{name}Report")
        life.call(name, "block_user", subject_id=life.ids[subject])
    life.call("Ana", "block_user", subject_id=life.ids["Cem"])
    life.call("Ana", "unblock_user", subject_id=life.ids["Cem"])
    lift_rate_limits(db)
    life.call(
        "Ana", "complete_profile", experience_level="beginner", **telling("Ana"), **PLACE, max_travel_miles=37
    )
    admin.call("wingman.run_readers")
    newest = life.caller("Ana").call("list_notifications", page_size=2)[-1]["id"]
    life.call("Ana", "mark_notifications_read", up_to=newest)
    admin.call("wingman_admin.export_user", user_id=life.ana, reason="¶OperatorReason")
    return life


def tables(db: Connection) -> list[str]:
    """Our tables, each partitioned one as a whole, by their qualified names."""
    found = db.execute(
        """select format('%s.%s', n.nspname, c.relname) as name
           from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
           where n.nspname in ('public', 'wingman') and c.relkind in ('r', 'p') and not c.relispartition
           order by 1"""
    )
    return [row["name"] for row in found]


def columns(db: Connection) -> list[Place]:
    """Every column of every table of ours."""
    found = db.execute(
        """select t.name, a.attname::text as column
           from unnest(%s::text[]) as t (name)
           inner join pg_attribute as a on a.attrelid = t.name::regclass
           where a.attnum > 0 and not a.attisdropped""",
        [tables(db)],
    )
    return [(row["name"], row["column"]) for row in found]


def places(db: Connection, needles: Iterable[str]) -> set[Place]:
    """The columns of any table, in any row of which one of the texts is found."""
    wanted = [f"%{needle}%" for needle in needles]
    found = set()
    for table, column in columns(db):
        query = sql.SQL("select exists (select from {} where {}::text like any(%s)) as found").format(
            sql.SQL(table), sql.Identifier(column)
        )
        row = db.execute(query, [wanted]).fetchone()
        assert row
        if row["found"]:
            found.add((table, column))
    return found


def kept_for_now(said: dict[Place, dict[str, Any]]) -> set[Place]:
    """What an erasure leaves and something later deletes: texts of reports that nobody has decided."""
    return {place for place, row in said.items() if row["at_erasure"] == "deleted" and row["reason"]}


def inventory(db: Connection) -> dict[Place, dict[str, Any]]:
    """What the registry says of each column."""
    rows = db.execute("select * from wingman.data_inventory").fetchall()
    said = {(row["table_name"], row["column_name"]): row for row in rows}
    assert len(said) == len(rows)
    return said
