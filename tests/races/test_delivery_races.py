"""Operators' decisions about messages and webhooks meet workers, readers, erasures and each other."""

from typing import Any
from uuid import UUID

import pytest
from channels.outbox import (
    DEAD,
    URL,
    add_webhook,
    add_webhook_with_secret,
    claim,
    make_messages,
    message,
    settle,
    states,
    tell,
    update_message,
    webhook,
)
from harness import Connection, People
from psycopg.types.json import Jsonb
from races.race import Operation, Race, Statement, assert_refused
from rows import make_pair

REQUEUED = {"success": True, "message": "Message is due again."}
DROPPED = {"success": True, "message": "Message dropped: it will not be sent."}
ENABLED = {"success": True, "message": "Webhook enabled: new notifications are sent to it again."}
REMOVED = {"success": True, "message": "Webhook removed: nothing more is sent to it."}
REASON = "As agreed"
MOST = 8


def requeue(race: Race, delivery_id: UUID) -> Operation:
    return race.operation("wingman_admin.requeue_delivery", delivery_id=delivery_id, reason=REASON)


def drop(race: Race, delivery_id: UUID) -> Operation:
    return race.operation("wingman_admin.drop_delivery", delivery_id=delivery_id, reason=REASON)


def add(race: Race) -> Operation:
    return race.operation("wingman_admin.add_webhook", url=URL, reason=REASON)


def rotate(race: Race, webhook_id: UUID) -> Operation:
    return race.operation("wingman_admin.rotate_webhook_secret", webhook_id=webhook_id, reason=REASON)


def enable(race: Race, webhook_id: UUID) -> Operation:
    return race.operation("wingman_admin.enable_webhook", webhook_id=webhook_id, reason=REASON)


def remove(race: Race, webhook_id: UUID) -> Operation:
    return race.operation("wingman_admin.remove_webhook", webhook_id=webhook_id, reason=REASON)


def claiming(race: Race) -> Statement:
    return race.statement("select * from wingman.claim_deliveries('webhook', 100)")


def settling(race: Race, claimed: dict[str, Any], outcome: str) -> Statement:
    settlement = {
        "id": str(claimed["id"]),
        "token": str(claimed["token"]),
        "outcome": outcome,
        "error": "timeout",
    }
    return race.statement("select state from wingman.settle_deliveries(%s)", Jsonb([settlement]))


def assert_not_dead(outcome: Any, status: str) -> None:
    assert_refused(outcome, "delivery_not_dead", 409, f"Message is {status}", status=status)


def assert_too_many(outcome: Any) -> None:
    assert_refused(outcome, "too_many_webhooks", 409, "At most 8 webhooks can be enabled", limit=MOST)


def assert_not_found(outcome: Any) -> None:
    assert_refused(outcome, "webhook_not_found", 404, "Webhook not found")


def disable(db: Connection, webhook_id: UUID) -> None:
    db.execute("update wingman.webhooks set disabled_at = statement_timestamp() where id = %s", [webhook_id])


def enabled(db: Connection) -> int:
    row = db.execute("select count(*) as n from wingman.webhooks where disabled_at is null").fetchone()
    assert row is not None
    return row["n"]


@pytest.fixture
def messages(db: Connection, people: People) -> list[UUID]:
    """Two messages for the only webhook, which are due."""
    return make_messages(db, people)


@pytest.fixture
def webhook_id(db: Connection, messages: list[UUID]) -> UUID:
    """The webhook."""
    target: UUID = message(db, messages[0])["target_id"]
    return target


@pytest.fixture
def dead(db: Connection, messages: list[UUID]) -> UUID:
    """One of the messages, which was given up; the other one was sent."""
    update_message(db, messages[0], DEAD)
    update_message(db, messages[1], "state = 'sent', settled_at = statement_timestamp()")
    return messages[0]


