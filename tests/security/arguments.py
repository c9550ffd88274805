"""What arguments a call may have: sensible ones, by the argument's name."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args
from uuid import UUID

from harness import Connection
from security.allowed import line_of
from security.intruder import Intruder, claims_of
from security.inventory import Argument, Function
from security.victims import PUSH_SERVICE, World
from wingmanmatch import models

Values = list[Any]
GoodCall = tuple[UUID, dict[str, Any]]

# The ids that an argument takes, foreign ones among them.
IDS: dict[str, Callable[[World], dict[str, UUID]]] = {
    "match_id": lambda world: world.matches,
    "report_id": lambda world: world.reports,
    "delivery_id": lambda world: world.deliveries,
    "webhook_id": lambda world: world.webhooks,
    "session_id": lambda world: world.sessions,
    "before": lambda world: {**world.matches, **world.sessions},
    "list_no_show_reports.before": lambda world: world.no_shows,
    "list_notifications.before": lambda world: world.notifications,
    "after": lambda world: world.notifications,
    "up_to": lambda world: world.notifications,
    "user_id": lambda world: world.users,
    "absent_user_id": lambda world: world.users,
    "buddy_user_id": lambda world: world.users,
    "subject_id": lambda world: world.users,
    "address_id": lambda world: world.addresses,
}


def one_of(values: Any) -> Values:
    """All values of a closed set."""
    (literal, *_) = get_args(values)
    return list(get_args(literal))


# Sensible values of everything else; the first one is as good as any, where nothing else decides.
VALUES: dict[str, Values] = {
    "action": one_of(models.MatchAnswer),
    "answer_no_show.action": one_of(models.NoShowAnswer),
    "auth": ["k" * 22],
    "before": ["infinity"],
    "bio": ["I like cafés", None],
    "body": ["News, and no name", None],
    "changes": ['{"settle_limit": 3}'],
    "channel": ["email", "web_push"],
    "city": ["Lisbon"],
    "confirmation": ["erase"],
    "confidence_archetype": ["Explorer", None],
    "decide_by": ["2025-08-17 15:00Z"],
    "endpoint": [PUSH_SERVICE + "ours"],
    # another one than people have, so that it is a change
    "experience_level": one_of(models.ExperienceLevel)[1:],
    "first_name": ["Ana", "Zoë"],
    "fix": [False, True],
    "held_until": ["2025-08-17 15:00Z"],
    "idempotency_key": [None, "a key"],
    "kind": ["match_offered", "email_confirmation"],
    "kinds": [None, "{match_offered,session_reminder}", "{}"],
    "language": ["en", "de"],
    "lat": [38.7223, 38.8, -90],
    "lng": [-9.1393, 180, -9],
    "max_radius_miles": [25, None, 1, 100],
    "max_rows": [1000, 1, 100_000],
    "max_travel_miles": [25, 1, 100],
    "moment": ["2025-08-17 15:00Z"],
    "note": ["Spoke to both"],
    "notes": ["At the bar", None],
    "outcome": ["resolved", "dismissed"],
    "decide_no_show.outcome": ["dismiss", "uphold"],
    "overlap": ["24 hours", "0"],
    "p256dh": ["B" + "k" * 86],
    "page_size": [20, 1, 100],
    "photo_url": ["https://example.org/a.jpg", None],
    "privacy_mode": one_of(models.PrivacyMode),
    "proposed_at": [None, "2025-08-17 15:00Z"],
    "quiet_from": [None, "22:00"],
    "quiet_until": [None, "07:00"],
    "reason": ["Rain", None],
    "report_no_show.reason": one_of(models.NoShowReason),
    "remove_reader.name": ["reputations"],
    "search": ["Ana"],
    "settled_after": ["2025-08-17 15:00Z"],
    "settlements": ["[]"],
    "is_active_session.status": ["scheduled"],
    "no_show_status_at.status": ["open"],
    "list_matches.status": [None, *one_of(models.MatchStatus)],
    "list_sessions.status": [None, *one_of(models.SessionStatus)],
    "decision_of.source": ["end_match"],
    "scheduled_time": [(datetime.now(UTC) + timedelta(days=1)).isoformat()],
    "statement": ["I was there", None],
    "time_zone": ["UTC", "Europe/Berlin"],
    "title": ["There is news"],
    "unread_only": [False, True],
    "until": [(datetime.now(UTC) + timedelta(days=2)).isoformat(), None],
    "url": ["https://example.org/hook"],
    "venue_name": ["Café Central"],
    "without_end": [False],
}


def sensible(world: World, function: Function, argument: Argument) -> Values:
    """Typical values of an argument, lists as PostgreSQL writes them.

    Raises:
        LookupError: nobody has said so yet of an argument of this name.
    """
    if argument.type == "uuid":
        return [*line_of(IDS, function.name, argument.name)(world).values()]
    if argument.type == "uuid[]":
        return [None, *(f"{{{user_id}}}" for user_id in world.users.values())]
    return line_of(VALUES, function.name, argument.name)


def sensible_calls(
    world: World, function: Function, more_ids: Iterable[UUID] = ()
) -> Iterator[dict[str, Any]]:
    """Arguments for a user's call: every id and every action there is, and the first value of all else."""
    choices: dict[str, Values] = {}
    for argument in function.arguments:
        values = sensible(world, function, argument)
        if argument.name == "user_id":
            continue
        if argument.type == "uuid":
            choices[argument.name] = [*([None] if argument.has_default else []), *values, *more_ids]
        else:
            choices[argument.name] = values if argument.name == "action" else values[:1]
    return (dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


def good_calls_of(db: Connection, world: World, function: Function) -> list[GoodCall]:
    """Who can call a function of the front door with which arguments, and is answered."""
    return [
        (user_id, arguments)
        for user_id in world.users.values()
        for arguments in sensible_calls(world, function)
        if Intruder(db, claims=claims_of(user_id)).call(function.qualified, arguments).error is None
    ]
