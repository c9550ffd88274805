"""register_push_subscription and remove_push_subscription: who is told where, and what may be called."""

from uuid import uuid4

import pytest
from channels.outbox import ENDPOINT, KEYS, claim, message
from contract_errors import refused
from listening import tell
from psycopg import IsolationLevel

REGISTER, REMOVE = "register_push_subscription", "remove_push_subscription"
HERE, P256DH, AUTH = ENDPOINT, KEYS["p256dh"], KEYS["auth"]
REGISTERED = {"success": True, "message": "This browser will receive push messages."}
REMOVED = {"success": True, "message": "This browser will receive no push messages."}
MOST = 10


def register(rpc, user_id, endpoint=HERE, **more):
    return rpc.as_user(user_id).call(REGISTER, endpoint=endpoint, **{**KEYS, **more})


def remove(rpc, user_id, endpoint=HERE, **more):
    return rpc.as_user(user_id).call(REMOVE, endpoint=endpoint, **more)


def subscriptions(db):
    return db.execute("select * from wingman.push_subscriptions order by created_at, id").fetchall()


def endpoints(db, user_id):
    return [row["endpoint"] for row in subscriptions(db) if row["user_id"] == user_id]


def is_reachable(rpc, user_id):
    return rpc.as_user(user_id).call("get_notification_settings")[1]["is_reachable"]


def push(db):
    """What a worker gets: whose it is, and where it goes."""
    return [(one["user_id"], one["target"]) for one in claim(db, channel="web_push")]


class TestRegister:
    def test_a_browser_is_told_from_then_on(self, db, rpc, ana):
        tell(db, ana, kind="suspension_lifted")
        assert register(rpc, ana) == REGISTERED
        tell(db, ana, kind="suspension_lifted")
        assert is_reachable(rpc, ana)
        assert push(db) == [(ana, {"endpoint": HERE, **KEYS})]

    def test_every_browser_of_a_user_is_told(self, db, rpc, ana):
        others = [f"{HERE}{number}" for number in range(3)]
        for endpoint in others:
            register(rpc, ana, endpoint)
        tell(db, ana, kind="suspension_lifted")
        assert [target["endpoint"] for _, target in push(db)] == others

    def test_again_it_has_the_newer_keys_also_for_what_was_to_be_sent(self, db, rpc, ana):
        register(rpc, ana)
        [before] = subscriptions(db)
        tell(db, ana, kind="suspension_lifted")
        newer = {"p256dh": f"{P256DH[:-2]}k4", "auth": f"{AUTH[:-2]}xw"}
        assert register(rpc, ana, **newer) == REGISTERED
        [row] = subscriptions(db)
        assert (row["id"], row["created_at"] > before["created_at"]) == (before["id"], True)
        assert push(db) == [(ana, {"endpoint": HERE, **newer})]

    def test_ten_stay_and_the_first_ones_go(self, db, rpc, ana, ben):
        register(rpc, ben, f"{HERE}ben")
        every = [f"{HERE}{number}" for number in range(MOST + 2)]
        for endpoint in every[:MOST]:
            register(rpc, ana, endpoint)
        assert endpoints(db, ana) == every[:MOST]
        # the first one is not the first any more
        register(rpc, ana, every[0])
        register(rpc, ana, every[MOST])
        assert endpoints(db, ana) == [*every[2:MOST], every[0], every[MOST]]
        register(rpc, ana, every[MOST + 1])
        assert endpoints(db, ana) == [*every[3:MOST], every[0], *every[MOST:]]
        assert endpoints(db, ben) == [f"{HERE}ben"]

    def test_what_was_to_go_to_one_that_went_is_dropped(self, db, rpc, ana):
        register(rpc, ana)
        tell(db, ana, kind="suspension_lifted")
        for number in range(MOST):
            register(rpc, ana, f"{HERE}{number}")
        assert push(db) == []
        [row] = db.execute("select state, last_error from wingman.notification_deliveries")
        assert row == {"state": "dropped", "last_error": "unwanted"}

    def test_the_new_one_stays_although_the_clock_has_gone_back(self, db, rpc, ana):
        for number in range(MOST):
            register(rpc, ana, f"{HERE}{number}")
        db.execute("update wingman.push_subscriptions set created_at = created_at + interval '1 year'")
        register(rpc, ana)
        assert endpoints(db, ana) == [HERE, *(f"{HERE}{number}" for number in range(1, MOST))]


