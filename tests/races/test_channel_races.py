"""What is sent outside meets users, readers, erasures and other workers: nobody waits who need not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from channels.outbox import (
    ADDRESS,
    ENDPOINT,
    KEYS,
    LIFTED,
    add_webhook,
    claim,
    confirm_address,
    message,
    settlement,
)
from channels.outbox import settle as settle_now
from channels.outbox import subscribe as subscribe_now
from harness import Connection, Rpc
from listening import tell
from psycopg.types.json import Jsonb
from races.race import Call, Operation, Race, Statement, assert_refused
from races.scene import Scene

OTHER = "ana@b.example"
MOST = 10
ERASED = {"success": True, "message": "Your data has been erased."}
CONFIRM = "select wingman.confirm_email_address(%s) as confirmed"
UNSUBSCRIBE = "select wingman.unsubscribe(%s, 'email') as known"
NO_PROFILE = "Profile and location are required before matching"


def claiming(race: Race, channel: str = "webhook", max_rows: int = 100) -> Statement:
    return race.statement("select * from wingman.claim_deliveries(%s, %s)", channel, max_rows)


def settling(race: Race, *settlements: dict[str, Any]) -> Statement:
    return race.statement("select * from wingman.settle_deliveries(%s)", Jsonb([*settlements]))


def erasure(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "erase_my_account", confirmation="erase")


def deletion(race: Race, user_id: UUID) -> Statement:
    """The account is deleted directly, which takes no advisory lock."""
    return race.statement("delete from auth.users where id = %s", user_id)


GOING = pytest.mark.parametrize("goes", [erasure, deletion])


def block(race: Race, user_id: UUID, subject_id: UUID) -> Call:
    return race.call(user_id, "block_user", subject_id=subject_id)


def register(race: Race, user_id: UUID, endpoint: str = ENDPOINT, **key: str) -> Call:
    return race.call(user_id, "register_push_subscription", endpoint=endpoint, **KEYS, **key)


def remove(race: Race, user_id: UUID, endpoint: str = ENDPOINT, **key: str) -> Call:
    return race.call(user_id, "remove_push_subscription", endpoint=endpoint, **key)


def setting(race: Race, user_id: UUID, email: str | None = None, **arguments: Any) -> Call:
    return race.call(
        user_id, "set_notification_settings", **{"channel": "email", "email": email, **arguments}
    )


def reading(race: Race) -> Operation:
    return race.operation("wingman.run_readers", max_rows=1000)


def rows(db: Connection, query: str, *parameters: Any) -> list[dict[str, Any]]:
    return db.execute(query, parameters).fetchall()


def states(db: Connection, user_id: UUID) -> list[tuple[str, str, str | None]]:
    """Channel, state and error of somebody's messages."""
    found = rows(db, "select * from wingman.notification_deliveries where user_id = %s order by id", user_id)
    return [(row["channel"], row["state"], row["last_error"]) for row in found]


def endpoints(db: Connection, user_id: UUID) -> list[str]:
    found = rows(
        db, "select endpoint from wingman.push_subscriptions where user_id = %s order by created_at", user_id
    )
    return [row["endpoint"] for row in found]


def address(db: Connection, user_id: UUID) -> dict[str, Any]:
    [row] = rows(db, "select * from wingman.email_addresses where user_id = %s", user_id)
    return row


def left(db: Connection, user_id: UUID) -> dict[str, int]:
    """The tables in which something of somebody's channels is left."""
    tables = (
        *("channel_settings", "email_addresses", "push_subscriptions", "notification_deliveries"),
        *("idempotency_keys", "rate_limits"),
    )
    found = {}
    for table in tables:
        [row] = rows(db, f"select count(*) as found from wingman.{table} where user_id = %s", user_id)
        if row["found"]:
            found[table] = row["found"]
    return found


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    """Two people."""
    return scene.pair()


@pytest.fixture
def told(db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]) -> tuple[UUID, UUID]:
    """A webhook is told of both people; the first one has an address and a browser, too."""
    ana, ben = pair
    confirm_address(rpc, db, ana)
    subscribe_now(rpc, ana)
    add_webhook(db)
    db.execute("delete from wingman.notification_deliveries")
    tell(db, ana, ben, kind=LIFTED)
    return ana, ben


