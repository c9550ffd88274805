"""What must be true of all messages, by what happened to the rows and what receivers got.

A trigger keeps every change of the rows of messages, of targets, blocks and notifications; the time of its
commit comes from the database.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from fire.delivery_receivers import GOT, KILLED, OK, Receipt
from fire.effects import Violation
from harness import Connection

LOST = "a notification reaches each target that wants it, or its row says why not"
REASON = "a row that was dropped or given up has a reason that is true"
IDENTITY = "a message has the same id at each attempt"
REPEATED = "a message is repeated only after a kill, a timeout or no answer"
EARLY = "a message is settled as sent after it was sent"
CLAIMED = "whoever sends holds a claim that is good"
LEASE = "a claim lapses only with its lease"
FOREIGN = "only the worker that claimed a message settles it"
FINAL = "what is settled stays settled"
STEPS = "rows go from state to state as they should"
BLOCKED = "nothing is claimed after a block"
ERASED = "nothing is claimed after an erasure, and nothing is left"
ONCE = "Realtime gets each message once"

CRASHES = (SERVER_KILLED, SERVER_STOPPED) = ("server killed", "server stopped at once")

MOMENT = timedelta(seconds=0.5)
"""A commit can be seen a moment after the time that it has."""
LATE = timedelta(seconds=2)
"""On a busy machine a receiver looks so long after a message was sent."""
FLUSHED = timedelta(seconds=1)
"""What workers have committed so long before a crash is on the disk, and not undone."""
_FINAL = ("sent", "dropped", "dead")
_LAPSED = "worker_lost"
Row = Mapping[str, Any]

LOG = """
create schema fire;
create table fire.changes (
    id bigint generated always as identity,
    relation text not null,
    before jsonb,
    after jsonb,
    login text not null default current_setting('application_name'),
    began_at timestamptz not null default transaction_timestamp(),
    made_at timestamptz not null default clock_timestamp()
);
create index on fire.changes ((after ->> 'token')) where after ->> 'token' is not null;
create function fire.tg_any__note() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    insert into fire.changes (relation, before, after)
    values (tg_table_name, to_jsonb(old), to_jsonb(new));
    return null;
end
$$;
"""
_NOTED = {
    "wingman.notification_deliveries": "insert or update or delete",
    "wingman.push_subscriptions": "insert or update or delete",
    "wingman.email_addresses": "insert or update or delete",
    "wingman.webhooks": "insert or update or delete",
    "public.user_blocks": "insert or update or delete",
    "public.wingman_notifications": "insert or update or delete",
    "public.user_profiles": "delete",
}
_CHANGES = """
    select c.*, pg_xact_commit_timestamp(c.xmin) as committed_at from fire.changes as c order by c.id
"""
_EVENTS = """
    select id, xid::text, occurred_at, kind, match_id, user_id from wingman.events order by id
