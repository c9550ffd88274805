"""Why a message is not sent any more: each reason, just before it holds and once it does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from channels.outbox import ENDPOINT, LIFTED, add_webhook, claim, confirm_address, subscribe, webhook
from fairness.noshows import answer, decide, missed, report, withdraw
from fairness.noshows import let_pass as let_reports_pass
from harness import Connection, People, Rpc
from inbox.inboxes import forget, let_pass_until_due, read_all
from listening import tell
from rows import Pair, make_pair, make_session, update_session

CHANNELS = ("email", "web_push", "webhook", "realtime")
SOON, LATER = timedelta(minutes=10), timedelta(hours=48)


@dataclass
class World:
    """Two people, what they do, and what was to be sent about it."""

    db: Connection
    rpc: Rpc
    people: People
    pair: Any = None
    session_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def meet(self, status: str = "accepted", **more: Any) -> None:
        self.pair = make_pair(self.db, self.people, status, **more)
        forget(self.db)

    def user(self, number: int) -> UUID:
        user_id: UUID = getattr(self.pair, f"user{number}")
        return user_id

    def does(self, number: int, function: str, **arguments: Any) -> Any:
        return self.rpc.as_user(self.user(number)).call(function, **arguments)

    def in_session(self, number: int, function: str, **arguments: Any) -> Any:
        return self.does(number, function, session_id=self.session_id, **arguments)

    def arranges(self, number: int, ahead: timedelta = LATER) -> None:
        arguments = {"scheduled_time": datetime.now(UTC) + ahead, "venue_name": "Café"}
        self.session_id = self.does(number, "create_session", match_id=self.pair.match_id, **arguments)["id"]

    def moves(self, number: int, ahead: timedelta = LATER) -> None:
        moved = datetime.now(UTC) + ahead + timedelta(hours=1)
        self.in_session(number, "reschedule_session", scheduled_time=moved)

    def answers(self, number: int, action: str) -> None:
        self.does(number, "respond_to_match", match_id=self.pair.match_id, action=action)

    def ends(self, number: int) -> None:
        self.does(number, "end_match", match_id=self.pair.match_id)

    def operator(self, function: str, **arguments: Any) -> None:
        self.rpc.as_admin().call(f"wingman_admin.{function}", reason="They asked", **arguments)

    def confirms(self, number: int) -> None:
        self.in_session(number, "confirm_session_completion")

    def obstacles(self, kind: str, number: int) -> list[str | None]:
        """What stands against the messages of this kind for one of the two; None: nothing."""
        rows = self.db.execute(
            """select wingman.delivery_obstacle(d) as obstacle from wingman.notification_deliveries as d
               where d.kind = %s and d.user_id = %s order by d.id""",
            [kind, self.user(number)],
        )
        return [row["obstacle"] for row in rows]


@pytest.fixture
def world(db, rpc, people) -> World:
    add_webhook(db)
    return World(db, rpc, people)


def offered(w: World) -> None:
    w.pair = make_pair(w.db, w.people, "pending")


def found(w: World) -> None:
    """user1 has searched."""
    searcher, other = sorted((w.people.add("Ana"), w.people.add("Ben")))
    made = w.rpc.as_user(searcher).call("create_automatic_match")
    w.pair = Pair(searcher, other, made["match_id"])


def offered_to_both(w: World) -> None:
    w.pair = make_pair(w.db, w.people, "pending", needs_both=True)


def first_accepted(w: World) -> None:
    w.meet("pending", needs_both=True)
    w.answers(1, "accept")


def accepted(w: World) -> None:
    w.meet("pending")
    w.answers(1, "accept")


def scheduled(w: World) -> None:
    w.meet()
    w.arranges(1)


def moved(w: World) -> None:
    scheduled(w)
    forget(w.db)
    w.moves(1)


def moved_by_hand(w: World) -> None:
    scheduled(w)
    w.in_session(2, "agree_to_session")
    forget(w.db)
    update_session(w.db, w.session_id, "scheduled_time = scheduled_time + interval '1 hour'")


def agreed(w: World) -> None:
    w.meet()
    w.arranges(2)
    w.in_session(1, "agree_to_session")


def started(w: World) -> None:
    w.meet()
    w.arranges(2, SOON)
    w.in_session(1, "start_session")


def confirmed(w: World) -> None:
    w.meet()
    w.session_id = make_session(w.db, w.pair.match_id)
    w.confirms(1)


def reported(w: World) -> None:
    w.meet()
    w.session_id = missed(w.db, w.pair)
    forget(w.db)
    report(w.rpc, w.user(1), w.session_id)


def contested(w: World) -> None:
    """user1 is told."""
    reported(w)
    answer(w.rpc, w.user(2), w.session_id, "contest")


def paused(w: World) -> None:
    w.meet("lapsed")
    w.db.execute("update wingman.matchmaking_pool set unanswered_offers = 2")
    w.db.execute("select wingman.run_maintenance()")


def suspended(w: World) -> None:
    w.meet()
    w.operator("suspend_user", user_id=w.user(2), until=None)


def suspended_for_an_hour(w: World) -> None:
    w.meet()
    w.operator("suspend_user", user_id=w.user(2), until=datetime.now(UTC) + timedelta(hours=1))


def lifted(w: World) -> None:
    suspended(w)
    forget(w.db)
    w.operator("lift_suspension", user_id=w.user(2))


def reminded(kind: str, proposer: int) -> Callable[[World], None]:
    def arrange(w: World) -> None:
        w.meet()
        w.arranges(proposer)
        forget(w.db)
        let_pass_until_due(w.db, kind)

    return arrange


def expiring(w: World) -> None:
    w.meet("pending", needs_both=True)
    let_pass_until_due(w.db, "match_expiring")


def cancelled(w: World) -> None:
    w.in_session(1, "cancel_session")


def confirm_both(w: World) -> None:
    for number in (1, 2):
        w.confirms(number)


def by_hand(assignments: str) -> Callable[[World], None]:
    return lambda w: update_session(w.db, w.session_id, assignments)


def does(number: int, function: str) -> Callable[[World], None]:
    return lambda w: w.in_session(number, function)


def lapses(w: World) -> None:
    let_reports_pass(w.db, "336 hours")


def suspension_ends(w: World) -> None:
    w.db.execute(
        """update wingman.suspensions set
               created_at = created_at - interval '1 hour', ends_at = ends_at - interval '1 hour'"""
    )


# What is told, what has to happen for it, to whom of the two, and what overtakes it.
OVERTAKEN: list[tuple[str, Callable[[World], None], int, dict[str, Callable[[World], None]]]] = [
    (
        "match_offered",
        offered,
        2,
        {
            "accepted by the other": lambda w: w.answers(1, "accept"),
            "accepted": lambda w: w.answers(2, "accept"),
            "declined": lambda w: w.answers(1, "decline"),
        },
    ),
    ("match_offered", found, 2, {"declined by oneself": lambda w: w.answers(2, "decline")}),
    ("match_offered", offered_to_both, 2, {"accepted first": lambda w: w.answers(2, "accept")}),
    (
        "match_first_accepted",
        first_accepted,
        2,
        {"accepted": lambda w: w.answers(2, "accept"), "declined": lambda w: w.answers(2, "decline")},
    ),
    ("match_accepted", accepted, 2, {"ended": lambda w: w.ends(1), "ended by oneself": lambda w: w.ends(2)}),
    (
        "session_scheduled",
        scheduled,
        2,
        {
            "cancelled": cancelled,
            "moved": lambda w: w.moves(1),
            "moved by oneself": lambda w: w.moves(2),
            "agreed to": does(2, "agree_to_session"),
            "over": by_hand("status = 'no_show', scheduled_time = now() - interval '1 hour'"),
        },
    ),
    (
        "session_moved",
        moved,
        2,
        {
            "cancelled": cancelled,
            "moved again": lambda w: w.moves(1, LATER + timedelta(hours=1)),
            "agreed to": does(2, "agree_to_session"),
        },
    ),
    # agreed to as it was before, which nobody has cancelled
    ("session_moved", moved_by_hand, 2, {"cancelled": cancelled}),
    (
        "session_agreed",
        agreed,
        2,
        {"cancelled": cancelled, "moved": lambda w: w.moves(1), "moved by oneself": lambda w: w.moves(2)},
    ),
    ("session_started", started, 2, {"cancelled": cancelled}),
    ("session_confirmed", confirmed, 2, {"confirmed": lambda w: w.confirms(2), "cancelled": cancelled}),
    (
        "no_show_reported",
        reported,
        2,
        {
            "withdrawn": lambda w: withdraw(w.rpc, w.user(1), w.session_id),
            "contested": lambda w: answer(w.rpc, w.user(2), w.session_id, "contest"),
            "admitted": lambda w: answer(w.rpc, w.user(2), w.session_id, "admit"),
            "lapsed": lapses,
        },
    ),
    (
        "no_show_contested",
        contested,
        1,
        {
            "dismissed": lambda w: decide(w.rpc.as_admin(), w.session_id),
            "upheld": lambda w: decide(w.rpc.as_admin(), w.session_id, w.user(2)),
            "withdrawn": lambda w: withdraw(w.rpc, w.user(1), w.session_id),
            "lapsed": lapses,
        },
    ),
    ("matching_paused", paused, 2, {"resumed": lambda w: w.does(2, "resume_matching")}),
    ("user_suspended", suspended, 2, {"lifted": lambda w: w.operator("lift_suspension", user_id=w.user(2))}),
    ("user_suspended", suspended_for_an_hour, 2, {"over": suspension_ends}),
    (
        "suspension_lifted",
        lifted,
        2,
        {"suspended again": lambda w: w.operator("suspend_user", user_id=w.user(2), until=None)},
    ),
    (
        "session_reminder",
        reminded("session_reminder", 2),
        2,
        {
            "cancelled": cancelled,
            "moved": lambda w: w.moves(2),
            "not agreed to any more": lambda w: w.moves(1),
        },
    ),
    (
        "agreement_reminder",
        reminded("agreement_reminder", 1),
        2,
        {"agreed to": does(2, "agree_to_session"), "cancelled": cancelled, "moved": lambda w: w.moves(1)},
    ),
    (
        "confirmation_reminder",
        reminded("confirmation_reminder", 1),
        2,
        {
            "confirmed": lambda w: w.confirms(2),
            "completed": confirm_both,
            "cancelled": by_hand("status = 'cancelled', cancelled_by = user1_id"),
            "reported": lambda w: report(w.rpc, w.user(2), w.session_id),
            "moved by hand": by_hand("scheduled_time = now() + interval '1 hour'"),
        },
    ),
    (
        "match_expiring",
        expiring,
        2,
        {"accepted": lambda w: w.answers(2, "accept"), "declined": lambda w: w.answers(1, "decline")},
    ),
]
CASES = [
    pytest.param(kind, arrange, number, act, id=f"{kind}-{name}")
    for kind, arrange, number, acts in OVERTAKEN
    for name, act in acts.items()
]


@pytest.mark.parametrize(("kind", "arrange", "number", "act"), CASES)
def test_what_is_overtaken_is_dropped(db, world, kind, arrange, number, act):
    arrange(world)
    read_all(db)
    assert world.obstacles(kind, number) == [None]
    act(world)
    assert world.obstacles(kind, number) == ["overtaken"]
    claim(db)
    rows = db.execute(
        "select state, last_error from wingman.notification_deliveries where kind = %s and user_id = %s",
        [kind, world.user(number)],
    )
    assert rows.fetchall() == [{"state": "dropped", "last_error": "overtaken"}]


FACTS = {
    *("match_declined", "match_ended", "session_completed", "session_cancelled", "session_no_show"),
    *("session_reverted", "no_show_admitted", "no_show_withdrawn", "no_show_dismissed", "more_activity"),
    "achievement_earned",
}


def test_every_kind_can_be_overtaken_or_is_a_fact(db):
    kinds = {row["kind"] for row in db.execute("select kind from wingman.notification_kinds()")}
    assert {kind for kind, *_ in OVERTAKEN} | FACTS == kinds


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_fact_stays_one(db, world, kind):
    world.meet()
    [told] = tell(db, world.user(2), kind=kind)
    world.session_id = make_session(db, world.pair.match_id, starts="1 hour")
    db.execute(
        "update public.wingman_notifications set match_id = %s, session_id = %s where id = %s",
        [world.pair.match_id, world.session_id, told],
    )
    assert world.obstacles(kind, 2) == [None]
    update_session(db, world.session_id, "status = 'cancelled'")
    world.ends(1)
    assert world.obstacles(kind, 2) == [None]


@pytest.mark.parametrize(
    ("kind", "arrange", "act"),
    [
        ("match_offered", offered_to_both, lambda w: w.answers(1, "accept")),
        ("session_moved", moved, by_hand("venue_name = 'Elsewhere'")),
        ("session_started", started, lambda w: None),
        ("session_reminder", reminded("session_reminder", 2), does(1, "agree_to_session")),
        ("match_expiring", expiring, lambda w: w.answers(1, "accept")),
    ],
)
def test_what_changes_nothing_for_somebody_overtakes_nothing(db, world, kind, arrange, act):
    arrange(world)
    read_all(db)
    act(world)
    assert world.obstacles(kind, 2) == [None]


def test_of_two_reminders_of_a_session_only_the_later_one_is_sent(db, world):
    world.meet()
    world.arranges(2)
    forget(db)
    let_pass_until_due(db, "session_reminder")
    read_all(db)
    assert world.obstacles("session_reminder", 2) == [None]
    let_pass_until_due(db, "session_reminder")
    # no reader has seen that yet
    assert world.obstacles("session_reminder", 2) == ["overtaken"]
    read_all(db)
    assert world.obstacles("session_reminder", 2)[1:] == [None]


class TestLate:
    def test_from_the_moment_on_at_which_it_is_of_no_use(self, db, world):
        scheduled(world)
        read_all(db)

        def at(offset):
            """What stands against it that long after its use is over."""
            # statements that are sent together are of one moment
            with db.transaction(force_rollback=True):
                cursor = db.execute(
                    f"""set local session_replication_role = replica;
                        update public.wingman_notifications
                        set useful_until = statement_timestamp() - interval '{offset}';
                        update public.wingman_sessions
                        set scheduled_time = statement_timestamp() - interval '{offset}';
                        select wingman.delivery_obstacle(d) as obstacle
                        from wingman.notification_deliveries as d where d.kind = 'session_scheduled'"""
                )
                while cursor.nextset():
                    pass
                return cursor.fetchone()["obstacle"]

        assert [at(offset) for offset in ("-1 microsecond", "0", "1 microsecond")] == [None, "late", "late"]

    @pytest.mark.parametrize("channel", CHANNELS)
    def test_whatever_the_channel(self, db, rpc, world, channel):
        world.meet()
        everywhere(db, rpc, world.user(2))
        world.arranges(1)
        read_all(db)
        db.execute("update public.wingman_notifications set useful_until = statement_timestamp()")
        assert claim(db, channel=channel) == []
        rows = db.execute(
            "select last_error from wingman.notification_deliveries where channel = %s", [channel]
        )
        assert {row["last_error"] for row in rows} == {"late"}


def everywhere(db, rpc, user_id):
    """Somebody is told through every channel; the webhook is there."""
    confirm_address(rpc, db, user_id)
    subscribe(rpc, user_id)
    db.execute("update wingman.settings set realtime = true")
    db.execute("delete from wingman.notification_deliveries")


class TestGone:
    @pytest.mark.parametrize("channel", CHANNELS)
    def test_a_notification_that_was_removed(self, db, rpc, world, ana, channel):
        everywhere(db, rpc, ana)
        tell(db, ana, kind=LIFTED)
        db.execute("delete from public.wingman_notifications")
        assert claim(db, channel=channel) == []
        rows = db.execute(
            "select last_error from wingman.notification_deliveries where channel = %s", [channel]
        )
        assert [row["last_error"] for row in rows] == ["gone"]

    @pytest.mark.parametrize("by", ["the user", "an operator", "direct SQL"])
    def test_of_somebody_who_was_erased_nothing_is_left(self, db, rpc, world, ana, ben, by):
        everywhere(db, rpc, ana)
        tell(db, ana, ben, kind=LIFTED)
        if by == "the user":
            rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        elif by == "an operator":
            rpc.as_admin().call("wingman_admin.erase_user", user_id=ana, reason="They asked")
        else:
            db.execute("delete from auth.users where id = %s", [ana])
        found = {one["user_id"] for channel in CHANNELS for one in claim(db, channel=channel)}
        assert found == {ben}
        owners = db.execute("select distinct user_id from wingman.notification_deliveries")
        assert [row["user_id"] for row in owners] == [ben]

    def test_nor_is_anything_sent_to_who_returns_with_the_same_id(self, db, rpc, world, ana):
        everywhere(db, rpc, ana)
        tell(db, ana, kind=LIFTED)
        rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        told = {"first_name": "Anew", "experience_level": "beginner", "lat": 38.7, "lng": -9.1}
        rpc.as_user(ana).call("complete_profile", **told)
        read_all(db)
        assert [claim(db, channel=channel) for channel in CHANNELS] == [[], [], [], []]


UNWANTED: list[tuple[str, str, Callable[[Connection, Rpc, UUID], Any]]] = [
    (
        "email",
        "another kind",
        lambda db, rpc, ana: rpc.as_user(ana).call(
            "set_notification_settings", channel="email", kinds=["match_offered"]
        ),
    ),
    (
        "email",
        "nothing",
        lambda db, rpc, ana: rpc.as_user(ana).call("set_notification_settings", channel="email", kinds=[]),
    ),
    (
        "email",
        "unsubscribed",
        lambda db, rpc, ana: rpc.as_service().call("wingman.unsubscribe", user_id=ana, channel="email"),
    ),
    (
        "email",
        "another address",
        lambda db, rpc, ana: rpc.as_user(ana, email="other@a.example").call(
            "set_notification_settings", channel="email"
        ),
    ),
    (
        "email",
        "gone",
        lambda db, rpc, ana: db.execute("update wingman.email_addresses set confirmed_at = null"),
    ),
    (
        "web_push",
        "nothing",
        lambda db, rpc, ana: rpc.as_user(ana).call("set_notification_settings", channel="web_push", kinds=[]),
    ),
    (
        "web_push",
        "removed",
        lambda db, rpc, ana: rpc.as_user(ana).call("remove_push_subscription", endpoint=ENDPOINT),
    ),
    (
        "web_push",
        "its host is allowed no longer",
        lambda db, rpc, ana: db.execute("update wingman.settings set push_hosts = '{push.example.org}'"),
    ),
    (
        "webhook",
        "another kind",
        lambda db, rpc, ana: db.execute("update wingman.webhooks set kinds = '{match_ended}'"),
    ),
    (
        "webhook",
        "disabled",
        lambda db, rpc, ana: db.execute("update wingman.webhooks set disabled_at = now()"),
    ),
    ("realtime", "off", lambda db, rpc, ana: db.execute("update wingman.settings set realtime = false")),
]


@pytest.mark.parametrize(
    ("channel", "act"), [pytest.param(one, act, id=f"{one}-{name}") for one, name, act in UNWANTED]
)
def test_what_is_not_wanted_any_more_is_dropped(db, rpc, world, ana, channel, act):
    everywhere(db, rpc, ana)
    tell(db, ana, kind=LIFTED)
    act(db, rpc, ana)
    assert [one for one in claim(db, channel=channel) if one["kind"] == LIFTED] == []
    query = "select channel, state, last_error from wingman.notification_deliveries where kind = %s"
    states = {row["channel"]: (row["state"], row["last_error"]) for row in db.execute(query, [LIFTED])}
    # the others do not concern it
    assert states.pop(channel) == ("dropped", "unwanted")
    assert {*states.values()} == {("due", None)}


def test_settings_of_one_channel_do_not_concern_another(db, rpc, world, ana):
    everywhere(db, rpc, ana)
    rpc.as_user(ana).call("set_notification_settings", channel="email", kinds=[])
    tell(db, ana, kind=LIFTED)
    planned = [row["channel"] for row in db.execute("select channel from wingman.notification_deliveries")]
    assert sorted(planned) == ["realtime", "web_push", "webhook"]


BLOCKED = [
    (kind, arrange, number)
    for kind, arrange, number, _ in OVERTAKEN
    if kind not in ("matching_paused", "user_suspended", "suspension_lifted")
]


class TestBlocks:
    @pytest.mark.parametrize("blocker", [1, 2])
    @pytest.mark.parametrize(("kind", "arrange", "number"), BLOCKED)
    def test_nothing_that_was_done_before_is_sent(self, db, rpc, world, kind, arrange, number, blocker):
        arrange(world)
        read_all(db)
        assert world.obstacles(kind, number) == [None]
        world.does(blocker, "block_user", subject_id=world.user(3 - blocker))
        # what was done by hand is an operator's, and the block has overtaken it
        obstacle = "overtaken" if arrange in (offered, offered_to_both, moved_by_hand) else "blocked"
        assert world.obstacles(kind, number) == [obstacle]
        claim(db)
        rows = db.execute(
            "select distinct state from wingman.notification_deliveries where kind = %s", [kind]
        )
        assert [row["state"] for row in rows] == ["dropped"]

    @pytest.mark.parametrize("blocker", [1, 2])
    @pytest.mark.parametrize(("status", "kind"), [("pending", "match_declined"), ("accepted", "match_ended")])
    def test_but_the_ending_that_it_made(self, db, world, status, kind, blocker):
        world.meet(status)
        if status == "accepted":
            world.arranges(blocker)
        db.execute("delete from wingman.notification_deliveries")
        world.does(blocker, "block_user", subject_id=world.user(3 - blocker))
        read_all(db)
        assert [(one["kind"], one["user_id"]) for one in claim(db)] == [(kind, world.user(3 - blocker))]

    def test_an_earlier_ending_is_not_its_own(self, db, world):
        world.meet()
        db.execute("delete from wingman.notification_deliveries")
        world.ends(1)
        read_all(db)
        assert world.obstacles("match_ended", 2) == [None]
        world.does(1, "block_user", subject_id=world.user(2))
        assert world.obstacles("match_ended", 2) == ["blocked"]

    def test_who_blocks_back_is_told_nothing_either(self, db, world):
        world.meet()
        world.does(1, "block_user", subject_id=world.user(2))
        read_all(db)
        assert world.obstacles("match_ended", 2) == [None]
        world.does(2, "block_user", subject_id=world.user(1))
        assert world.obstacles("match_ended", 2) == ["blocked"]

    def test_once_it_is_lifted_what_still_applies_is_sent(self, db, world):
        world.meet()
        world.arranges(1)
        cancelled(world)
        read_all(db)
        world.does(1, "block_user", subject_id=world.user(2))
        assert world.obstacles("session_cancelled", 2) == ["blocked"]
        world.does(1, "unblock_user", subject_id=world.user(2))
        assert world.obstacles("session_cancelled", 2) == [None]

    @pytest.mark.parametrize("order", ["before", "after"])
    def test_what_operators_do_is_told(self, db, world, order):
        contested(world)
        forget(db)
        db.execute("delete from wingman.notification_deliveries")
        if order == "before":
            world.does(1, "block_user", subject_id=world.user(2))
        decide(world.rpc.as_admin(), world.session_id, world.user(2))
        if order == "after":
            world.does(1, "block_user", subject_id=world.user(2))
        read_all(db)
        told = {(one["kind"], one["user_id"]) for one in claim(db) if one["kind"] == "session_no_show"}
        assert told == {("session_no_show", world.user(number)) for number in (1, 2)}

    def test_a_block_of_others_does_not_concern_them(self, db, world, ana):
        scheduled(world)
        read_all(db)
        world.does(1, "block_user", subject_id=ana)
        world.rpc.as_user(ana).call("block_user", subject_id=world.user(2))
        assert world.obstacles("session_scheduled", 2) == [None]

    def test_it_holds_although_the_journal_has_forgotten_what_was_done(self, db, world):
        """Then nobody knows whether an operator did it."""
        scheduled(world)
        cancelled(world)
        read_all(db)
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            db.execute("delete from wingman.events where kind = 'session_cancelled'")
        assert world.obstacles("session_cancelled", 2) == [None]
        world.does(2, "block_user", subject_id=world.user(1))
        assert world.obstacles("session_cancelled", 2) == ["blocked"]

    def test_what_is_being_sent_is_dropped_when_it_is_tried_again(self, db, world):
        scheduled(world)
        read_all(db)
        [claimed] = [one for one in claim(db) if one["kind"] == "session_scheduled"]
        world.does(2, "block_user", subject_id=world.user(1))
        db.execute(
            "update wingman.notification_deliveries set next_attempt_at = now() where state = 'claimed'"
        )
        assert claimed["id"] not in {one["id"] for one in claim(db)}
        assert world.obstacles("session_scheduled", 2) == ["blocked"]
        assert webhook(db, claimed["target_id"])["disabled_at"] is None