class TestErasures:
    @pytest.mark.parametrize("rolled_back", [False, True])
    def test_a_claim_passes_by_what_is_being_erased(
        self, race: Race, db: Connection, told: tuple[UUID, UUID], rolled_back: bool
    ) -> None:
        ana, ben = told
        erasing = erasure(race, ana)
        with erasing.transaction() as transaction:
            assert erasing() == ERASED
            found = race.unhindered(claiming(race))
            assert [one["user_id"] for one in found] == [ben]
            assert race.unhindered(claiming(race, "email")) == []
            if rolled_back:
                raise psycopg.Rollback(transaction)
        assert [len(claim(db, channel=channel)) for channel in ("email", "web_push", "webhook")] == (
            [1, 1, 1] if rolled_back else [0, 0, 0]
        )
        if not rolled_back:
            assert left(db, ana) == {}

    @pytest.mark.parametrize("channel", ["email", "web_push", "webhook"])
    def test_an_erasure_waits_for_a_claim_and_takes_what_was_claimed(
        self, race: Race, db: Connection, told: tuple[UUID, UUID], channel: str
    ) -> None:
        ana, ben = told
        met = race.collide(claiming(race, channel), erasure(race, ana))
        claimed = [one for one in met.first if one["user_id"] == ana]
        assert (len(claimed), met.second) == (1, ERASED)
        # the worker may be sending it, and can say nothing of it any more
        assert settle_now(db, claimed[0], "sent") == []
        assert left(db, ana) == {}
        assert [state for _, state, _ in states(db, ben)] == ["claimed" if channel == "webhook" else "due"]

    @pytest.mark.parametrize("outcome", ["sent", "retry", "failed", "gone"])
    @pytest.mark.parametrize("rolled_back", [False, True])
    def test_a_settlement_passes_by_what_is_being_erased(
        self, race: Race, db: Connection, told: tuple[UUID, UUID], outcome: str, rolled_back: bool
    ) -> None:
        ana, ben = told
        claimed = [one for channel in ("email", "web_push", "webhook") for one in claim(db, channel=channel)]
        mine = [one for one in claimed if one["user_id"] == ana]
        [others] = [one for one in claimed if one["user_id"] == ben]
        erasing = erasure(race, ana)
        with erasing.transaction() as transaction:
            assert erasing() == ERASED
            said = [settlement(one, outcome) for one in mine] + [settlement(others, "sent")]
            found = race.unhindered(settling(race, *said))
            assert found == [{"id": others["id"], "state": "sent"}]
            if rolled_back:
                raise psycopg.Rollback(transaction)
        if rolled_back:
            # as if nobody had said anything, and once more
            assert {state for _, state, _ in states(db, ana)} == {"claimed"}
            assert [len(settle_now(db, one, outcome)) for one in mine] == [1, 1, 1]
        else:
            assert left(db, ana) == {}

    @pytest.mark.parametrize("channel", ["email", "web_push", "webhook"])
    @pytest.mark.parametrize("outcome", ["sent", "gone"])
    def test_an_erasure_waits_for_a_settlement(
        self, race: Race, db: Connection, told: tuple[UUID, UUID], channel: str, outcome: str
    ) -> None:
        ana, _ = told
        [mine] = [one for one in claim(db, channel=channel) if one["user_id"] == ana]
        met = race.collide(settling(race, settlement(mine, outcome)), erasure(race, ana))
        assert met.first == [{"id": mine["id"], "state": "sent" if outcome == "sent" else "dropped"}]
        assert met.second == ERASED
        assert left(db, ana) == {}

    def test_an_erasure_and_a_settlement_never_wait_for_each_other(
        self, race: Race, db: Connection, told: tuple[UUID, UUID]
    ) -> None:
        """One has the address and wants the message, the other one has that and wants the address."""
        ana, _ = told
        [mine] = claim(db, channel="email")
        saying = settling(race, settlement(mine, "gone"))
        erasing = erasure(race, ana)
        with race.held("lock table wingman.webhooks in access exclusive mode") as holder:
            settled = race.started(saying, waits_for=holder)
            erased = race.started(erasing, waits_for=saying.pid)
        assert settled() == [{"id": mine["id"], "state": "dropped"}]
        assert erased() == ERASED
        assert left(db, ana) == {}

    def test_nor_about_a_browser(self, race: Race, db: Connection, told: tuple[UUID, UUID]) -> None:
        ana, _ = told
        [mine] = claim(db, channel="web_push")
        saying = settling(race, settlement(mine, "gone"))
        erasing = erasure(race, ana)
        with race.held("lock table wingman.webhooks in access exclusive mode") as holder:
            settled = race.started(saying, waits_for=holder)
            erased = race.started(erasing, waits_for=saying.pid)
        assert settled() == [{"id": mine["id"], "state": "dropped"}]
        assert erased() == ERASED
        assert left(db, ana) == {}