"""
_BROADCAST = "select topic, payload from realtime.messages"


def keep_changes(db: Connection) -> None:
    """Note every change from now on."""
    db.execute(LOG)
    for relation, operations in _NOTED.items():
        db.execute(
            f"create trigger fire after {operations} on {relation}"
            " for each row execute function fire.tg_any__note()"
        )


@dataclass(frozen=True)
class Fault:
    """Something that was done to a worker, or to all of them."""

    kind: str
    worker: str | None
    began_at: datetime
    ended_at: datetime


@dataclass
class Claim:
    """A claim of a message, and how it ended."""

    message: Row
    token: str
    worker: str
    began_at: datetime
    committed_at: datetime
    until: datetime
    ended_at: datetime | None = None
    state: str | None = None
    error: str | None = None


@dataclass
class Message:
    """A row of a message, from its first change to its last."""

    row: Row
    changes: list[Row] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    is_erased: bool = False

    def __str__(self) -> str:
        row = self.row
        what = f"{row['channel']} {row['kind']} {row['id']}: {row['state']} {row['last_error']}"
        claims = [(c.worker, f"{c.committed_at:%T.%f}", c.state, c.error) for c in self.claims]
        receipts = [(r.worker, f"{r.at:%T.%f}", r.answer) for r in self.receipts]
        return f"{what}, {row['attempts']} attempts; claims {claims}; received {receipts}"


@dataclass(frozen=True)
class DeliveryBooks:
    """All that is known once everything is settled."""

    changes: Sequence[Row]
    events: Sequence[Row]
    broadcast: Sequence[Row]
    receipts: Sequence[Receipt]
    faults: Sequence[Fault]
    pairs: Mapping[str, set[str]]
    """The two people of each match."""
    retries: int
    time_limit: timedelta

    @cached_property
    def messages(self) -> dict[str, Message]:
        """By the id of the row."""
        messages: dict[str, Message] = {}
        for change in self.of("notification_deliveries"):
            row = change["after"] or change["before"]
            message = messages.setdefault(row["id"], Message(row))
            message.changes.append(change)
            if change["after"] is None:
                message.is_erased = True
            else:
                message.row = row
            _follow(message, change)
        endpoints = {
            row["id"]: row["endpoint"]
            for change in self.of("push_subscriptions")
            if (row := change["after"] or change["before"])
        }
        by_topic = {
            (one.row["notification_id"], endpoints[one.row["target_id"]]): one
            for one in messages.values()
            if one.row["channel"] == "web_push"
        }
        for receipt in self.receipts:
            found = messages.get(receipt.message)
            if receipt.channel == "web_push":
                found = by_topic.get((receipt.message, receipt.target))
            if found and found.row["channel"] == receipt.channel:
                found.receipts.append(receipt)
        return messages

    def of(self, relation: str) -> list[Row]:
        """The changes of a table."""
        return [change for change in self.changes if change["relation"] == relation]

    @cached_property
    def notifications(self) -> dict[str, list[Row]]:
        """The changes of each notification."""
        notifications: dict[str, list[Row]] = defaultdict(list)
        for change in self.of("wingman_notifications"):
            notifications[(change["after"] or change["before"])["id"]].append(change)
        return notifications

    @cached_property
    def blocks(self) -> list[tuple[set[str], str, Row, Row | None]]:
        """The two people of a block, the time that it has, how it was made, and undone."""
        blocks, undone = [], {}
        for change in reversed(self.of("user_blocks")):
            row = change["after"] or change["before"]
            key = row["blocker_id"], row["blocked_id"]
            if change["after"] is None:
                undone[key] = change
            else:
                blocks.append(({*key}, row["created_at"], change, undone.pop(key, None)))
        return blocks

    @cached_property
    def erasures(self) -> dict[str, Row]:
        """Of each user who was erased."""
        return {change["before"]["id"]: change for change in self.of("user_profiles")}

    @cached_property
    def by_id(self) -> dict[int | None, Row]:
        """The events."""
        return {event["id"]: event for event in self.events}

    @cached_property
    def by_subject(self) -> dict[str, list[Row]]:
        """The events of each match, and of each user otherwise."""
        events: dict[str, list[Row]] = defaultdict(list)
        for event in self.events:
            events[str(event["match_id"] or event["user_id"])].append(event)
        return events

    @cached_property
    def targets(self) -> dict[tuple[str, str], list[tuple[Row, Row | None]]]:
        """When each target was there and enabled: by its channel and id, from which change to which."""
        targets: dict[tuple[str, str], list[tuple[Row, Row | None]]] = defaultdict(list)
        channels = {"push_subscriptions": "web_push", "email_addresses": "email", "webhooks": "webhook"}
        for change in self.changes:
            if channel := channels.get(change["relation"]):
                times = targets[channel, (change["after"] or change["before"])["id"]]
                is_on = _is_on(channel, change["after"])
                if times and times[-1][1] is None:
                    if not is_on:
                        times[-1] = times[-1][0], change
                elif is_on:
                    times.append((change, None))
        return targets


def _is_on(channel: str, row: Row | None) -> bool:
    if row is None:
        return False
    return channel == "web_push" or (
        row["disabled_at"] is None if channel == "webhook" else bool(row["confirmed_at"])
    )


def _follow(message: Message, change: Row) -> None:
    """Claims by the changes of a row."""
    before, after = change["before"], change["after"]
    if before and before["state"] == "claimed" and message.claims:
        claim = message.claims[-1]
        claim.ended_at = change["committed_at"]
        claim.state = after["state"] if after else "erased"
        claim.error = after["last_error"] if after else None
    if after and after["state"] == "claimed":
        message.claims.append(
            Claim(
                after,
                after["token"],
                change["login"],
                change["began_at"],
                change["committed_at"],
                _time(after["next_attempt_at"]),
            )
        )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read_delivery_books(
    db: Connection, receipts: Sequence[Receipt], faults: Sequence[Fault]
) -> DeliveryBooks:
    """Read them with a superuser's connection, once everything is settled."""
    settings = db.execute(
        "select cardinality(delivery_retries) as retries, delivery_time_limit from wingman.settings"
    ).fetchone()
    assert settings is not None
    matches = db.execute("select match_id::text, details from wingman.events where kind = 'match_offered'")
    return DeliveryBooks(
        db.execute(_CHANGES).fetchall(),
        db.execute(_EVENTS).fetchall(),
        db.execute(_BROADCAST).fetchall(),
        receipts,
        faults,
        {row["match_id"]: {row["details"]["user1_id"], row["details"]["user2_id"]} for row in matches},
        settings["retries"],
        settings["delivery_time_limit"],
    )


