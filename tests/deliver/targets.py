"""Where people are told outside the app, as rows; and what became of the messages."""

from uuid import UUID, uuid4

from channels.outbox import LIFTED, add_subscription, add_webhook_with_secret
from deliver.browsers import Browser
from harness import Connection
from listening import tell


def tell_of_it(db: Connection, *users: UUID) -> list[str]:
    """Tell each of these people something that is sent outside; the ids of the notifications."""
    return tell(db, *users, kind=LIFTED)


def add_webhook(db: Connection, url: str) -> str:
    """An operators' system; returns its secret."""
    return add_webhook_with_secret(db, url)[1]


def add_browser(db: Connection, user: UUID, host: str = "fcm.googleapis.com") -> Browser:
    """A browser that has subscribed to web push."""
    browser = Browser()
    add_subscription(db, user, **browser.subscription(f"https://{host}/send/{uuid4()}"))
    return browser


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
