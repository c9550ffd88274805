"""An address comes from the access token alone, is asked once, and told nothing else before it confirms."""

import json
from datetime import timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from channels.outbox import claim, message, settle
from contract_errors import refused
from listening import tell

SET, GET = "set_notification_settings", "get_notification_settings"
CONFIRM, UNSUBSCRIBE = "wingman.confirm_email_address", "wingman.unsubscribe"
LIFETIME = "72 hours"
HERE, THERE = "ana@a.example", "ana@b.example"


def ask(rpc, user_id, address, **more):
    """The user's app sets the channel, with this address in the token."""
    return rpc.as_user(user_id, email=address).call(SET, channel="email", **more)


def addresses(db, user_id: UUID | None = None):
    return db.execute(
        "select * from wingman.email_addresses"
        " where %(id)s::uuid is null or user_id = %(id)s order by asked_at",
        {"id": user_id},
    ).fetchall()


def questions(db):
    """The messages with a link of confirmation: whose they are, and what became of them."""
    rows = db.execute(
        "select user_id, state from wingman.notification_deliveries"
        " where kind = 'email_confirmation' order by id"
    )
    return [(row["user_id"], row["state"]) for row in rows]


def confirm(rpc, address_id):
    return rpc.as_service().call(CONFIRM, address_id=address_id)


def send_all(db):
    """A worker sends what is due; where that was."""
    sent = claim(db, channel="email")
    for one in sent:
        assert settle(db, one, "sent") == ["sent"]
    return [(one["kind"], one["target"]["address"]) for one in sent]


def let_pass(db, interval):
    """Lets time pass for what was asked, and for how often users may ask."""
    db.execute("update wingman.rate_limits set spent_until = spent_until - %s::interval", [interval])
    db.execute("update wingman.asked_addresses set not_before = not_before - %s::interval", [interval])
    db.execute(
        """update wingman.email_addresses set
               asked_at = asked_at - %(i)s::interval, confirmed_at = confirmed_at - %(i)s::interval""",
        {"i": interval},
    )


@pytest.fixture
def as_often_as_they_like(db):
    """Users may ask without limit."""
    db.execute("update wingman.settings set email_limit = 1000000")