class TestAnotherUser:
    """Somebody else signs in with the same browser."""

    def test_the_browser_is_theirs(self, db, rpc, ana, ben):
        register(rpc, ana)
        assert register(rpc, ben) == REGISTERED
        assert [(row["user_id"], row["endpoint"]) for row in subscriptions(db)] == [(ben, HERE)]
        assert (is_reachable(rpc, ana), is_reachable(rpc, ben)) == (False, True)

    def test_what_was_to_be_sent_there_goes_to_nobody(self, db, rpc, ana, ben):
        register(rpc, ana)
        tell(db, ana, kind="suspension_lifted")
        register(rpc, ben)
        tell(db, ben, kind="suspension_lifted")
        assert push(db) == [(ben, {"endpoint": HERE, **KEYS})]
        [row] = db.execute("select * from wingman.notification_deliveries where user_id = %s", [ana])
        assert (row["state"], row["last_error"]) == ("dropped", "unwanted")

    def test_nor_once_it_is_the_first_ones_again(self, db, rpc, ana, ben):
        register(rpc, ana)
        tell(db, ana, kind="suspension_lifted")
        register(rpc, ben)
        tell(db, ben, kind="suspension_lifted")
        register(rpc, ana)
        assert push(db) == []

    def test_they_cannot_remove_it(self, db, rpc, ana, ben):
        register(rpc, ana)
        before = subscriptions(db)
        assert remove(rpc, ben) == REMOVED
        assert subscriptions(db) == before

    def test_a_full_list_makes_room_for_it(self, db, rpc, ana, ben):
        register(rpc, ana)
        for number in range(MOST):
            register(rpc, ben, f"{HERE}{number}")
        register(rpc, ben)
        assert endpoints(db, ben) == [*(f"{HERE}{number}" for number in range(1, MOST)), HERE]
        assert endpoints(db, ana) == []


class TestRemove:
    def test_it_is_told_nothing_more(self, db, rpc, ana):
        register(rpc, ana)
        tell(db, ana, kind="suspension_lifted")
        assert remove(rpc, ana) == REMOVED
        assert subscriptions(db) == []
        assert not is_reachable(rpc, ana)
        assert push(db) == []

    @pytest.mark.parametrize("endpoint", ["", "nonsense", f"{HERE}x", "x" * 10_000])
    def test_one_that_is_not_there_is_as_good_as_removed(self, db, rpc, ana, endpoint):
        register(rpc, ana)
        assert remove(rpc, ana, endpoint) == REMOVED
        assert endpoints(db, ana) == [HERE]

    def test_an_erasure_takes_them_along(self, db, rpc, ana, ben):
        register(rpc, ana)
        register(rpc, ben, f"{HERE}ben")
        rpc.as_user(ana).call("erase_my_account", confirmation="erase")
        assert [row["user_id"] for row in subscriptions(db)] == [ben]