class TestBlocks:
    @pytest.fixture
    def moved(self, scene: Scene, db: Connection, pair: tuple[UUID, UUID]) -> tuple[UUID, UUID]:
        """The second one is to be told that the first one has moved their session."""
        add_webhook(db)
        scene.proposal(*pair, datetime.now(UTC) + timedelta(days=1))
        db.execute("select wingman.run_readers()")
        db.execute("delete from wingman.notification_deliveries where kind <> 'session_scheduled'")
        return pair

    def test_a_claim_does_not_wait_for_a_block_and_goes_by_what_is_committed(
        self, race: Race, db: Connection, moved: tuple[UUID, UUID]
    ) -> None:
        ana, ben = moved
        met = race.overtake(block(race, ben, ana), claiming(race))
        assert [(one["user_id"], one["kind"]) for one in met.second] == [(ben, "session_scheduled")]
        # it was on its way; it is not tried again
        assert settle_now(db, met.second[0], "retry", "timeout") == ["waiting"]
        db.execute("update wingman.notification_deliveries set next_attempt_at = now()")
        db.execute("update wingman.webhooks set rests_until = null")
        assert claim(db) == []
        assert states(db, ben) == [("webhook", "dropped", "blocked")]

    def test_a_block_does_not_wait_for_a_claim(
        self, race: Race, db: Connection, moved: tuple[UUID, UUID]
    ) -> None:
        ana, ben = moved
        met = race.overtake(claiming(race), block(race, ben, ana))
        assert met.second["success"] is True
        assert [one["user_id"] for one in met.first] == [ben]

    def test_nor_for_a_settlement(self, race: Race, db: Connection, moved: tuple[UUID, UUID]) -> None:
        ana, ben = moved
        [claimed] = claim(db)
        met = race.overtake(settling(race, settlement(claimed, "sent")), block(race, ana, ben))
        assert met.second["success"] is True

    @pytest.mark.parametrize("blocks_first", [True, False])
    def test_a_reader_plans_what_the_next_claim_drops(
        self, race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID], blocks_first: bool
    ) -> None:
        ana, ben = pair
        add_webhook(db)
        session_id = scene.proposal(*pair, datetime.now(UTC) + timedelta(days=1))
        db.execute("select wingman.run_readers()")
        db.execute("delete from wingman.notification_deliveries")
        race.call(ana, "cancel_session", session_id=session_id)()
        both = [block(race, ben, ana), reading(race)]
        race.overtake(*(both if blocks_first else both[::-1]))
        assert states(db, ben) == [("webhook", "due", None)]
        assert claim(db) == []
        assert states(db, ben) == [("webhook", "dropped", "blocked")]