def judge_deliveries(books: DeliveryBooks) -> Iterator[Violation]:
    """What is wrong with the messages."""
    for message in books.messages.values():
        yield from _steps(books, message)
        yield from _received(books, message)
        yield from _end(books, message)
        yield from _forbidden(books, message)
    yield from _missing(books)
    yield from _strangers(books)
    yield from _broadcast(books)


def _steps(books: DeliveryBooks, message: Message) -> Iterator[Violation]:
    """Each change of the row."""
    holder = None
    for change in message.changes:
        before, after = change["before"], change["after"]
        if before is None:
            if (after["state"], after["attempts"], after["token"]) != ("due", 0, None):
                yield Violation(STEPS, f"begins wrong: {message}")
            continue
        if after is None:
            if before["user_id"] not in books.erasures:
                yield Violation(LOST, f"the row was deleted: {message}")
            continue
        step = before["state"], after["state"]
        if before["state"] in _FINAL:
            yield Violation(FINAL, f"{step} by {change['login']}: {message}")
        elif before["state"] == "claimed" and after["last_error"] == _LAPSED and step[1] in ("due", "dead"):
            if _time(before["next_attempt_at"]) > change["made_at"]:
                yield Violation(LEASE, f"by {change['login']}: {message}")
        elif before["state"] == "claimed":
            if step[1] in ("due", "claimed"):
                yield Violation(STEPS, f"{step}: {message}")
            elif change["login"] != holder:
                yield Violation(FOREIGN, f"{holder} claimed it, {change['login']} settled it: {message}")
        elif step not in (("due", "claimed"), ("due", "dropped"), ("waiting", "due"), ("waiting", "dead")):
            yield Violation(STEPS, f"{step}: {message}")
        elif before["state"] == "waiting" and _time(before["next_attempt_at"]) > change["made_at"]:
            yield Violation(STEPS, f"too soon: {message}")
        if after["attempts"] != before["attempts"] + (step == ("due", "claimed")):
            yield Violation(STEPS, f"{before['attempts']} attempts become {after['attempts']}: {message}")
        if step == ("due", "claimed"):
            holder = change["login"]
            if _time(after["next_attempt_at"]) < change["began_at"] + 2 * books.time_limit:
                yield Violation(LEASE, f"it is too short: {message}")
    tokens = Counter(claim.token for claim in message.claims)
    if len(tokens) != len(message.claims):
        yield Violation(STEPS, f"a token was used twice: {message}")


