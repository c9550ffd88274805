"""Everybody in relation to one victim, and what each of them is allowed to know."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.outbox import add_address
from harness import LISBON, Connection, People, Rpc
from psycopg.types.json import Jsonb
from rows import make_match, make_session, update_session
from security.allowed import KEPT_FROM_THE_OTHER, OWNERS
from security.inventory import Relation, tables

PROFILE_TEXTS = ("first_name", "bio", "photo_url", "city", "confidence_archetype")

# What an answer must not hold of others: texts that a person wrote, addresses, ids, moments and coordinates.
PUSH_SERVICE = "https://fcm.googleapis.com/"
_TELLING = re.compile(
    r"§|unlisted|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^\d{4}-\d\d-\d\dT[\d:]+\.\d{3,}|^-?\d+\.\d{5,}$"
)

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]
"""By table, without its schema, and key."""


@dataclass(frozen=True)
class World:
    """Users by name; matches, sessions and reports of both kinds by their pair, as ``victim+friend``.

    Of everybody's notifications the newest one, and a message that was given up.
    """

    users: dict[str, UUID]
    matches: dict[str, UUID]
    sessions: dict[str, UUID]
    reports: dict[str, UUID]
    no_shows: dict[str, UUID]
    notifications: dict[str, UUID]
    addresses: dict[str, UUID]
    deliveries: dict[str, UUID]
    webhooks: dict[str, UUID]

    def name(self, id_: UUID | str) -> str:
        """Whose id this is."""
        things = {**self.users, **self.matches, **self.sessions, **self.reports, **self.no_shows}
        things |= self.notifications | self.addresses | self.deliveries | self.webhooks
        return next((name for name, found in things.items() if str(found) == str(id_)), str(id_))


def make_world(db: Connection, people: People, rpc: Rpc) -> World:
    """Every state of a match and of a session, with a victim in most of them."""
    service = rpc.as_service()
    names = ("victim", "friend", "partner", "asked", "former", "blocked", "decliner", "lapsed", "stranger")
    users = {}
    for number, name in enumerate(names):
        texts = {text: f"§{name} {text}" for text in PROFILE_TEXTS} | {"photo_url": f"https://§{name}.org/"}
        place = {axis: degrees + (number + 1) * 1.0123e-3 for axis, degrees in LISBON.items()}
        users[name] = people.add(**place, **texts)
    users["suspended"] = people.add(**LISBON)
    users["newcomer"] = people.auth_only()
    matches = {
        pair: make_match(db, *(users[name] for name in pair.split("+")), status)
        for pair, status in {
            "victim+partner": "accepted",
            "victim+friend": "accepted",
            "victim+former": "accepted",
            "victim+blocked": "accepted",
            "victim+decliner": "declined",
            "victim+lapsed": "expired",
            "victim+asked": "pending",
            "stranger+former": "accepted",
            "stranger+decliner": "accepted",
            "lapsed+decliner": "lapsed",
        }.items()
    }
    sessions = {}
    for pair, kind in [
        ("victim+partner", "completed"),
        ("victim+partner", "due"),
        ("victim+friend", "completed"),
        ("victim+friend", "in_progress"),
        ("victim+former", "completed"),
        ("victim+former", "cancelled"),
        ("victim+blocked", "due"),
        ("stranger+former", "no_show"),
        ("stranger+decliner", "to_come"),
    ]:
        name = f"{pair} {kind}"
        user, buddy = (users[name] for name in pair.split("+"))
        starts = "2 days" if kind == "to_come" else "-2 days"
        id_ = sessions[name] = make_session(db, matches[pair], starts=starts)
        update_session(db, id_, f"venue_name = '§{name} venue_name', notes = '§{name} notes'")
        confirmed_by = {"completed": (user, buddy), "in_progress": (buddy,)}.get(kind, ())
        for user_id in confirmed_by:
            service.call("confirm_session_completion", session_id=id_, user_id=user_id)
        if kind == "in_progress":
            update_session(db, id_, "status = 'in_progress'")
        elif kind == "no_show":
            mark = {"session_id": id_, "absent_user_id": buddy, "reason": f"§{name} reason"}
            service.call("wingman_admin.mark_no_show", **mark)
        elif kind == "cancelled":
            reason = f"§{name} cancellation_reason"
            service.call("cancel_session", session_id=id_, reason=reason, user_id=user)
        if kind in ("due", "to_come"):
            update_session(db, id_, f"proposed_by = '{buddy if pair == 'victim+partner' else user}'")
    no_shows = {}
    for pair, reporter, accused in [
        ("victim+friend", "victim", "friend"),
        ("victim+blocked", "blocked", "victim"),
    ]:
        kind = "in_progress" if pair == "victim+friend" else "due"
        reported = {"session_id": sessions[f"{pair} {kind}"]}
        words = {"reason": "did_not_come", "note": f"§{reporter} note about {accused}"}
        report = service.call("report_no_show", **reported, **words, user_id=users[reporter])
        no_shows[f"{pair} no-show"] = report["id"]
        if pair == "victim+friend":
            answer = {"action": "contest", "statement": f"§{accused} statement"}
            service.call("answer_no_show", **reported, **answer, user_id=users[accused])
    suspension = {"user_id": users["suspended"], "until": None, "reason": "§suspended reason"}
    service.call("wingman_admin.suspend_user", **suspension)
    service.call("end_match", match_id=matches["victim+former"], user_id=users["victim"])
    service.call("block_user", subject_id=users["blocked"], user_id=users["victim"])
    service.call("report_user", subject_id=users["blocked"], reason="§report", user_id=users["victim"])
    # what operators see of somebody who has left, and of settings that are as they were
    db.execute("delete from auth.users where id = %s", [people.add("Gone")])
    for limit in (3, 2):
        db.execute("select wingman_admin.change_settings(%s, 'A try')", [Jsonb({"settle_limit": limit})])
    addresses = {}
    for name in ("victim", "friend", "stranger"):
        channel = {"channel": "web_push", "kinds": None, "quiet_from": "22:00", "quiet_until": "07:00"}
        service.call("set_notification_settings", **channel, user_id=users[name])
        browser = {"endpoint": f"{PUSH_SERVICE}unlisted/{name}", "p256dh": "B" + "a" * 86, "auth": "a" * 22}
        service.call("register_push_subscription", **browser, user_id=users[name])
        # users alone can bring an address, by their token
        address = f"{name}@unlisted.example"
        addresses[f"{name}'s address"] = add_address(db, users[name], address, confirmed=name == "victim")
    found = db.execute("select id from wingman.user_reports").fetchone()
    assert found is not None
    webhooks = {}
    for name in ("webhook", "webhook that is gone"):
        url = f"https://unlisted.example/{name.replace(' ', '_')}"
        added = service.call("wingman_admin.add_webhook", url=url, reason="A try")
        webhooks[name] = added["webhook_id"]
    gone = "update wingman.webhooks set disabled_at = statement_timestamp() where id = %s"
    db.execute(gone, [webhooks["webhook that is gone"]])
    # twice: the first run awards achievements, of which the second one tells
    for _ in range(2):
        service.call("wingman.run_readers")
    dead = db.execute(
        """update wingman.notification_deliveries as d
           set state = 'dead', attempts = 10, last_error = 'http_503', settled_at = statement_timestamp()
           where d.id = (select min(o.id::text)::uuid from wingman.notification_deliveries as o
                         where o.user_id = %s)
           returning id""",
        [users["victim"]],
    ).fetchone()
    assert dead is not None
    newest = {
        row["user_id"]: row["id"]
        for row in db.execute("select user_id, id from public.wingman_notifications order by id")
    }
    notifications = {f"{name} told": newest[id_] for name, id_ in users.items() if id_ in newest}
    reports = {"victim+blocked report": found["id"]}
    deliveries = {"victim's message": dead["id"]}
    return World(users, matches, sessions, reports, no_shows, notifications, addresses, deliveries, webhooks)


class Snapshots:
    """Reads every row of every table of ours. Wants a superuser."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        found = tables(db)
        self._rows = " union all ".join(map(_rows_of, found))
        texts = " union all ".join(f"select x::text as row from {table.qualified} as x" for table in found)
        self._hash = f"select sum(hashtextextended(t.row, 0)) as hash from ({texts}) as t"

    def rows(self) -> Rows:
        found: Rows = {}
        for row in self._db.execute(self._rows):
            found.setdefault(row["name"], {})[row["key"]] = row["row"]
        return found

    def now(self) -> str:
        row = self._db.execute("select to_jsonb(statement_timestamp()) as now").fetchone()
        assert row is not None
        return row["now"]

    def hash(self) -> Any:
        """The same for the same rows, in any order; much quicker than they are."""
        row = self._db.execute(self._hash).fetchone()
        assert row is not None
        return row["hash"]


