"""Each closed set of values is defined in one comment, and is what the database enforces."""

import pytest
from harness import Connection, People, Rpc, RpcError
from rows import make_pair
from wingmanmatch.catalog.functions import read_catalog
from wingmanmatch.catalog.value_sets import defined, explained, listed
from wingmanmatch.database.connection import connect


def test_a_comment_defines_a_set_and_others_refer_to_it():
    sets = defined(["Status now: one of match_status: pending, accepted. Or so", "One of match_status"])
    assert sets == {"match_status": ("pending", "accepted")}
    assert explained("One of match_status", sets) == ("One of pending or accepted", "match_status")
    assert explained("Now: one of match_status: pending,\naccepted. Or so", sets) == (
        "Now: one of pending or accepted. Or so",
        "match_status",
    )


@pytest.mark.parametrize("comment", ["One of the two", "One of them", "None of a_set: a, b", ""])
def test_other_comments_say_nothing_of_sets(comment):
    assert defined([comment]) == {}
    assert explained(comment, {}) == (comment, None)


def test_a_set_is_defined_once():
    with pytest.raises(ValueError, match="match_status is defined twice"):
        defined(["One of match_status: a, b", "One of match_status: a, b"])
    with pytest.raises(ValueError, match="No comment defines the set match_status"):
        explained("One of match_status", {})


def test_a_database_without_a_definition_is_not_read(database_url):
    with connect(database_url) as connection, connection.transaction(force_rollback=True):
        connection.execute("comment on column public.wingman_matches.status is 'Its status'")
        with pytest.raises(ValueError, match="No comment defines the set match_status"):
            read_catalog(connection)


def test_arguments_and_attributes_know_their_sets(catalog):
    assert catalog.functions["list_matches"].by_argument["status"].value_set == "match_status"
    assert catalog.functions["list_matches"].by_argument["status"].comment == (
        "one of pending, accepted, declined or expired, as of now; null: all."
    )
    status = next(a for a in catalog.types["match_details"].attributes if a.name == "status")
    assert (status.value_set, status.comment) == (
        "match_status",
        "One of pending, accepted, declined or expired, as of now",
    )


PROFILE = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7, "lng": -9.1, "city": "Lisbon"}


@pytest.mark.parametrize(
    ("function", "argument", "others"),
    [
        ("complete_profile", "experience_level", PROFILE),
        ("complete_profile", "privacy_mode", PROFILE),
        ("list_matches", "status", {}),
        ("list_sessions", "status", {}),
    ],
)
def test_arguments_take_the_values_of_their_set_and_no_other(
    rpc: Rpc, people: People, catalog, function, argument, others
):
    caller = rpc.as_user(people.add())
    values = catalog.value_sets[catalog.functions[function].by_argument[argument].value_set]
    for value in values:
        caller.call(function, **others | {argument: value})
    with pytest.raises(RpcError) as refusal:
        caller.call(function, **others | {argument: "drift"})
    assert refusal.value.detail["rule"] == f"must be {listed(values)}"


def test_answers_to_a_match(rpc: Rpc, people: People, db: Connection, catalog):
    values = catalog.value_sets["match_answer"]
    for action in values:
        pair = make_pair(db, people, "pending")
        rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action=action)
    (row,) = db.execute("select message from wingman.error_catalogue() where name = 'invalid_action'")
    assert row["message"].endswith(f"must be {listed(tuple(map(repr, values)))}")


def test_badges(db: Connection, catalog):
    rows = db.execute("select wingman.badge_color(score) as color from generate_series(-5, 20) as score")
    assert {row["color"] for row in rows} == set(catalog.value_sets["badge_color"])


def test_events_that_participants_see(db: Connection, catalog):
    rows = db.execute("select kind from wingman.event_kinds() where visible_to = 'participants'")
    # seen at its time, whether somebody's call has settled the match or not
    seen = {row["kind"] for row in rows} | {"match_expired"}
    assert seen == set(catalog.value_sets["match_event_kind"])


def test_kinds_of_notifications(db: Connection, catalog):
    rows = db.execute("select kind from wingman.notification_kinds()")
    assert [row["kind"] for row in rows] == [*catalog.value_sets["notification_kind"]]


def test_rules_of_matching(db: Connection, catalog):
    rules = db.execute("select rule, counted_as from wingman.matching_rules()").fetchall()
    assert {row["rule"] for row in rules} == set(catalog.value_sets["matching_rule"])
    assert {row["counted_as"] for row in rules} - {None} == set(catalog.value_sets["removal_rule"])