def _received(books: DeliveryBooks, message: Message) -> Iterator[Violation]:
    """What receivers got of a message."""
    claims = [(receipt, _claim_of(message, receipt)) for receipt in message.receipts]
    for receipt, claim in claims:
        if _is_undone(books, receipt):
            continue
        if claim is None:
            yield Violation(CLAIMED, f"{receipt.worker} had none: {message}")
        elif receipt.at > claim.until + LATE and not _is_hit(books, claim, receipt.at):
            yield Violation(CLAIMED, f"{receipt.worker} had none any more: {message}")
        elif claim.state == "sent" and claim.ended_at and claim.ended_at < receipt.at:
            yield Violation(EARLY, f"{receipt.at}: {message}")
        elif receipt.answer == KILLED and claim.state not in ("due", "dead", "erased"):
            yield Violation(FOREIGN, f"whose worker was killed: {message}")
    got = [(receipt, claim) for receipt, claim in claims if receipt.answer in GOT]
    for (receipt, claim), _ in pairwise(got):
        if claim and not _is_undone(books, receipt) and not _explains(books, receipt, claim):
            yield Violation(REPEATED, f"after {receipt.at}: {message}")


def _claim_of(message: Message, receipt: Receipt) -> Claim | None:
    """The newest one of this worker."""
    claims = [
        claim
        for claim in message.claims
        if claim.worker == receipt.worker and claim.committed_at <= receipt.at
    ]
    return claims[-1] if claims else None


def _is_undone(books: DeliveryBooks, receipt: Receipt) -> bool:
    """Whether a crash may have undone the claim: workers do not wait for the disk."""
    return any(
        fault.worker is None
        and fault.began_at <= receipt.at + FLUSHED
        and fault.ended_at >= receipt.at - books.time_limit
        for fault in books.faults
        if fault.kind in CRASHES
    )


def _explains(books: DeliveryBooks, receipt: Receipt, claim: Claim) -> bool:
    """Whether this receipt need not be the last one."""
    is_late = receipt.at > claim.began_at + books.time_limit
    if receipt.answer != OK or claim.error == "timeout" or is_late:
        return True
    return claim.state != "sent" and _is_hit(books, claim, claim.ended_at or datetime.now(UTC))


def _is_hit(books: DeliveryBooks, claim: Claim, until: datetime) -> bool:
    """Whether something was done to the worker that had it, or to all, by then."""
    return any(
        fault.worker in (None, claim.worker)
        and fault.began_at <= until
        and fault.ended_at >= claim.committed_at
        for fault in books.faults
    )


def _end(books: DeliveryBooks, message: Message) -> Iterator[Violation]:
    """What became of it."""
    if message.is_erased:
        return
    row, change = message.row, message.changes[-1]
    if row["user_id"] in books.erasures:
        yield Violation(ERASED, f"its row is left: {message}")
    if row["state"] not in _FINAL:
        yield Violation(LOST, f"not settled: {message}")
    elif row["state"] == "sent" and row["channel"] != "realtime":
        worker = message.claims[-1].worker
        if not any(one.answer == OK and one.worker == worker for one in message.receipts):
            yield Violation(LOST, f"never sent: {message}")
    elif row["state"] == "dropped" and not _is_true(books, message, change):
        yield Violation(REASON, str(message))
    elif row["state"] == "dead":
        is_refused = any(f"smtp_{one.answer}" == row["last_error"] == "smtp_554" for one in message.receipts)
        if not is_refused and row["attempts"] != books.retries + 1:
            yield Violation(REASON, str(message))


def _is_true(books: DeliveryBooks, message: Message, change: Row) -> bool:
    """Whether the reason for which it was dropped was there when it was dropped."""
    row, reason = message.row, message.row["last_error"]
    began, ended = change["began_at"], change["committed_at"]
    notification = books.notifications[row["notification_id"]]
    told = notification[0]["after"]
    match reason:
        case "unwanted":
            return not _is_there(books, row["channel"], row["target_id"], began, ended)
        case "late":
            return bool(told["useful_until"]) and _time(told["useful_until"]) <= ended
        case "read":
            return any(
                one["after"] and one["after"]["read_at"] and one["began_at"] <= ended for one in notification
            )
        case "blocked":
            return any(
                pair == books.pairs.get(told["match_id"] or "")
                and made["began_at"] <= ended
                and (undone is None or undone["committed_at"] >= began)
                for pair, _, made, undone in books.blocks
            )
        case "overtaken":
            return any(one["occurred_at"] <= ended for one in _later(books, told))
        case "http_410":
            return any(one.answer == "410" for one in message.receipts)
    return False