HOSTS = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "wns2-db5p.notify.windows.com",
    "a.b.c.notify.windows.com",
    "xn--nxasmq6b.notify.windows.com",
]
ENDPOINTS = [f"https://{host}/x" for host in HOSTS] + [
    "https://fcm.googleapis.com/",
    "https://fcm.googleapis.com//",
    "https://fcm.googleapis.com/@evil.example/",
    "https://fcm.googleapis.com/x?y=z&a=%00~!",
    f"https://fcm.googleapis.com/{'x' * 973}",
]
NO_ENDPOINTS = [
    "",
    "fcm.googleapis.com/x",
    "http://fcm.googleapis.com/x",
    "HTTPS://fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "ftp://fcm.googleapis.com/x",
    # no path at all
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com?x",
    "https://fcm.googleapis.com#x",
    # a user, a password, a port
    "https://ana@fcm.googleapis.com/x",
    "https://ana:b@fcm.googleapis.com/x",
    "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com:443/x",
    "https://fcm.googleapis.com:/x",
    # another way to write the host, which some programs understand as the same and others as another one
    "https://FCM.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "https://.fcm.googleapis.com/x",
    "https://fcm.googleapis.com\\@evil.example/x",
    "https://evil.example\\.fcm.googleapis.com/x",
    "https://fcm.googleapis.com%2eevil.example/x",
    "https://fcm%2egoogleapis.com/x",
    "https://fcm.googleapis。com/x",
    "https://fcm.ɢoogleapis.com/x",
    "https://fcm.googleapis.com\u200b/x",
    "https://fcm.googleapis.com\n/x",
    "https://evil.example/\nhttps://fcm.googleapis.com/x",
    # other hosts
    "https://evil.example/x",
    "https://evil.example/fcm.googleapis.com/x",
    "https://googleapis.com/x",
    "https://x.fcm.googleapis.com/x",
    "https://fcm.googleapis.com.evil.example/x",
    "https://notify.windows.com/x",
    "https://.notify.windows.com/x",
    "https://evilnotify.windows.com/x",
    "https://a..notify.windows.com/x",
    "https://*.notify.windows.com/x",
    "https://a.notify.windows.com.evil.example/x",
    "https://a_b.notify.windows.com/x",
    "https://notify.windows.com.notify.windows.co/x",
    # addresses
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://localhost/x",
    # what no request can contain
    "https://fcm.googleapis.com/a b",
    "https://fcm.googleapis.com/ä",
    "https://fcm.googleapis.com/x\r\nHost: evil.example",
    "https://fcm.googleapis.com/\t",
    " https://fcm.googleapis.com/x",
    "https://fcm.googleapis.com/x ",
    f"https://fcm.googleapis.com/{'x' * 974}",
]


class TestRules:
    @pytest.mark.parametrize("endpoint", ENDPOINTS)
    def test_of_an_address(self, db, rpc, ana, endpoint):
        assert register(rpc, ana, endpoint) == REGISTERED
        assert endpoints(db, ana) == [endpoint]

    @pytest.mark.parametrize("endpoint", NO_ENDPOINTS, ids=range(len(NO_ENDPOINTS)))
    def test_of_no_address(self, db, rpc, ana, endpoint):
        rule = "must be an address of a push service that operators allow"
        with refused(db, "invalid_argument", argument="endpoint", rule=rule):
            register(rpc, ana, endpoint)

    def test_operators_say_which_services(self, db, rpc, ana):
        rule = "must be an address of a push service that operators allow"
        db.execute("update wingman.settings set push_hosts = '{push.example.org}'")
        register(rpc, ana, "https://push.example.org/x")
        with refused(db, "invalid_argument", argument="endpoint", rule=rule):
            register(rpc, ana)
        db.execute("update wingman.settings set push_hosts = '{}'")
        with refused(db, "invalid_argument", argument="endpoint", rule=rule):
            register(rpc, ana, "https://push.example.org/x")

    @pytest.mark.parametrize(
        "hosts",
        [
            *("{FCM.googleapis.com}", "{com}", "{*}", "{*.}", "{*.com.}", "{a.*.com}", "{**.example.org}"),
            *("{127.0.0.1}", "{*.0.0.1}", "{a..example.org}", "{-a.example.org}", '{"a.example.org/x"}'),
            *("{a.example.org:443}", '{"a.example.org\n"}', "{null}", "{{a.example.org}}", "{ä.example.org}"),
        ],
    )
    def test_what_is_no_list_of_services(self, db, hosts):
        with pytest.raises(Exception, match="settings_push_hosts"):
            db.execute("update wingman.settings set push_hosts = %s", [hosts])

    @pytest.mark.parametrize(
        ("argument", "rule", "value"),
        [
            ("p256dh", "must be a public key of P-256, 65 bytes in base64url", value)
            for value in (
                *("", P256DH[:-1], f"{P256DH}x", f"{P256DH}=", f"A{P256DH[1:]}", f"{P256DH[:-1]}+"),
                *(f"{P256DH[:-1]}/", f"{P256DH[:-1]}\n", f"{P256DH[:-1]}ä", f"C{P256DH[1:]}", P256DH.lower()),
            )
        ]
        + [
            ("auth", "must be 16 bytes in base64url", value)
            for value in ("", AUTH[:-1], f"{AUTH}x", f"{AUTH}==", f"{AUTH[:-1]}+", f"{AUTH[:-1]}\n", " " * 22)
        ],
    )
    def test_of_the_keys(self, db, rpc, ana, argument, rule, value):
        with refused(db, "invalid_argument", argument=argument, rule=rule):
            register(rpc, ana, **{argument: value})


