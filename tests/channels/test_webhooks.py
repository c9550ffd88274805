"""Webhooks: operators add, change and remove them; their secrets are shown once and found nowhere."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from answers import refused
from channels.outbox import (
    DEAD,
    URL,
    WAITING,
    add_webhook,
    add_webhook_with_secret,
    claim,
    decisions,
    make_messages,
    message,
    settle,
    states,
    tell,
    update_message,
    webhook,
)
from harness import Caller

ADD, ROTATE = "wingman_admin.add_webhook", "wingman_admin.rotate_webhook_secret"
ENABLE, REMOVE = "wingman_admin.enable_webhook", "wingman_admin.remove_webhook"
OF_ONE = pytest.mark.parametrize("function", [ROTATE, ENABLE, REMOVE])
REASON = "We want it"
MOST = 8


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


def disable(db, webhook_id):
    """What a worker does once the receiver has answered 410."""
    db.execute("update wingman.webhooks set disabled_at = statement_timestamp() where id = %s", [webhook_id])


def secrets(db, people) -> list[str]:
    """With what the messages of the only webhook are signed."""
    tell(db, people)
    (found,) = {tuple(one["target"]["secrets"]) for one in claim(db)}
    return list(found)


def test_one_is_added_and_its_secret_signs(db, people, operator):
    answer = operator.call(ADD, url=URL, reason=REASON)
    assert answer.keys() == {"webhook_id", "secret"}
    assert len(base64.b64decode(answer["secret"].removeprefix("whsec_"), validate=True)) == 32
    tell(db, people)
    claimed = claim(db)
    assert [one["target"] for one in claimed] == [{"url": URL, "secrets": [answer["secret"]]}] * 2
    assert {one["target_id"] for one in claimed} == {answer["webhook_id"]}
    assert decisions(db) == [
        ("webhook_added", answer["webhook_id"], {"origin": "https://example.org", "kinds": None})
    ]


def test_every_secret_is_another_one(operator):
    made = {operator.call(ADD, url=URL, reason=REASON)["secret"] for _ in range(MOST)}
    assert len(made) == MOST


def test_it_is_told_of_the_kinds_that_it_wants(db, people, operator):
    wants = operator.call(ADD, url=URL, reason=REASON, kinds=["match_offered"])["webhook_id"]
    operator.call(ADD, url=URL, reason=REASON, kinds=["match_accepted", "session_scheduled"])
    tell(db, people)
    assert {one["target_id"] for one in claim(db)} == {wants}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://receiver_1:8080/",
        "https://example.org?x=1",
        "http://[::1]:9/a@b",
        "https://10.0.0.1/#x",
        f"https://example.org/{'x' * 480}",
    ],
)
def test_an_address(db, operator, url):
    assert webhook(db, operator.call(ADD, url=url, reason=REASON)["webhook_id"])["url"] == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.org",
            "ftp://example.org/",
            "HTTPS://example.org/",
            "https://",
            "https:///a",
            "http://:80/",
        ),
        *("https://ana@example.org/", "https://ana:secret@example.org/", "https://example.org\\@evil.org/"),
        *(
            "https://exämple.org/",
            "https://example.org/ä",
            "https://example.org/a b",
            "https://example.org:/",
        ),
        *(
            "https://example.org:123456/",
            "https://example.org/\n",
            "https://::1/",
            f"https://a.b/{'x' * 489}",
        ),
    ],
)
def test_no_address(db, operator, url):
    rule = "must be http:// or https:// with a host, without user and password, at most 500 characters"
    with refused(db, "invalid_argument", 400, f"url {rule}", argument="url", rule=rule):
        operator.call(ADD, url=url, reason=REASON)


@pytest.mark.parametrize("kinds", [[], ["email_confirmation"], ["match_offered", None], [["match_offered"]]])
def test_no_kinds(db, operator, kinds):
    rule = "must be a list of kinds of notifications, or null for all"
    with refused(db, "invalid_argument", 400, f"kinds {rule}", argument="kinds", rule=rule):
        operator.call(ADD, url=URL, reason=REASON, kinds=kinds)


def test_a_ninth_is_refused(db, operator):
    ids = [add_webhook(db) for _ in range(MOST)]
    with refused(db, "too_many_webhooks", 409, "At most 8 webhooks can be enabled", limit=MOST):
        operator.call(ADD, url=URL, reason=REASON)
    disable(db, ids[0])
    ids.append(operator.call(ADD, url=URL, reason=REASON)["webhook_id"])
    with refused(db, "too_many_webhooks", 409, "At most 8 webhooks can be enabled", limit=MOST):
        operator.call(ENABLE, webhook_id=ids[0], reason=REASON)
    operator.call(REMOVE, webhook_id=ids[1], reason=REASON)
    operator.call(ENABLE, webhook_id=ids[0], reason=REASON)


def test_after_a_rotation_the_old_secret_signs_for_a_while(db, people, operator):
    webhook_id, first = add_webhook_with_secret(db)
    before = datetime.now(UTC)
    second = operator.call(ROTATE, webhook_id=webhook_id, reason="Once a year")["secret"]
    assert secrets(db, people) == [second, first]
    until = webhook(db, webhook_id)["previous_until"]
    assert before + timedelta(hours=24) <= until <= datetime.now(UTC) + timedelta(hours=24)
    db.execute("update wingman.webhooks set previous_until = statement_timestamp()")
    assert secrets(db, people) == [second]
    assert decisions(db)[1:] == [("webhook_secret_rotated", webhook_id, {"overlap": "24:00:00"})]


def test_a_second_rotation_forgets_the_oldest_secret(db, people, operator):
    webhook_id, _ = add_webhook_with_secret(db)
    second, third = (
        operator.call(ROTATE, webhook_id=webhook_id, reason=REASON, overlap="1 hour")["secret"]
        for _ in range(2)
    )
    assert secrets(db, people) == [third, second]


def test_without_an_overlap_the_old_secret_is_forgotten(db, people, operator):
    webhook_id, _ = add_webhook_with_secret(db)
    operator.call(ROTATE, webhook_id=webhook_id, reason="Leaked")
    new = operator.call(ROTATE, webhook_id=webhook_id, reason="Leaked", overlap="0")["secret"]
    assert secrets(db, people) == [new]
    row = webhook(db, webhook_id)
    assert (row["previous_secret"], row["previous_until"]) == (None, None)


@pytest.mark.parametrize("overlap", ["-1 second", "168:00:01", "1 day", "1 month"])
def test_an_overlap_has_rules(db, operator, overlap):
    webhook_id = add_webhook(db)
    rule = "must be 0 to 168 hours, in hours, minutes and seconds"
    with refused(db, "invalid_argument", 400, f"overlap {rule}", argument="overlap", rule=rule):
        operator.call(ROTATE, webhook_id=webhook_id, reason=REASON, overlap=overlap)


def test_one_whose_receiver_was_gone_is_enabled(db, people, operator):
    webhook_id = add_webhook(db)
    tell(db, people)
    gone = claim(db, 1)[0]
    assert settle(db, gone, "gone", "http_410") == ["dropped"]
    tell(db, people)
    assert claim(db) == []
    answer = operator.call(ENABLE, webhook_id=webhook_id, reason="They are back")
    assert answer == {"success": True, "message": "Webhook enabled: new notifications are sent to it again."}
    tell(db, people)
    assert len(claim(db)) == 2
    assert decisions(db)[1:] == [("webhook_enabled", webhook_id, {})]


def test_one_that_rests_is_tried_as_soon_as_it_is_enabled(db, people, operator):
    webhook_id = add_webhook(db)
    disable(db, webhook_id)
    db.execute("update wingman.webhooks set rests_until = statement_timestamp() + interval '1 hour'")
    operator.call(ENABLE, webhook_id=webhook_id, reason="They are back")
    tell(db, people)
    assert len(claim(db)) == 2


def test_one_that_is_enabled_cannot_be_enabled(db, operator):
    webhook_id = add_webhook(db)
    with refused(db, "webhook_not_disabled", 409, "Webhook is not disabled"):
        operator.call(ENABLE, webhook_id=webhook_id, reason=REASON)


def test_a_removed_one_takes_its_unsent_messages_with_it(db, people, operator):
    kept = add_webhook(db)
    ids = [*make_messages(db, people), *make_messages(db, people), *make_messages(db, people)]
    to_both = db.execute("select id, target_id from wingman.notification_deliveries order by id").fetchall()
    webhook_id = message(db, ids[0])["target_id"]
    mine = [row["id"] for row in to_both if row["target_id"] == webhook_id]
    settled = "state = 'sent', settled_at = statement_timestamp()"
    for message_id, assignments in zip(mine, [DEAD, WAITING, settled], strict=False):
        update_message(db, message_id, assignments)

    answer = operator.call(REMOVE, webhook_id=webhook_id, reason="They moved away")

    assert answer == {"success": True, "message": "Webhook removed: nothing more is sent to it."}
    found = [(message(db, one)["state"], message(db, one)["last_error"]) for one in mine]
    dropped = ("dropped", "webhook_removed")
    assert found == [dropped, dropped, ("sent", None), *[dropped] * 3]
    assert webhook_id not in {one["target_id"] for one in claim(db)}
    assert {message(db, row["id"])["state"] for row in to_both if row["target_id"] == kept} == {"claimed"}
    assert decisions(db)[-1] == ("webhook_removed", webhook_id, {})


def test_of_a_removed_one_neither_address_nor_secret_is_kept(db, operator):
    webhook_id = add_webhook(db, kinds=["match_offered"])
    operator.call(ROTATE, webhook_id=webhook_id, reason=REASON)
    operator.call(REMOVE, webhook_id=webhook_id, reason=REASON)
    row = webhook(db, webhook_id)
    assert {name for name, value in row.items() if value is not None} == {"id", "created_at", "disabled_at"}


def test_what_was_being_sent_to_a_removed_one_is_settled_or_dropped(db, people, operator):
    webhook_id = add_webhook(db)
    tell(db, people)
    sent, failed = claim(db)
    operator.call(REMOVE, webhook_id=webhook_id, reason=REASON)
    assert settle(db, sent, "sent") == ["sent"]
    assert settle(db, failed, "retry", "http_503") == ["waiting"]
    update_message(db, failed["id"], "next_attempt_at = statement_timestamp()")
    assert claim(db) == []
    assert states(db) == [("sent", None), ("dropped", "unwanted")]


def test_what_a_reader_plans_meanwhile_is_dropped(db, people, operator):
    (one, _) = make_messages(db, people)
    webhook_id = message(db, one)["target_id"]
    operator.call(REMOVE, webhook_id=webhook_id, reason=REASON)
    # its statement had begun before
    update_message(db, one, "state = 'due', settled_at = null, last_error = null")
    assert claim(db) == []
    assert states(db) == [("dropped", "unwanted"), ("dropped", "webhook_removed")]


@OF_ONE
@pytest.mark.parametrize("removed", [True, False])
def test_one_that_is_not_there(db, operator, function, removed):
    webhook_id = uuid4()
    if removed:
        webhook_id = add_webhook(db)
        operator.call(REMOVE, webhook_id=webhook_id, reason=REASON)
    with refused(db, "webhook_not_found", 404, "Webhook not found"):
        operator.call(function, webhook_id=webhook_id, reason=REASON)


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        *((ADD, argument) for argument in ("url", "reason")),
        *((ROTATE, argument) for argument in ("webhook_id", "reason", "overlap")),
        *((function, argument) for function in (ENABLE, REMOVE) for argument in ("webhook_id", "reason")),
    ],
)
def test_every_argument_is_needed(db, operator, function, argument):
    given = {"url": URL} if function == ADD else {"webhook_id": add_webhook(db)}
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(function, **{**given, "reason": REASON, argument: None})


@pytest.mark.parametrize("function", [ADD, ROTATE, ENABLE, REMOVE])
def test_a_reason_has_rules(db, operator, function):
    given = {"url": URL} if function == ADD else {"webhook_id": add_webhook(db)}
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        operator.call(function, **given, reason=" ")


def test_operators_see_them_without_their_secrets(db, operator):
    def seen():
        return operator.connection.execute("select * from wingman_admin.webhooks").fetchall()

    first, second = add_webhook(db, kinds=["match_offered"]), add_webhook(db, "http://receiver:8080/x")
    about = {"disabled_at": None, "rests_until": None, "old_secret_until": None}
    assert seen() == [
        {**about, "id": one, "url": url, "kinds": kinds, "created_at": webhook(db, one)["created_at"]}
        for one, url, kinds in (
            (first, URL, ["match_offered"]),
            (second, "http://receiver:8080/x", None),
        )
    ]

    operator.call(ROTATE, webhook_id=first, reason=REASON)
    disable(db, first)
    db.execute("update wingman.webhooks set rests_until = statement_timestamp() + interval '1 hour'")
    row = webhook(db, first)
    changed = {name: row[name] for name in ("disabled_at", "rests_until")}
    assert {**seen()[0], **changed, "old_secret_until": row["previous_until"]} == seen()[0]
    assert None not in changed.values()

    # what is over
    over = "update wingman.webhooks set rests_until = now(), previous_until = now() where id = %s"
    db.execute(over, [first])
    operator.call(REMOVE, webhook_id=second, reason=REASON)
    (left,) = seen()
    assert (left["id"], left["rests_until"], left["old_secret_until"]) == (first, None, None)