class TestTheClaim:
    def test_it_is_the_address_that_is_asked(self, db, rpc, ana):
        told = ask(rpc, ana, HERE)
        assert (told["address"], told["is_reachable"]) == (HERE, False)
        [row] = addresses(db)
        assert (row["user_id"], row["address"], row["confirmed_at"]) == (ana, HERE, None)
        [asking] = claim(db, channel="email")
        assert (asking["kind"], asking["user_id"], asking["target"]) == (
            "email_confirmation",
            ana,
            {"address": HERE},
        )
        assert (asking["target_id"], asking["notification_id"]) == (row["id"], None)
        # as long as the link that goes there
        assert asking["useful_until"] == row["asked_at"] + timedelta(hours=72)
        assert asking["title"]
        assert asking["body"]

    @pytest.mark.parametrize(
        "claimed",
        [
            None,
            "",
            "ana",
            "ana@",
            "@a.example",
            "ana@localhost",
            "ana@a..example",
            "ana@a.example, ben@b.example",
            "ana@a.example\nBcc: ben@b.example",
            "ana@a.example\n",
            " ana@a.example",
            '"ana b"@a.example',
            "Ana <ana@a.example>",
            "ana@a@b.example",
            "änä@a.example",
            "ana@ä.example",
            f"{'a' * 65}@a.example",
            f"ana@{'a' * 243}.example",
            ["ana@a.example"],
            {"email": "ana@a.example"},
            {},
            5,
            True,
        ],
        ids=range(23),
    )
    def test_what_is_no_address_is_none(self, db, rpc, ana, claimed):
        assert ask(rpc, ana, claimed)["address"] is None
        assert (addresses(db), questions(db)) == ([], [])

    @pytest.mark.parametrize(
        "address",
        [
            "ANA@A.EXAMPLE",
            "a@b.c",
            "ana+news@a.example",
            "a.n.a@sub.a.example",
            "!#$%&'*+/=?^_`{|}~-@a.example",
            f"{'a' * 64}@a.example",
            f"ana@{'a' * 242}.example",
        ],
    )
    def test_what_is_one(self, db, rpc, ana, address):
        assert ask(rpc, ana, address)["address"] == address
        assert send_all(db) == [("email_confirmation", address)]

    def test_without_the_claim_the_address_stays(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        before = addresses(db)
        assert rpc.as_user(ana).call(SET, channel="email")["address"] == HERE
        assert ask(rpc, ana, "nonsense")["address"] == HERE
        assert addresses(db) == before

    @pytest.mark.parametrize(
        "claims",
        [
            *("", "null", "[]", "5", '"x"', '{"email":', '["email"]', '[{"email": "ana@a.example"}]'),
            *('{"email": "\\u0000"}', '{"email": "ana\\u0000@a.example"}', '{"email": "\\ud800"}'),
        ],
    )
    @pytest.mark.every
    def test_claims_of_any_form_do_no_harm(self, db, claims):
        with db.transaction(force_rollback=True):
            # as in the engine: its owner executes it, and the role is the caller's
            db.execute("grant usage on schema wingman to authenticated")
            db.execute("grant execute on all functions in schema wingman to authenticated")
            db.execute("select set_config('request.jwt.claims', %s, true)", [claims])
            db.execute("set local role authenticated")
            assert db.execute("select wingman.claimed_address() as address").fetchone() == {"address": None}

    def test_only_the_channel_for_email_takes_it(self, db, rpc, ana):
        assert rpc.as_user(ana, email=HERE).call(SET, channel="web_push")["address"] is None
        assert rpc.as_user(ana, email=HERE).call(GET)[0]["address"] is None
        assert addresses(db) == []

    @pytest.mark.parametrize("role", ["service_role", "operator"])
    def test_nobody_else_can_set_it(self, db, rpc, ana, role):
        claims = {"sub": str(ana), "email": HERE}
        caller = rpc.as_service(**claims) if role == "service_role" else rpc.as_admin(**claims)
        assert caller.call(SET, channel="email", user_id=ana)["address"] is None
        assert addresses(db) == []

    def test_nor_change_it(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        before = addresses(db)
        service = rpc.as_service(email=THERE)
        assert service.call(SET, channel="email", kinds=[], user_id=ana)["address"] == HERE
        assert addresses(db) == before

    def test_the_role_in_a_token_makes_nobody_a_user(self, db, rpc, ana):
        service = rpc.as_service(role="authenticated", sub=str(ana), email=HERE)
        assert service.call(SET, channel="email", user_id=ana)["address"] is None


class TestOneMessage:
    def test_the_same_address_again_asks_nobody(self, db, rpc, ana):
        for _ in range(5):
            ask(rpc, ana, HERE)
        assert questions(db) == [(ana, "due")]
        # nor does it take anything of the limit
        assert ask(rpc, ana, THERE)["address"] == THERE

    def test_in_capitals_it_is_the_same(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        before = addresses(db)
        assert ask(rpc, ana, HERE.upper())["address"] == HERE
        assert (addresses(db), questions(db)) == (before, [(ana, "due")])
        confirm(rpc, before[0]["id"])
        assert ask(rpc, ana, HERE.title())["is_reachable"] is True

    def test_within_its_lifetime_and_once_after_it(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]
        let_pass(db, "71 hours 59 minutes")
        ask(rpc, ana, HERE)
        assert send_all(db) == []
        let_pass(db, "1 minute")
        ask(rpc, ana, HERE)
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]

    def test_another_user_with_the_same_address_asks_nobody(self, db, rpc, ana, ben):
        ask(rpc, ana, HERE)
        told = ask(rpc, ben, HERE.upper())
        # and learns nothing from the answer
        assert (told["address"], told["is_reachable"]) == (HERE.upper(), False)
        assert questions(db) == [(ana, "due")]
        assert {row["user_id"] for row in addresses(db)} == {ana, ben}

    @pytest.mark.usefixtures("as_often_as_they_like")
    @pytest.mark.parametrize("sends", [True, False])
    def test_nor_does_going_back_and_forth(self, db, rpc, ana, sends):
        sent = []
        for address in [HERE, THERE] * 3:
            ask(rpc, ana, address)
            sent += send_all(db) if sends else []
        sent += send_all(db)
        assert len(questions(db)) == 2
        assert sent == [("email_confirmation", address) for address in ([HERE] * sends + [THERE])]

    @pytest.mark.usefixtures("as_often_as_they_like")
    def test_nor_do_many_who_go_on_to_another_one(self, db, rpc, people):
        sent = []
        for number in range(3):
            user_id = people.add()
            ask(rpc, user_id, HERE)
            sent += send_all(db)
            ask(rpc, user_id, f"mine{number}@b.example")
        assert [one for one in sent if one[1] == HERE] == [("email_confirmation", HERE)]

    def test_nor_do_many_who_are_erased(self, db, rpc, people):
        sent = []
        for _ in range(3):
            user_id = people.add()
            ask(rpc, user_id, HERE)
            sent += send_all(db)
            rpc.as_user(user_id).call("erase_my_account", confirmation="erase")
        assert sent == [("email_confirmation", HERE)]
        assert addresses(db) == []
        # of the address there is only a hash, and maintenance removes that once it has no use
        asked = "select from wingman.asked_addresses where address_hash = wingman.hashed_id(%s)"
        assert db.execute("select from wingman.asked_addresses").rowcount == 1
        assert db.execute(asked, [HERE]).rowcount == 1
        let_pass(db, "71 hours 59 minutes")
        db.execute("select wingman.run_maintenance()")
        assert db.execute(asked, [HERE]).rowcount == 1
        let_pass(db, "1 minute")
        db.execute("select wingman.run_maintenance()")
        assert db.execute(asked, [HERE]).rowcount == 0

    def test_nor_does_one_that_is_confirmed_for_another_user(self, db, rpc, ana, ben):
        ask(rpc, ana, HERE)
        confirm(rpc, addresses(db)[0]["id"])
        ask(rpc, ben, HERE)
        assert questions(db) == [(ana, "due")]

    def test_one_that_could_not_be_sent_yet_is_not_joined_by_another(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        [asking] = claim(db, channel="email")
        assert settle(db, asking, "retry", "smtp_451") == ["waiting"]
        let_pass(db, LIFETIME)
        ask(rpc, ana, HERE)
        assert questions(db) == [(ana, "waiting")]

    def test_of_a_clock_that_was_ahead_nothing_is_left(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        send_all(db)
        let_pass(db, "-10 years")
        db.execute("delete from wingman.rate_limits where bucket = 'email'")
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]
        ask(rpc, ana, HERE)
        assert send_all(db) == []

    def test_nor_does_who_waited_and_began_before_the_one_that_asked(self, db, rpc, ana, ben):
        ask(rpc, ana, HERE)
        let_pass(db, "-30 seconds")
        ask(rpc, ben, HERE)
        assert questions(db) == [(ana, "due")]

    def test_a_change_of_what_users_may_do_is_none_of_this(self, db, rpc, ana, ben):
        ask(rpc, ana, HERE)
        db.execute("update wingman.settings set email_limit = 5, report_limit = 5")
        ask(rpc, ben, HERE)
        assert questions(db) == [(ana, "due")]

    def test_a_shorter_lifetime_holds_for_what_was_asked_before(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        send_all(db)
        db.execute("update wingman.settings set email_confirmation_lifetime = '1 hour'")
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]


class TestTheLimit:
    def test_of_other_addresses_three_can_be_asked_at_once(self, db, rpc, ana):
        for number in range(3):
            ask(rpc, ana, f"ana{number}@a.example")
        with refused(db, "rate_limited", retry_after=8 * 3600):
            # rounded up, from a moment ago
            ask(rpc, ana, "ana3@a.example")
        assert len(questions(db)) == 3
        # the others are not concerned
        ask(rpc, ana, "ana2@a.example", language="de")
        rpc.as_user(ana).call(SET, channel="email", kinds=[])

    def test_it_refills(self, db, rpc, ana):
        for number in range(3):
            ask(rpc, ana, f"ana{number}@a.example")
        let_pass(db, "8 hours")
        ask(rpc, ana, "ana3@a.example")
        with refused(db, "rate_limited", retry_after=8 * 3600):
            ask(rpc, ana, "ana4@a.example")

    def test_each_user_has_their_own(self, db, rpc, ana, ben):
        for number in range(3):
            ask(rpc, ana, f"ana{number}@a.example")
        assert ask(rpc, ben, "ben@b.example")["address"] == "ben@b.example"

    def test_a_refused_call_takes_nothing(self, db, rpc, ana):
        with refused(db, "invalid_argument", argument="language", rule="must be en or de"):
            ask(rpc, ana, HERE, language="fr")
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]


class TestUnconfirmed:
    def test_nothing_else_goes_there(self, db, rpc, ana):
        tell(db, ana, kind="suspension_lifted")
        ask(rpc, ana, HERE)
        tell(db, ana, kind="suspension_lifted")
        assert send_all(db) == [("email_confirmation", HERE)]
        tell(db, ana, kind="suspension_lifted")
        assert send_all(db) == []

    def test_once_it_is_confirmed_what_comes_from_then_on(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        tell(db, ana, kind="suspension_lifted")
        [row] = addresses(db)
        assert confirm(rpc, row["id"]) is True
        assert rpc.as_user(ana).call(GET)[0]["is_reachable"] is True
        # who has opened the link needs it no more
        assert send_all(db) == []
        tell(db, ana, kind="suspension_lifted")
        assert send_all(db) == [("suspension_lifted", HERE)]

    def test_confirming_twice_is_confirming_once(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        [row] = addresses(db)
        assert confirm(rpc, row["id"]) is True
        before = addresses(db)
        assert confirm(rpc, row["id"]) is True
        assert addresses(db) == before

    def test_one_that_is_gone_receives_nothing_more(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        confirm(rpc, addresses(db)[0]["id"])
        for _ in range(2):
            tell(db, ana, kind="suspension_lifted")
        first, second = claim(db, 1, "email"), claim(db, 1, "email")
        assert settle(db, first[0], "gone", "smtp_550") == ["dropped"]
        assert rpc.as_user(ana).call(GET)[0]["is_reachable"] is False
        # what is on its way may still be told of
        assert settle(db, second[0], "retry", "smtp_451") == ["waiting"]
        db.execute(
            "update wingman.notification_deliveries set next_attempt_at = now() where state = 'waiting'"
        )
        assert send_all(db) == []
        assert message(db, second[0]["id"])["last_error"] == "unwanted"
        # not before its lifetime is over can it be asked again
        ask(rpc, ana, HERE)
        assert send_all(db) == []
        let_pass(db, LIFETIME)
        ask(rpc, ana, HERE)
        assert send_all(db) == [("email_confirmation", HERE)]


class TestAnotherAddress:
    def test_an_old_link_applies_no_longer(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        [old] = addresses(db)
        ask(rpc, ana, THERE)
        assert confirm(rpc, old["id"]) is False
        [new] = addresses(db)
        assert (new["address"], new["confirmed_at"]) == (THERE, None)
        assert confirm(rpc, new["id"]) is True

    def test_nor_is_an_old_message_sent(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        ask(rpc, ana, THERE)
        assert send_all(db) == [("email_confirmation", THERE)]
        assert questions(db) == [(ana, "dropped"), (ana, "sent")]

    def test_nor_what_was_to_go_to_a_confirmed_one(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        send_all(db)
        confirm(rpc, addresses(db)[0]["id"])
        tell(db, ana, kind="suspension_lifted")
        ask(rpc, ana, THERE)
        assert rpc.as_user(ana).call(GET)[0]["is_reachable"] is False
        assert send_all(db) == [("email_confirmation", THERE)]
        confirm(rpc, addresses(db)[0]["id"])
        tell(db, ana, kind="suspension_lifted")
        assert send_all(db) == [("suspension_lifted", THERE)]

    def test_who_comes_back_has_to_confirm_again_and_can_use_the_link_sent_before(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        send_all(db)
        [row] = addresses(db)
        confirm(rpc, row["id"])
        ask(rpc, ana, THERE)
        assert ask(rpc, ana, HERE)["is_reachable"] is False
        assert confirm(rpc, row["id"]) is True
        assert rpc.as_user(ana).call(GET)[0]["is_reachable"] is True

    def test_the_link_of_one_user_confirms_nothing_of_another(self, db, rpc, ana, ben):
        ask(rpc, ana, HERE)
        ask(rpc, ben, HERE)
        mine, others = addresses(db, ana)[0], addresses(db, ben)[0]
        assert mine["id"] != others["id"]
        assert confirm(rpc, mine["id"]) is True
        assert addresses(db, ben)[0]["confirmed_at"] is None

    def test_one_of_a_user_who_was_erased_applies_no_longer(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        [row] = addresses(db)
        rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        assert confirm(rpc, row["id"]) is False
        assert claim(db, channel="email") == []


class TestLinks:
    @pytest.mark.parametrize(
        ("function", "arguments"),
        [(CONFIRM, {"address_id": uuid4()}), (UNSUBSCRIBE, {"user_id": uuid4(), "channel": "email"})],
    )
    def test_of_nobody(self, rpc, function, arguments):
        assert rpc.as_service().call(function, **arguments) is False

    @pytest.mark.parametrize(
        ("function", "arguments"),
        [(CONFIRM, {"address_id": uuid4()}), (UNSUBSCRIBE, {"user_id": uuid4(), "channel": "email"})],
    )
    def test_every_argument_is_needed(self, db, rpc, function, arguments):
        for name in arguments:
            with refused(db, "missing_argument", argument=name):
                rpc.as_service().call(function, **{**arguments, name: None})

    @pytest.mark.parametrize("channel", ["webhook", "", "EMAIL"])
    def test_of_no_channel(self, db, rpc, ana, channel):
        with refused(db, "invalid_argument", argument="channel", rule="must be email or web_push"):
            rpc.as_service().call(UNSUBSCRIBE, user_id=ana, channel=channel)

    @pytest.mark.parametrize("channel", ["email", "web_push"])
    def test_who_unsubscribes_is_told_nothing_by_this_channel(self, db, rpc, ana, channel):
        quiet = {
            "quiet_from": "22:00",
            "quiet_until": "07:00",
            "language": "de",
            "time_zone": "Europe/Berlin",
        }
        rpc.as_user(ana).call(SET, channel=channel, **quiet)
        for _ in range(2):
            assert rpc.as_service().call(UNSUBSCRIBE, user_id=ana, channel=channel) is True
        told = {row["channel"]: row for row in rpc.as_user(ana).call(GET)}
        assert told.pop(channel)["kinds"] == []
        # the rest stays, and so does the other channel
        assert [row["kinds"] for row in told.values()] == [None]
        rpc.as_user(ana).call(SET, channel=channel, **quiet)
        assert {row["channel"]: row["kinds"] for row in rpc.as_user(ana).call(GET)}[channel] is None

    def test_an_unsubscribed_address_is_told_nothing_that_waited(self, db, rpc, ana):
        ask(rpc, ana, HERE)
        confirm(rpc, addresses(db)[0]["id"])
        tell(db, ana, kind="suspension_lifted")
        rpc.as_service().call(UNSUBSCRIBE, user_id=ana, channel="email")
        assert send_all(db) == []

    @pytest.mark.parametrize("function", [CONFIRM, UNSUBSCRIBE])
    @pytest.mark.parametrize("caller", ["as_anon", "as_admin", "as_worker", "as_user"])
    def test_only_the_server_may_say_that_a_link_was_opened(self, rpc, ana, function, caller):
        arguments = {"address_id": uuid4()} if function == CONFIRM else {"user_id": ana, "channel": "email"}
        asking = getattr(rpc, caller)(*([ana] if caller == "as_user" else []))
        with pytest.raises(Exception, match="permission denied"):
            asking.call(function, **arguments)


def test_ids_of_addresses_are_told_apart(db):
    """By the user, by the address, and by nothing else."""
    values = ["x", "y", "", "x y", "é", "x" * 5000, json.dumps({"a": 1})]
    ids = [db.execute("select wingman.hashed_id(%s) as id", [value]).fetchone()["id"] for value in values]
    assert len({*ids}) == len(values)
    again = db.execute("select wingman.hashed_id('X') as id").fetchone()["id"]
    assert again == ids[0]
    assert all(one != other for one, other in pairwise(ids))