@pytest.mark.every
@pytest.mark.parametrize("first", [requeue, drop])
@pytest.mark.parametrize("second", [requeue, drop])
def test_of_two_operators_the_second_is_told_what_the_first_did(
    race: Race, db: Connection, dead: UUID, first: Any, second: Any
) -> None:
    met = race.collide(first(race, dead), second(race, dead))

    assert met.first == (REQUEUED if first is requeue else DROPPED)
    assert_not_dead(met.second, "due" if first is requeue else "dropped")
    assert met.second_wrote == set()
    assert len(claim(db)) == (1 if first is requeue else 0)


def test_what_the_first_takes_back_the_second_can_do(race: Race, db: Connection, dead: UUID) -> None:
    met = race.collide(drop(race, dead), requeue(race, dead), rolled_back=True)

    assert met.second == REQUEUED
    assert [one["id"] for one in claim(db)] == [dead]


@pytest.mark.parametrize("decide", [requeue, drop])
def test_a_worker_never_waits_for_who_decides(race: Race, db: Connection, dead: UUID, decide: Any) -> None:
    met = race.overtake(decide(race, dead), claiming(race))

    assert met.second == []
    assert [one["id"] for one in claim(db)] == ([dead] if decide is requeue else [])


@pytest.mark.parametrize("rolled_back", [False, True])
def test_who_decides_waits_for_the_worker_that_gives_it_up(
    race: Race, db: Connection, messages: list[UUID], rolled_back: bool
) -> None:
    (claimed,) = claim(db, 1)

    met = race.collide(
        settling(race, claimed, "failed"), requeue(race, claimed["id"]), rolled_back=rolled_back
    )

    if rolled_back:
        assert_not_dead(met.second, "claimed")
    else:
        assert met.second == REQUEUED
    assert message(db, claimed["id"])["state"] == ("claimed" if rolled_back else "waiting")


def test_who_decides_waits_for_the_worker_that_finds_it_given_up(
    race: Race, db: Connection, messages: list[UUID]
) -> None:
    lost = "state = 'claimed', token = gen_random_uuid(), attempts = 10, next_attempt_at = now()"
    update_message(db, messages[0], lost)

    met = race.collide(claiming(race), drop(race, messages[0]))

    assert met.second == DROPPED
    assert message(db, messages[0])["last_error"] == "dropped_by_operator"


def test_a_claim_from_before_the_requeue_settles_nothing(
    race: Race, db: Connection, messages: list[UUID]
) -> None:
    (lost,) = claim(db, 1)
    update_message(db, lost["id"], "attempts = 10, next_attempt_at = statement_timestamp()")
    claim(db)
    assert message(db, lost["id"])["state"] == "dead"

    met = race.overtake(requeue(race, lost["id"]), settling(race, lost, "sent"))

    assert (met.first, met.second) == (REQUEUED, [])
    assert settle(db, lost, "sent") == []
    assert len(claim(db)) == 1


@pytest.mark.parametrize("decide", [requeue, drop])
def test_maintenance_passes_by_what_is_being_decided(
    race: Race, db: Connection, dead: UUID, decide: Any
) -> None:
    long_ago = (
        "settled_at = settled_at - interval '200 hours', created_at = created_at - interval '300 hours'"
    )
    update_message(db, dead, long_ago)

    met = race.overtake(decide(race, dead), race.operation("wingman.run_maintenance"))

    assert met.second["purged_deliveries"] == 0
    assert message(db, dead)["state"] == ("waiting" if decide is requeue else "dropped")


def test_who_decides_waits_for_an_erasure_and_finds_nothing(race: Race, db: Connection, dead: UUID) -> None:
    user_id = message(db, dead)["user_id"]
    erase = race.call(user_id, "erase_my_account", confirmation="erase")

    met = race.collide(erase, requeue(race, dead))

    assert_refused(met.second, "delivery_not_found", 404, "Message not found")
    assert met.second_wrote == set()


