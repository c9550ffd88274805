"""Where people are told outside the app, as rows; and what became of the messages."""

from base64 import b64encode
from os import urandom
from uuid import UUID, uuid4

from deliver.browsers import Browser
from harness import Connection
from listening import tell

LIFTED = "suspension_lifted"
"""Always applies to people whom nobody has suspended."""


def tell_of_it(db: Connection, *users: UUID) -> list[str]:
    """Tell each of these people something that is sent outside; the ids of the notifications."""
    return tell(db, *users, kind=LIFTED)


def add_webhook(db: Connection, url: str) -> str:
    """An operators' system; returns its secret."""
    secret = "whsec_" + b64encode(urandom(32)).decode()
    db.execute("insert into wingman.webhooks (url, secret) values (%s, %s)", [url, secret])
    return secret


def add_address(db: Connection, user: UUID, address: str = "ana@example.com") -> None:
    """An e-mail address that is confirmed."""
    db.execute(
        "insert into wingman.email_addresses (user_id, address, confirmed_at)"
        " values (%s, %s, statement_timestamp())",
        [user, address],
    )


def add_browser(db: Connection, user: UUID, host: str = "fcm.googleapis.com") -> Browser:
    """A browser that has subscribed to web push."""
    browser = Browser()
    subscribe(db, user, browser.subscription(f"https://{host}/send/{uuid4()}"))
    return browser


def subscribe(db: Connection, user: UUID, subscription: dict[str, str]) -> None:
    """The same, with what a browser has told the app."""
    db.execute(
        "insert into wingman.push_subscriptions (user_id, endpoint, p256dh, auth)"
        " values (%(user)s, %(endpoint)s, %(p256dh)s, %(auth)s)",
        {"user": user, **subscription},
    )


def states(db: Connection, channel: str) -> list[tuple[str, int, str | None]]:
    """The state, the attempts and the last error of each message, in order."""
    rows = db.execute(
        "select state, attempts, last_error from wingman.notification_deliveries"
        " where channel = %s order by id",
        [channel],
    )
    return [(row["state"], row["attempts"], row["last_error"]) for row in rows]


def count(db: Connection, state: str, channel: str | None = None) -> int:
    """How many messages are in a state."""
    row = db.execute(
        "select count(*) from wingman.notification_deliveries"
        " where state = %s and channel = coalesce(%s, channel)",
        [state, channel],
    ).fetchone()
    assert row
    return int(row["count"])