class TestSubscriptions:
    def test_of_two_users_with_one_browser_it_is_the_seconds(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        met = race.collide(register(race, ana), register(race, ben))
        assert (met.first["success"], met.second["success"]) == (True, True)
        assert (endpoints(db, ana), endpoints(db, ben)) == ([], [ENDPOINT])

    def test_if_the_first_is_rolled_back_as_well(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        race.collide(register(race, ana), register(race, ben), rolled_back=True)
        assert (endpoints(db, ana), endpoints(db, ben)) == ([], [ENDPOINT])

    def test_of_an_eleventh_and_a_twelfth_at_once_ten_are_left(
        self, race: Race, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        for number in range(MOST):
            subscribe_now(rpc, ana, f"{ENDPOINT}{number}")
        race.collide(register(race, ana, f"{ENDPOINT}x"), register(race, ana, f"{ENDPOINT}y"))
        assert endpoints(db, ana) == [
            *(f"{ENDPOINT}{number}" for number in range(2, MOST)),
            f"{ENDPOINT}x",
            f"{ENDPOINT}y",
        ]

    def test_two_who_take_over_each_others_browser_do_not_lock_each_other_out(
        self, race: Race, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        subscribe_now(rpc, ana, f"{ENDPOINT}ana")
        subscribe_now(rpc, ben, f"{ENDPOINT}ben")
        met = race.overtake(register(race, ana, f"{ENDPOINT}ben"), register(race, ben, f"{ENDPOINT}ana"))
        assert (met.first["success"], met.second["success"]) == (True, True)
        assert (endpoints(db, ana), endpoints(db, ben)) == ([f"{ENDPOINT}ben"], [f"{ENDPOINT}ana"])

    @GOING
    @pytest.mark.parametrize("act", [register, remove])
    def test_a_call_that_waited_for_an_erasure_finds_no_profile(
        self, race: Race, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID], act: Any, goes: Any
    ) -> None:
        ana, _ = pair
        subscribe_now(rpc, ana)
        met = race.collide(goes(race, ana), act(race, ana, idempotency_key="k"))
        assert_refused(met.second, "profile_incomplete", 400, NO_PROFILE)
        assert left(db, ana) == {}

    @GOING
    @pytest.mark.parametrize("act", [register, remove])
    def test_an_erasure_takes_what_was_done_before(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID], act: Any, goes: Any
    ) -> None:
        ana, _ = pair
        met = race.collide(act(race, ana, idempotency_key="k"), goes(race, ana))
        assert met.first["success"] is True
        assert left(db, ana) == {}

    def test_who_takes_over_the_browser_of_somebody_being_erased_waits_and_has_it(
        self, race: Race, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        subscribe_now(rpc, ana)
        met = race.collide(erasure(race, ana), register(race, ben))
        assert (met.first, met.second["success"]) == (ERASED, True)
        assert endpoints(db, ben) == [ENDPOINT]
        assert left(db, ana) == {}

    def test_an_erasure_leaves_the_browser_to_who_took_it_over_first(
        self, race: Race, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        subscribe_now(rpc, ana)
        race.collide(register(race, ben), erasure(race, ana))
        assert endpoints(db, ben) == [ENDPOINT]
        assert left(db, ana) == {}

    def test_a_settlement_that_it_is_gone_does_not_wait_for_who_takes_it_over(
        self, race: Race, db: Connection, told: tuple[UUID, UUID]
    ) -> None:
        ana, ben = told
        [mine] = claim(db, channel="web_push")
        met = race.overtake(register(race, ben), settling(race, settlement(mine, "gone")))
        assert met.second == [{"id": mine["id"], "state": "dropped"}]
        assert (endpoints(db, ana), endpoints(db, ben)) == ([], [ENDPOINT])

    def test_a_reader_and_a_removal_never_wait_for_each_other(
        self, race: Race, scene: Scene, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        subscribe_now(rpc, ana)
        scene.pending(*pair)
        race.overtake(reading(race), remove(race, ana))
        assert states(db, ana) == [("web_push", "due", None)]
        assert claim(db, channel="web_push") == []
        assert states(db, ana) == [("web_push", "dropped", "unwanted")]

    def test_nor_the_other_way_round(
        self, race: Race, scene: Scene, db: Connection, rpc: Rpc, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        subscribe_now(rpc, ana)
        scene.pending(*pair)
        race.overtake(remove(race, ana), reading(race))
        assert states(db, ana) == [("web_push", "due", None)]
        assert claim(db, channel="web_push") == []
        assert states(db, ana) == [("web_push", "dropped", "unwanted")]

    def test_nor_a_reader_and_a_registration(
        self, race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        scene.pending(*pair)
        race.overtake(register(race, ana), reading(race))
        assert states(db, ana) == []
        scene.accepted(*scene.pair())
        race.overtake(reading(race), register(race, ana))


class TestAddresses:
    def test_of_two_users_with_one_address_only_the_first_has_it_asked(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        met = race.collide(setting(race, ana, ADDRESS), setting(race, ben, ADDRESS.upper()))
        assert (met.first["address"], met.second["address"]) == (ADDRESS, ADDRESS.upper())
        assert [one["user_id"] for one in claim(db, channel="email")] == [ana]

    def test_if_it_is_rolled_back_the_second(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        race.collide(setting(race, ana, ADDRESS), setting(race, ben, ADDRESS), rolled_back=True)
        assert [one["user_id"] for one in claim(db, channel="email")] == [ben]

    def test_on_two_devices_at_once_one_message_goes_out(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        race.collide(setting(race, ana, ADDRESS), setting(race, ana, ADDRESS))
        assert states(db, ana) == [("email", "due", None)]
        # and one of the three a day was taken
        for number in range(2):
            assert setting(race, ana, f"ana{number}@c.example")()["address"] == f"ana{number}@c.example"

    def test_of_two_addresses_at_once_the_second_stays(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        race.collide(setting(race, ana, ADDRESS), setting(race, ana, OTHER))
        assert address(db, ana)["address"] == OTHER
        assert [one["target"]["address"] for one in claim(db, channel="email")] == [OTHER]

    def test_two_who_change_places_do_not_lock_each_other_out(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, ben = pair
        setting(race, ana, ADDRESS)()
        setting(race, ben, OTHER)()
        race.overtake(setting(race, ana, OTHER), setting(race, ben, ADDRESS))
        assert (address(db, ana)["address"], address(db, ben)["address"]) == (OTHER, ADDRESS)

    def test_an_old_link_waits_for_the_change_and_confirms_nothing(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        setting(race, ana, ADDRESS)()
        old = address(db, ana)["id"]
        met = race.collide(setting(race, ana, OTHER), race.statement(CONFIRM, old))
        assert met.second == [{"confirmed": False}]
        assert address(db, ana)["confirmed_at"] is None

    def test_an_address_that_is_confirmed_first_is_replaced_by_one_that_is_not(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        setting(race, ana, ADDRESS)()
        old = address(db, ana)["id"]
        met = race.collide(race.statement(CONFIRM, old), setting(race, ana, OTHER))
        assert met.first == [{"confirmed": True}]
        assert (met.second["address"], met.second["is_reachable"]) == (OTHER, False)

    def test_who_asks_again_while_the_link_is_opened_does_not_undo_that(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID]
    ) -> None:
        ana, _ = pair
        setting(race, ana, ADDRESS)()
        db.execute("update wingman.asked_addresses set not_before = not_before - interval '72 hours'")
        met = race.collide(race.statement(CONFIRM, address(db, ana)["id"]), setting(race, ana, ADDRESS))
        assert met.first == [{"confirmed": True}]
        assert met.second["is_reachable"] is True
        assert claim(db, channel="email") == []

    def test_a_settlement_that_it_is_gone_does_not_wait_for_who_changes_it(
        self, race: Race, db: Connection, told: tuple[UUID, UUID]
    ) -> None:
        ana, _ = told
        [mine] = claim(db, channel="email")
        met = race.overtake(setting(race, ana, OTHER), settling(race, settlement(mine, "gone")))
        assert met.second == [{"id": mine["id"], "state": "dropped"}]
        assert address(db, ana)["address"] == OTHER

    @GOING
    @pytest.mark.parametrize("email", [None, ADDRESS])
    @pytest.mark.parametrize("channel", ["email", "web_push"])
    def test_settings_that_waited_for_an_erasure_find_no_profile(
        self,
        race: Race,
        db: Connection,
        pair: tuple[UUID, UUID],
        email: str | None,
        channel: str,
        goes: Any,
    ) -> None:
        ana, _ = pair
        met = race.collide(goes(race, ana), setting(race, ana, email, channel=channel, idempotency_key="k"))
        assert_refused(met.second, "profile_incomplete", 400, NO_PROFILE)
        assert left(db, ana) == {}
        # nor was the address asked
        assert rows(db, "select from wingman.asked_addresses") == []

    @GOING
    @pytest.mark.parametrize("email", [None, ADDRESS])
    def test_an_erasure_takes_settings_that_were_first(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID], email: str | None, goes: Any
    ) -> None:
        ana, _ = pair
        met = race.collide(setting(race, ana, email, idempotency_key="k"), goes(race, ana))
        assert met.first["address"] == email
        assert left(db, ana) == {}
        assert claim(db, channel="email") == []

    @GOING
    def test_links_that_waited_for_an_erasure_apply_no_longer(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID], goes: Any
    ) -> None:
        ana, _ = pair
        setting(race, ana, ADDRESS)()
        confirming = race.statement(CONFIRM, address(db, ana)["id"])
        unsubscribing = race.statement(UNSUBSCRIBE, ana)
        going = goes(race, ana)
        with going.transaction():
            going()
            confirmed = race.started(confirming, waits_for=going.pid)
            unsubscribed = race.started(unsubscribing, waits_for=going.pid)
        assert (confirmed(), unsubscribed()) == ([{"confirmed": False}], [{"known": False}])
        assert left(db, ana) == {}

    @GOING
    @pytest.mark.parametrize("confirms", [True, False])
    def test_an_erasure_takes_what_links_have_done(
        self, race: Race, db: Connection, pair: tuple[UUID, UUID], confirms: bool, goes: Any
    ) -> None:
        ana, _ = pair
        setting(race, ana, ADDRESS)()
        opened = (
            race.statement(CONFIRM, address(db, ana)["id"]) if confirms else race.statement(UNSUBSCRIBE, ana)
        )
        met = race.collide(opened, goes(race, ana))
        assert met.first in ([{"confirmed": True}], [{"known": True}])
        assert left(db, ana) == {}


class TestWorkers:
    @pytest.fixture
    def claimed(self, db: Connection, pair: tuple[UUID, UUID]) -> list[dict[str, Any]]:
        """Messages of two webhooks, two each, that are being sent."""
        ana, ben = pair
        for _ in range(2):
            add_webhook(db)
        tell(db, ana, ben, kind=LIFTED)
        found = claim(db)
        assert len(found) == 4
        return sorted(found, key=lambda one: (one["target_id"], one["id"]))

    def test_two_that_settle_what_failed_at_the_same_webhooks_do_not_wait_for_each_other(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        one, two, three, four = (settlement(each, "retry", "http_503") for each in claimed)
        met = race.overtake(settling(race, one, three), settling(race, four, two))
        assert [row["state"] for row in met.second] == ["waiting"] * 2
        assert len(rows(db, "select from wingman.webhooks where rests_until > now()")) == 2

    @pytest.mark.parametrize("outcome", ["retry", "gone"])
    def test_nor_for_an_operator_who_holds_a_webhook(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]], outcome: str
    ) -> None:
        with race.held("select from wingman.webhooks for update"):
            found = race.unhindered(settling(race, *[settlement(each, outcome) for each in claimed]))
            assert len(found) == 4

    def test_of_two_settlements_of_one_claim_one_counts(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        said = settlement(claimed[0], "sent")
        met = race.overtake(settling(race, said), settling(race, {**said, "outcome": "failed"}))
        assert (len(met.first), met.second) == (1, [])
        assert message(db, claimed[0]["id"])["state"] == "sent"

    def test_a_claim_passes_by_what_is_being_settled_at_the_end_of_its_lease(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        db.execute("update wingman.notification_deliveries set next_attempt_at = statement_timestamp()")
        met = race.overtake(settling(race, settlement(claimed[0], "sent")), claiming(race))
        assert {one["id"] for one in met.second} == {one["id"] for one in claimed[1:]}
        assert message(db, claimed[0]["id"])["state"] == "sent"

    def test_a_settlement_passes_by_what_is_being_claimed_again(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        db.execute("update wingman.notification_deliveries set next_attempt_at = statement_timestamp()")
        met = race.overtake(claiming(race), settling(race, *[settlement(each, "sent") for each in claimed]))
        assert (len(met.first), met.second) == (4, [])
        assert {one["attempt"] for one in met.first} == {2}

    @pytest.mark.parametrize("settles_first", [True, False])
    def test_maintenance_and_a_settlement_never_wait_for_each_other(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]], settles_first: bool
    ) -> None:
        old, *others = claimed
        assert settle_now(db, old, "sent") == ["sent"]
        db.execute(
            """update wingman.notification_deliveries set
                   created_at = created_at - interval '1 year',
                   settled_at = settled_at - interval '200 hours'"""
        )
        settle_it = settling(race, *[settlement(each, "sent") for each in others])
        purge = race.operation("wingman.run_maintenance")
        both = [settle_it, purge]
        met = race.overtake(*(both if settles_first else both[::-1]))
        settled, purged = (met.first, met.second) if settles_first else (met.second, met.first)
        assert (len(settled), purged["purged_deliveries"]) == (3, 1)
        assert {row["state"] for row in rows(db, "select state from wingman.notification_deliveries")} == {
            "sent"
        }

    def test_maintenance_passes_by_what_somebody_holds(
        self, race: Race, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        for each in claimed:
            settle_now(db, each, "sent")
        db.execute(
            "update wingman.notification_deliveries set settled_at = settled_at - interval '200 hours'"
        )
        held = "select from wingman.notification_deliveries where id = %s for update"
        with race.held(held, claimed[0]["id"]):
            done = race.unhindered(race.operation("wingman.run_maintenance"))
            assert done["purged_deliveries"] == 3
        assert [row["id"] for row in rows(db, "select id from wingman.notification_deliveries")] == [
            claimed[0]["id"]
        ]

    def test_a_claim_does_not_wait_for_a_reader_nor_a_reader_for_a_claim(
        self, race: Race, scene: Scene, db: Connection, claimed: list[dict[str, Any]]
    ) -> None:
        scene.pending(*scene.pair())
        race.overtake(reading(race), claiming(race))
        scene.pending(*scene.pair())
        race.overtake(claiming(race), reading(race))
        assert len(claim(db)) == 4