WRITING = [(REGISTER, {"endpoint": HERE, **KEYS}), (REMOVE, {"endpoint": HERE})]
every_function = pytest.mark.parametrize(("function", "arguments"), WRITING)


class TestErrors:
    @every_function
    def test_every_argument_is_needed(self, db, rpc, ana, function, arguments):
        for name in arguments:
            with refused(db, "missing_argument", argument=name):
                rpc.as_user(ana).call(function, **{**arguments, name: None})

    @every_function
    def test_who_may_call(self, db, rpc, people, ana, ben, function, arguments):
        with refused(db, "not_authenticated"):
            rpc.as_user("nobody").call(function, **arguments)
        with refused(db, "acting_for_another"):
            rpc.as_user(ana).call(function, **arguments, user_id=ben)
        with refused(db, "profile_incomplete"):
            rpc.as_user(people.auth_only()).call(function, **arguments)
        with pytest.raises(Exception, match="permission denied"):
            rpc.as_anon().call(function, **arguments)

    @every_function
    @pytest.mark.parametrize("caller", ["as_service", "as_admin"])
    def test_service_and_operators_name_the_user(self, db, rpc, ana, function, arguments, caller):
        caller = getattr(rpc, caller)()
        assert caller.call(function, **arguments, user_id=ana)["success"] is True
        assert endpoints(db, ana) == ([HERE] if function == REGISTER else [])
        with refused(db, "missing_argument", argument="user_id"):
            caller.call(function, **arguments)
        with refused(db, "user_not_found"):
            caller.call(function, **arguments, user_id=uuid4())

    @every_function
    def test_only_read_committed_and_read_write(self, db, rpc, ana, function, arguments):
        caller = rpc.as_user(ana)
        caller.connection.read_only = True
        with refused(db, "read_only_transaction"):
            caller.call(function, **arguments)
        caller.connection.read_only = False
        caller.connection.isolation_level = IsolationLevel.SERIALIZABLE
        with refused(db, "unsupported_isolation"):
            caller.call(function, **arguments)

    @every_function
    def test_the_same_key_does_it_once(self, db, rpc, ana, function, arguments):
        first = rpc.as_user(ana).call(function, **arguments, idempotency_key="k")
        if function == REGISTER:
            remove(rpc, ana)
        else:
            register(rpc, ana)
        before = endpoints(db, ana)
        assert rpc.as_user(ana).call(function, **arguments, idempotency_key="k") == first
        assert endpoints(db, ana) == before

    @every_function
    def test_every_argument_belongs_to_the_call(self, db, rpc, ana, function, arguments):
        rpc.as_user(ana).call(function, **arguments, idempotency_key="k")
        for name, value in arguments.items():
            with refused(db, "idempotency_key_reused"):
                rpc.as_user(ana).call(function, **{**arguments, name: f"{value}x"}, idempotency_key="k")

    @every_function
    @pytest.mark.parametrize("key", ["", "k" * 256])
    def test_a_key_has_rules(self, db, rpc, ana, function, arguments, key):
        with refused(db, "idempotency_key_invalid"):
            rpc.as_user(ana).call(function, **arguments, idempotency_key=key)


def test_a_message_outlives_no_subscription_registered_anew(db, rpc, ana):
    """Removed and registered again it is another one: who removed it did not want what was on its way."""
    register(rpc, ana)
    tell(db, ana, kind="suspension_lifted")
    remove(rpc, ana)
    register(rpc, ana)
    [waiting] = db.execute("select id from wingman.notification_deliveries")
    assert push(db) == []
    assert message(db, waiting["id"])["last_error"] == "unwanted"