def test_an_erasure_takes_what_is_due_again_with_it(race: Race, db: Connection, dead: UUID) -> None:
    user_id = message(db, dead)["user_id"]
    erase = race.call(user_id, "erase_my_account", confirmation="erase")

    met = race.collide(requeue(race, dead), erase)

    assert met.second["success"] is True
    assert [state for state, _ in states(db)] == ["sent"]


def test_a_removal_does_not_wait_for_a_worker_that_claims(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID
) -> None:
    met = race.overtake(claiming(race), remove(race, webhook_id))

    assert met.second == REMOVED
    sent, failed = met.first
    assert settle(db, sent, "sent") == ["sent"]
    assert settle(db, failed, "retry", "timeout") == ["waiting"]
    update_message(db, failed["id"], "next_attempt_at = statement_timestamp()")
    assert claim(db) == []
    assert states(db) == [("sent", None), ("dropped", "unwanted")]


def test_a_worker_that_claims_does_not_wait_for_a_removal(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID
) -> None:
    met = race.overtake(remove(race, webhook_id), claiming(race))

    assert met.second == []
    assert states(db) == [("dropped", "webhook_removed")] * 2


@pytest.mark.every
@pytest.mark.parametrize("outcome", ["sent", "failed"])
def test_a_removal_does_not_wait_for_a_worker_that_settles(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID, outcome: str
) -> None:
    (claimed,) = claim(db, 1)

    met = race.overtake(settling(race, claimed, outcome), remove(race, webhook_id))

    assert met.second == REMOVED
    state = {"sent": "sent", "failed": "dead"}[outcome]
    assert [state for state, _ in states(db)] == [state, "dropped"]


@pytest.mark.every
@pytest.mark.parametrize("outcome", ["retry", "gone"])
def test_of_a_removal_and_a_worker_that_changes_the_webhook_the_second_waits(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID, outcome: str
) -> None:
    first, second = claim(db)

    met = race.collide(settling(race, first, outcome), remove(race, webhook_id))
    assert met.second == REMOVED

    assert settle(db, second, outcome, "timeout") == ["waiting" if outcome == "retry" else "dropped"]
    row = webhook(db, webhook_id)
    assert (row["url"], row["rests_until"]) == (None, None)


@pytest.mark.every
@pytest.mark.parametrize("outcome", ["retry", "gone"])
def test_a_worker_that_settles_does_not_wait_for_a_removal(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID, outcome: str
) -> None:
    claimed = claim(db)[0]

    met = race.overtake(remove(race, webhook_id), settling(race, claimed, outcome))

    assert met.second == [{"state": "waiting" if outcome == "retry" else "dropped"}]
    row = webhook(db, webhook_id)
    assert (row["url"], row["rests_until"]) == (None, None)


def test_what_a_reader_plans_for_a_webhook_that_is_removed_meanwhile_is_dropped(
    race: Race, db: Connection, people: People
) -> None:
    webhook_id = add_webhook(db)
    make_pair(db, people, "pending")

    met = race.overtake(race.operation("wingman.run_readers"), remove(race, webhook_id))

    assert met.second == REMOVED
    assert states(db) == [("due", None)] * 2
    assert claim(db) == []
    assert states(db) == [("dropped", "unwanted")] * 2


def test_of_two_who_add_the_eighth_webhook_the_second_is_refused(race: Race, db: Connection) -> None:
    for _ in range(MOST - 1):
        add_webhook(db)

    met = race.collide(add(race), add(race))

    assert_too_many(met.second)
    assert met.second_wrote == set()
    assert enabled(db) == MOST


def test_the_eighth_is_added_once_the_other_one_is_rolled_back(race: Race, db: Connection) -> None:
    for _ in range(MOST - 1):
        add_webhook(db)

    met = race.collide(add(race), add(race), rolled_back=True)

    assert met.second["secret"].startswith("whsec_")
    assert enabled(db) == MOST


