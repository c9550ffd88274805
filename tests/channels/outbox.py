"""Messages and webhooks, made as users, operators and workers make them."""

from typing import Any
from uuid import UUID

from harness import Connection, People, Rpc
from psycopg.types.json import Jsonb
from rows import make_pair

LIFTED = "suspension_lifted"
"""Always applies to people whom nobody has suspended."""
DEAD = "state = 'dead', attempts = 10, last_error = 'http_503', settled_at = statement_timestamp()"
WAITING = "state = 'waiting', attempts = 1, next_attempt_at = statement_timestamp() + interval '1 hour'"
URL = "https://example.org/hook"
ADDRESS = "ana@a.example"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def add_webhook(db: Connection, url: str = URL, **arguments: Any) -> UUID:
    """A webhook that is told of everything."""
    return add_webhook_with_secret(db, url, **arguments)[0]


def add_webhook_with_secret(
    db: Connection, url: str = URL, kinds: list[str] | None = None
) -> tuple[UUID, str]:
    """The same, and what signs its messages."""
    row = db.execute("select * from wingman_admin.add_webhook(%s, 'We want it', %s)", [url, kinds]).fetchone()
    assert row is not None
    return row["webhook_id"], row["secret"]


def confirm_address(rpc: Rpc, db: Connection, user_id: UUID, address: str = ADDRESS) -> UUID:
    """The user's app sets the address, and the user opens the link in the message; returns its id."""
    rpc.as_user(user_id, email=address).call("set_notification_settings", channel="email")
    [asking] = claim(db, channel="email")
    assert settle(db, asking, "sent") == ["sent"]
    address_id: UUID = asking["target_id"]
    assert rpc.as_service().call("wingman.confirm_email_address", address_id=address_id)
    return address_id


def add_address(db: Connection, user_id: UUID, address: str = ADDRESS, *, confirmed: bool = True) -> UUID:
    """The user's address, without a message; returns its id."""
    db.execute("select wingman.ask_address(%s, %s, false)", [user_id, address])
    row = db.execute(
        """update wingman.email_addresses set confirmed_at = case when %s then statement_timestamp() end
           where user_id = %s returning id""",
        [confirmed, user_id],
    ).fetchone()
    assert row is not None
    return row["id"]


def add_subscription(db: Connection, user_id: UUID, endpoint: str = ENDPOINT, **keys: str) -> None:
    """The same for a browser, with a subscription of any push service."""
    db.execute(
        "insert into wingman.push_subscriptions (user_id, endpoint, p256dh, auth)"
        " values (%(user)s, %(endpoint)s, %(p256dh)s, %(auth)s)",
        {"user": user_id, "endpoint": endpoint, **(keys or KEYS)},
    )


def subscribe(rpc: Rpc, user_id: UUID, endpoint: str = ENDPOINT) -> None:
    """The user's browser is told."""
    rpc.as_user(user_id).call("register_push_subscription", endpoint=endpoint, **KEYS)


def tell(db: Connection, people: People) -> None:
    """Two people are told that they have been matched: a message each, for each target."""
    make_pair(db, people, "pending")
    db.execute("select wingman.run_readers()")


def make_messages(db: Connection, people: People, assignments: str = "") -> list[UUID]:
    """Messages for a new webhook about a new match, to both people, due or with these values."""
    webhook_id = add_webhook(db)
    tell(db, people)
    rows = db.execute(
        "select id from wingman.notification_deliveries where target_id = %s order by id", [webhook_id]
    ).fetchall()
    for row in rows:
        if assignments:
            update_message(db, row["id"], assignments)
    return [row["id"] for row in rows]


def make_message(db: Connection, people: People, assignments: str = "") -> UUID:
    """The first one of these."""
    return make_messages(db, people, assignments)[0]


def update_message(db: Connection, message_id: UUID, assignments: str) -> None:
    """A direct write."""
    db.execute(f"update wingman.notification_deliveries set {assignments} where id = %s", [message_id])


def message(db: Connection, message_id: UUID) -> dict[str, Any]:
    """Its row."""
    row = db.execute("select * from wingman.notification_deliveries where id = %s", [message_id]).fetchone()
    assert row is not None
    return row


def states(db: Connection) -> list[tuple[str, str | None]]:
    """State and error of all messages, in order of id."""
    rows = db.execute("select state, last_error from wingman.notification_deliveries order by id")
    return [(row["state"], row["last_error"]) for row in rows]


def webhook(db: Connection, webhook_id: UUID) -> dict[str, Any]:
    """Its row, with the secrets."""
    row = db.execute("select * from wingman.webhooks where id = %s", [webhook_id]).fetchone()
    assert row is not None
    return row


def claim(db: Connection, max_rows: int = 100, channel: str = "webhook") -> list[dict[str, Any]]:
    """What a worker gets to send, to webhooks unless said otherwise."""
    return db.execute("select * from wingman.claim_deliveries(%s, %s)", [channel, max_rows]).fetchall()


def settlement(
    claimed: dict[str, Any], outcome: str, error: str | None = None, **more: Any
) -> dict[str, Any]:
    """What a worker says of an attempt."""
    return {
        "id": str(claimed["id"]),
        "token": str(claimed["token"]),
        "outcome": outcome,
        "error": error,
        **more,
    }


def settle(
    db: Connection, claimed: dict[str, Any], outcome: str, error: str | None = None, **more: Any
) -> list[str]:
    """What a worker says of it; the states that come of it, none if the claim was lost."""
    said = [settlement(claimed, outcome, error, **more)]
    rows = db.execute("select state from wingman.settle_deliveries(%s)", [Jsonb(said)])
    return [row["state"] for row in rows]


def decisions(db: Connection) -> list[tuple[str, UUID, dict[str, Any]]]:
    """What operators have decided: kind, subject and details."""
    rows = db.execute("select kind, subject_id, details from wingman_admin.decisions order by id")
    return [(row["kind"], row["subject_id"], row["details"]) for row in rows]