def _rows_of(table: Relation) -> str:
    assert table.key, f"{table.qualified} has no primary key to tell its rows apart"
    key = " || ' ' || ".join(f"x.{column}::text" for column in table.key)
    return f"select '{table.name}' as name, {key} as key, to_jsonb(x) as row from {table.qualified} as x"


def people_of(table: str, row: Row, rows: Rows) -> set[str]:
    """The users whose row this is."""
    if table in ("wingman_sessions", "reminders") or (
        table in ("events", "events_default") and row["match_id"]
    ):
        return people_of("wingman_matches", rows["wingman_matches"][row["match_id"]], rows)
    if table == "operator_decisions":
        # of a report, nobody's: its own row says how it was decided
        for things in ("wingman_matches", "wingman_sessions"):
            if row["subject_id"] in rows[things]:
                return people_of(things, rows[things][row["subject_id"]], rows)
    return {row[column] for column in OWNERS[table]}


def partners(user_id: str, rows: Rows, now: str) -> set[str]:
    """Current partners, by the contract: pending and unexpired or accepted and not ended, and no block."""
    blocks = [{row["blocker_id"], row["blocked_id"]} for row in rows.get("user_blocks", {}).values()]
    pairs = [
        people_of("wingman_matches", match, rows)
        for match in rows["wingman_matches"].values()
        if (match["status"] == "pending" and match["expires_at"] > now)
        or (match["status"] == "accepted" and match["ended_at"] is None)
    ]
    open_pairs = [pair for pair in pairs if user_id in pair and pair not in blocks]
    return set().union(*open_pairs) - {user_id}