@pytest.mark.parametrize("adds_first", [True, False])
def test_of_adding_and_enabling_the_eighth_webhook_the_second_is_refused(
    race: Race, db: Connection, adds_first: bool
) -> None:
    gone, *_ = [add_webhook(db) for _ in range(MOST)]
    disable(db, gone)
    both = [add(race), enable(race, gone)]

    met = race.collide(*(both if adds_first else both[::-1]))

    assert_too_many(met.second)
    assert enabled(db) == MOST


def test_of_two_who_enable_different_webhooks_the_second_is_refused(race: Race, db: Connection) -> None:
    one, other, *_ = [add_webhook(db) for _ in range(MOST)]
    disable(db, one)
    disable(db, other)
    add_webhook(db)

    met = race.collide(enable(race, one), enable(race, other))

    assert met.first == ENABLED
    assert_too_many(met.second)


def test_of_two_who_enable_one_webhook_the_second_is_refused(race: Race, db: Connection) -> None:
    webhook_id = add_webhook(db)
    disable(db, webhook_id)

    met = race.collide(enable(race, webhook_id), enable(race, webhook_id))

    assert met.first == ENABLED
    assert_refused(met.second, "webhook_not_disabled", 409, "Webhook is not disabled")
    assert met.second_wrote == set()


def test_who_enables_waits_for_the_worker_that_disables(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID
) -> None:
    (claimed,) = claim(db, 1)

    met = race.collide(settling(race, claimed, "gone"), enable(race, webhook_id))

    assert met.second == ENABLED
    assert webhook(db, webhook_id)["disabled_at"] is None


def test_of_two_who_remove_a_webhook_the_second_is_refused(
    race: Race, db: Connection, webhook_id: UUID
) -> None:
    met = race.collide(remove(race, webhook_id), remove(race, webhook_id))

    assert met.first == REMOVED
    assert_not_found(met.second)
    assert met.second_wrote == set()


@pytest.mark.parametrize("change", [rotate, enable])
def test_what_is_being_removed_cannot_be_changed(
    race: Race, db: Connection, webhook_id: UUID, change: Any
) -> None:
    disable(db, webhook_id)

    met = race.collide(remove(race, webhook_id), change(race, webhook_id))

    assert_not_found(met.second)
    assert met.second_wrote == set()


def test_a_removal_waits_for_a_rotation_and_forgets_both_secrets(
    race: Race, db: Connection, webhook_id: UUID
) -> None:
    met = race.collide(rotate(race, webhook_id), remove(race, webhook_id))

    assert met.second == REMOVED
    row = webhook(db, webhook_id)
    assert (row["secret"], row["previous_secret"]) == (None, None)


def test_of_two_rotations_both_secrets_sign(race: Race, db: Connection, people: People) -> None:
    webhook_id, oldest = add_webhook_with_secret(db)

    met = race.collide(rotate(race, webhook_id), rotate(race, webhook_id))

    tell(db, people)
    assert claim(db)[0]["target"]["secrets"] == [met.second["secret"], met.first["secret"]]
    assert oldest not in (met.second["secret"], met.first["secret"])


def test_a_worker_claims_with_the_secrets_before_a_rotation(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID
) -> None:
    before = webhook(db, webhook_id)["secret"]

    met = race.overtake(rotate(race, webhook_id), claiming(race))

    assert [one["target"]["secrets"] for one in met.second] == [[before]] * 2


def test_a_receiver_that_is_gone_during_a_rotation_is_disabled_at_the_next_message(
    race: Race, db: Connection, messages: list[UUID], webhook_id: UUID
) -> None:
    first, second = claim(db)

    met = race.overtake(rotate(race, webhook_id), settling(race, first, "gone"))

    assert met.second == [{"state": "dropped"}]
    assert webhook(db, webhook_id)["disabled_at"] is None
    assert settle(db, second, "gone", "http_410") == ["dropped"]
    assert webhook(db, webhook_id)["disabled_at"] is not None