def _later(books: DeliveryBooks, told: Row) -> Iterable[Row]:
    """What has happened to the match or the user of a notification since."""
    since = _time(told["created_at"]) - timedelta(seconds=10)
    for event in books.by_subject[told["match_id"] or told["user_id"]]:
        if told["event_id"] is None:
            if event["occurred_at"] > since:
                yield event
        elif event["id"] > told["event_id"]:
            yield event


def _is_there(books: DeliveryBooks, channel: str, target_id: str, began: datetime, ended: datetime) -> bool:
    """Whether a target was there all the time."""
    return any(
        on["committed_at"] + MOMENT < began and (off is None or off["began_at"] > ended)
        for on, off in books.targets[channel, target_id]
    )


def _forbidden(books: DeliveryBooks, message: Message) -> Iterator[Violation]:
    """Claims after a block or an erasure."""
    row = message.row
    erasure = books.erasures.get(row["user_id"])
    told = books.notifications[row["notification_id"]][0]["after"]
    event = books.by_id.get(told["event_id"])
    pair = books.pairs.get(told["match_id"] or "")
    for claim in message.claims:
        if erasure and claim.began_at > erasure["committed_at"] + MOMENT:
            yield Violation(ERASED, str(message))
        for people, at, made, undone in books.blocks:
            if (
                people == pair
                and claim.began_at > made["committed_at"] + MOMENT
                and (undone is None or claim.committed_at < undone["began_at"])
                and (event is None or (event["user_id"] and event["occurred_at"] != _time(at)))
            ):
                yield Violation(BLOCKED, f"since {made['committed_at']}: {message}")


def _missing(books: DeliveryBooks) -> Iterator[Violation]:
    """Every notification has a row for each target that was there when it was written."""
    planned: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for message in books.messages.values():
        place = message.row["channel"], message.row["target_id"]
        if place in planned[message.row["notification_id"]]:
            yield Violation(STEPS, f"a second row: {message}")
        planned[message.row["notification_id"]].add(place)
    owners = {
        row["id"]: row["user_id"]
        for change in books.changes
        if change["relation"] in ("push_subscriptions", "email_addresses")
        and (row := change["after"] or change["before"])
    }
    for notification_id, changes in books.notifications.items():
        told, began, ended = changes[0]["after"], changes[0]["began_at"], changes[0]["committed_at"]
        for channel, target_id in books.targets:
            if (
                owners.get(target_id) in (None, told["user_id"])
                and _is_there(books, channel, target_id, began, ended)
                and (channel, target_id) not in planned[notification_id]
            ):
                yield Violation(LOST, f"no message to {channel} {target_id}: {told}")
        if ("realtime", None) not in planned[notification_id]:
            yield Violation(LOST, f"no message to Realtime: {told}")


def _strangers(books: DeliveryBooks) -> Iterator[Violation]:
    known = {id(one) for message in books.messages.values() for one in message.receipts}
    for receipt in books.receipts:
        if id(receipt) not in known:
            yield Violation(IDENTITY, f"no row has it: {receipt}")


def _broadcast(books: DeliveryBooks) -> Iterator[Violation]:
    """Realtime has each of its messages that is settled as sent, each once, and nothing else."""
    sent = Counter(
        (f"user:{one.row['user_id']}", one.row["notification_id"])
        for one in books.messages.values()
        if one.row["channel"] == "realtime" and one.row["state"] == "sent"
    )
    found = Counter((one["topic"], one["payload"]["id"]) for one in books.broadcast)
    yield from (Violation(LOST, f"never broadcast: {one}") for one in sent - found)
    yield from (Violation(ONCE, f"not settled, or again: {one}") for one in found - sent)