def visible(user_id: str, rows: Rows, now: str) -> Iterator[Row]:
    """What somebody may read, by the contract: own rows, and partners' profiles."""
    yield from (
        {
            column: value
            for column, value in row.items()
            if row.get(KEPT_FROM_THE_OTHER.get(table, {}).get(column, ""), user_id) == user_id
        }
        for table in rows
        for row in rows[table].values()
        if user_id in people_of(table, row, rows)
    )
    yield from (
        rows["user_profiles"][partner]
        for partner in partners(user_id, rows, now)
        if partner in rows["user_profiles"]
    )


class Secrets:
    """What somebody must not learn: revealing values that occur only in rows they are not allowed to read."""

    def __init__(self, rows: Rows, now: str) -> None:
        self.rows = rows
        self.now = now
        self._all = {value for table in rows.values() for row in table.values() for value in telling(row)}
        self._of: dict[str, set[str]] = {}

    def of(self, user_id: UUID | str | None) -> set[str]:
        """Kept from this user; from nobody in particular, everything."""
        user = str(user_id)
        if user not in self._of:
            seen = visible(user, self.rows, self.now)
            self._of[user] = self._all - {value for row in seen for value in telling(row)}
        return self._of[user]

    def told_in(self, text: str, user_id: UUID | str | None, known: Iterable[Any] = ()) -> set[str]:
        """The secrets in an answer to a user, who had ``known`` before."""
        found = {secret for secret in self.of(user_id) if secret in text}
        return found and found - {str(value) for value in known}


def telling(row: Row) -> Iterator[str]:
    for value in row.values():
        if isinstance(value, str | float) and _TELLING.search(str(value)):
            yield str(value)
