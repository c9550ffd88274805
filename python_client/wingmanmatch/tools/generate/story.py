"""The story of the examples: four people call every function, and meet every refusal they can meet alone."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

ANA: Final = "11111111-1111-4111-8111-111111111111"
BO: Final = "22222222-2222-4222-8222-222222222222"
CLEO: Final = "33333333-3333-4333-8333-333333333333"
NEWCOMER: Final = "44444444-4444-4444-8444-444444444444"
STRANGER: Final = "99999999-9999-4999-8999-999999999999"
PEOPLE: Final = (ANA, BO, CLEO, NEWCOMER, STRANGER)

BEGIN: Final = datetime(2025, 8, 15, 9, 0, tzinfo=UTC)
_SESSION = datetime(2025, 8, 17, 15, 0, tzinfo=UTC)
_OTHER_SESSION = datetime(2025, 8, 24, 15, 0, tzinfo=UTC)
_MOVED_SESSION = datetime(2025, 8, 24, 17, 30, tzinfo=UTC)
_MISSED_SESSION = datetime(2025, 8, 26, 18, 0, tzinfo=UTC)
_LATE = timedelta(hours=1)

_PLACES = {
    ANA: {"lat": 38.7223, "lng": -9.1393, "city": "Lisbon"},
    BO: {"lat": 38.7155, "lng": -9.1422, "city": "Lisbon"},
    CLEO: {"lat": 38.7633, "lng": -9.1005, "city": "Lisbon"},
}
_PROFILES: Mapping[str, Mapping[str, Any]] = {
    ANA: {
        "first_name": "Ana",
        "experience_level": "intermediate",
        **_PLACES[ANA],
        "bio": "Coffee first, courage second.",
        "confidence_archetype": "Analyzer",
    },
    BO: {"first_name": "Bo", "experience_level": "beginner", **_PLACES[BO], "privacy_mode": "city_only"},
    CLEO: {
        "first_name": "Cleo",
        "experience_level": "intermediate",
        **_PLACES[CLEO],
        "confidence_archetype": "Sprinter",
    },
}


class Teller(Protocol):
    """Makes the calls of the story, in SQL or otherwise."""

    def write(self, statement: str, *values: Any) -> None:
        """Write something that no caller can."""

    def later(self, moment: datetime, after: timedelta) -> str:
        """A time that far from now, which is ``moment`` in the examples."""

    def arrive_at(self, session_id: str, moment: datetime, late: timedelta = timedelta()) -> None:
        """Let the time of a session, ``moment`` in the examples, come, or be that long ago."""

    def call(self, who: str | None, function: str, title: str | None = None, /, **arguments: Any) -> Any:
        """Call a function; with a title it becomes an example. Returns the answer as JSON has it."""

    def refused(
        self,
        name: str,
        who: str | None,
        function: str,
        first: Callable[[], object] | None = None,
        /,
        **arguments: Any,
    ) -> None:
        """Make a call that is refused, after ``first``, and undo both."""


def tell_story(teller: Teller) -> None:
    """Run the whole story: it calls each function and meets each error of the catalogue."""
    call, refused = teller.call, teller.refused
    for person in (ANA, BO, CLEO, NEWCOMER):
        teller.write("insert into auth.users (id) values (%s)", person)

    # they join
    call(ANA, "complete_profile", "A newcomer", **_PROFILES[ANA])
    call(BO, "complete_profile", "Somebody who hides where exactly they live", **_PROFILES[BO])
    call(CLEO, "complete_profile", "Few words", **_PROFILES[CLEO])
    call(ANA, "get_profile", "One's own")
    refused("not_authenticated", "nobody", "get_profile")
    refused("acting_for_another", ANA, "get_profile", user_id=BO)
    refused("user_not_found", None, "get_profile", user_id=STRANGER)
    refused("profile_incomplete", NEWCOMER, "create_automatic_match")
    refused("missing_argument", ANA, "get_match", match_id=None)
    refused("invalid_argument", ANA, "complete_profile", **{**_PROFILES[ANA], "bio": "b" * 401})

    # they are matched
    refused("invalid_radius", ANA, "create_automatic_match", max_radius_miles=101)
    refused(
        "rate_limited",
        ANA,
        "create_automatic_match",
        lambda: teller.write(
            "insert into wingman.rate_limits (user_id, bucket, spent_until)"
            " values (%s, 'automatic_match', statement_timestamp() + interval '1 hour')",
            ANA,
        ),
    )
    refused(
        "read_only_transaction",
        ANA,
        "create_automatic_match",
        lambda: teller.write("set transaction read only"),
    )
    declined = call(ANA, "create_automatic_match", "Somebody was found", max_radius_miles=25)["match_id"]
    call(ANA, "explain_match", "To the one who searched", match_id=declined)
    refused("match_not_found", ANA, "get_match", match_id=STRANGER)
    refused("not_match_participant", CLEO, "get_match", match_id=declined)
    refused("invalid_action", ANA, "respond_to_match", match_id=declined, action="maybe")
    refused(
        "match_expired",
        ANA,
        "respond_to_match",
        lambda: teller.write(
            "update public.wingman_matches set created_at = created_at - interval '3 days',"
            " expires_at = expires_at - interval '3 days' where id = %s",
            declined,
        ),
        match_id=declined,
        action="accept",
    )
    answer = call(
        ANA, "respond_to_match", "Declined: the next match comes along", match_id=declined, action="decline"
    )
    refused("match_already_resolved", BO, "respond_to_match", match_id=declined, action="accept")
    match_id = answer["next_match"]["match_id"]
    call(CLEO, "get_match", "Pending, as the one who was found sees it", match_id=match_id)
    call(CLEO, "respond_to_match", "Accepted", match_id=match_id, action="accept")
    call(ANA, "list_matches", "All, newest first", page_size=10)
    call(ANA, "why_no_match", "Nobody is left", max_radius_miles=10)
    call(BO, "create_automatic_match", "Nobody was found", max_radius_miles=1)

    # they arrange to meet
    place = {"venue_name": "Corner Café", "notes": "The table by the window"}
    soon = teller.later(_SESSION, timedelta(days=2))
    refused("invalid_schedule", ANA, "create_session", match_id=match_id, scheduled_time="yesterday", **place)
    refused("match_not_accepted", ANA, "create_session", match_id=declined, scheduled_time=soon, **place)
    session = call(ANA, "create_session", "Arranged", match_id=match_id, scheduled_time=soon, **place)["id"]
    refused("active_session_exists", CLEO, "create_session", match_id=match_id, scheduled_time=soon, **place)
    refused("too_early", CLEO, "start_session", session_id=session)
    refused("session_not_started", ANA, "confirm_session_completion", session_id=session)
    refused("session_not_found", ANA, "get_session", session_id=STRANGER)
    refused("not_session_participant", BO, "get_session", session_id=session)

    # they meet
    teller.arrive_at(session, _SESSION)
    call(CLEO, "start_session", "In progress", session_id=session)
    refused("self_confirmation", ANA, "confirm_session_completion", session_id=session, buddy_user_id=ANA)
    refused("buddy_not_in_session", ANA, "confirm_session_completion", session_id=session, buddy_user_id=BO)
    call(ANA, "confirm_session_completion", "The first of the two", session_id=session)
    refused("already_confirmed", ANA, "confirm_session_completion", session_id=session)
    call(
        CLEO,
        "confirm_session_completion",
        "The second, who names the buddy",
        session_id=session,
        buddy_user_id=ANA,
    )
    call(ANA, "get_session", "Completed", session_id=session)
    call(ANA, "list_sessions", "The completed ones", status="completed")
    call(ANA, "get_match_history", "From the offer to the completion", match_id=match_id)
    call(ANA, "get_reputation", "The buddy's", subject_id=CLEO)
    refused("reputation_not_visible", ANA, "get_reputation", subject_id=BO)
    call(ANA, "list_achievements", "One's own, earned and in progress")
    call(ANA, "list_achievements", "What the buddy has earned", subject_id=CLEO)
    call(ANA, "set_leaderboard_visibility", "With the first name", visibility="named")
    call(CLEO, "set_leaderboard_visibility", "Without it", visibility="nameless")
    call(ANA, "get_leaderboard", "All who have opted in", period="all_time", page_size=10)
    refused("invalid_session_state", ANA, "cancel_session", session_id=session)

    # they agree on another time
    again = teller.later(_OTHER_SESSION, timedelta(days=7))
    proposal = call(ANA, "create_session", match_id=match_id, scheduled_time=again, venue_name="City Park")
    other = proposal["id"]
    refused("self_agreement", ANA, "agree_to_session", session_id=other)
    call(CLEO, "agree_to_session", "Agreed", session_id=other)
    moved = teller.later(_MOVED_SESSION, timedelta(days=7, hours=2))
    refused(
        "schedule_conflict",
        CLEO,
        "reschedule_session",
        lambda: _book(teller, CLEO, BO, moved),
        session_id=other,
        scheduled_time=moved,
    )
    call(
        ANA,
        "reschedule_session",
        "Moved: the buddy has to agree anew",
        session_id=other,
        scheduled_time=moved,
    )
    refused(
        "proposal_changed", CLEO, "agree_to_session", session_id=other, proposed_at=proposal["proposed_at"]
    )
    call(CLEO, "cancel_session", "Cancelled", session_id=other, reason="I have a cold")
    refused("session_not_confirmable", ANA, "confirm_session_completion", session_id=other)

    # one of them does not come
    later = teller.later(_MISSED_SESSION, timedelta(days=2))
    missed = call(ANA, "create_session", match_id=match_id, scheduled_time=later, **place)["id"]
    call(CLEO, "agree_to_session", session_id=missed)
    report = {"session_id": missed, "reason": "did_not_come"}
    refused("no_show_too_early", ANA, "report_no_show", **report)
    teller.arrive_at(missed, _MISSED_SESSION, _LATE)
    refused("session_time_passed", CLEO, "reschedule_session", session_id=missed, scheduled_time=moved)
    refused("no_show_not_found", CLEO, "answer_no_show", session_id=missed, action="admit")
    refused(
        "buddy_not_committed",
        ANA,
        "report_no_show",
        lambda: teller.write(
            "update public.wingman_sessions set agreed_by = null, agreed_at = null where id = %s", missed
        ),
        **report,
    )
    refused(
        "no_show_window_closed",
        ANA,
        "report_no_show",
        lambda: teller.write(
            "update wingman.settings set no_show_grace = '0', no_show_window = '30 minutes'"
        ),
        **report,
    )
    call(ANA, "report_no_show", "Reported", **report, note="I waited by the window for an hour")
    call(CLEO, "list_no_show_reports", "As the person reported sees it", session_id=missed)
    call(
        CLEO,
        "answer_no_show",
        "Contested",
        session_id=missed,
        action="contest",
        statement="I was there, at another table",
    )
    refused("no_show_already_answered", CLEO, "answer_no_show", session_id=missed, action="admit")
    call(ANA, "withdraw_no_show", "Taken back", session_id=missed)
    refused("no_show_already_decided", ANA, "report_no_show", **report)
    refused(
        "matching_cooldown",
        ANA,
        "create_automatic_match",
        lambda: teller.write(
            "update wingman.matchmaking_pool set cooldown_until = %s::timestamptz where user_id = %s",
            moved,
            ANA,
        ),
    )
    refused(
        "account_suspended",
        ANA,
        "create_automatic_match",
        lambda: teller.write("insert into wingman.suspensions (user_id) values (%s)", ANA),
    )

    # what they were told, written by hand: a reader would see these events only in the next transaction
    teller.write(
        "insert into public.wingman_notifications"
        " (id, user_id, kind, event_id, match_id, session_id, created_at)"
        " select wingman.id_at(e.occurred_at + e.id * interval '1 microsecond'), %s::uuid, e.kind, e.id,"
        " e.match_id, e.session_id, e.occurred_at from wingman.events as e"
        " where e.match_id = %s and e.user_id <> %s and e.kind in ('session_scheduled', 'session_agreed')",
        *(ANA, match_id, ANA),
    )
    call(ANA, "count_unread_notifications", "Something new")
    newest = call(ANA, "list_notifications", "The inbox", page_size=2)[0]["id"]
    call(ANA, "mark_notifications_read", "All that was seen", up_to=newest)
    call(
        ANA,
        "set_notification_settings",
        "By web push, two kinds, and not at night",
        channel="web_push",
        kinds=["session_moved", "session_cancelled"],
        quiet_from="22:00",
        quiet_until="07:00",
        time_zone="America/Chicago",
    )
    browser = {
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn",
        "p256dh": f"B{'Lo3' * 28}Lo",
        "auth": "c2VjcmV0IG9mIDE2IGJ5dA",
    }
    call(ANA, "register_push_subscription", "A browser", **browser)
    call(ANA, "get_notification_settings", "Both channels")
    call(ANA, "remove_push_subscription", "Signed out", endpoint=browser["endpoint"])

    # they part
    call(ANA, "end_match", "Ended", match_id=match_id)
    key = {"idempotency_key": "6b0d5c1e-pause"}
    call(ANA, "pause_matching", "With a key, so that it can be sent again", **key)
    refused("idempotency_key_reused", ANA, "resume_matching", **key)
    refused("idempotency_key_invalid", ANA, "resume_matching", idempotency_key="")
    refused("matching_paused", ANA, "create_automatic_match")
    call(ANA, "resume_matching", "Back again")
    call(ANA, "report_user", "For the operators", subject_id=BO, reason="Was rude in the messages")
    call(ANA, "block_user", "Kept apart from now on", subject_id=BO)
    call(ANA, "unblock_user", "Taken back", subject_id=BO)

    # one of them leaves, when the limits are full again
    teller.write("delete from wingman.rate_limits")
    call(BO, "export_my_data", "All that there is")
    call(BO, "erase_my_account", "For good", confirmation="erase")


def _book(teller: Teller, one: str, other: str, moment: str) -> None:
    """Let two people have a session with each other at a time."""
    teller.write(
        "with match as ("
        " insert into public.wingman_matches (user1_id, user2_id, user1_reputation, user2_reputation,"
        " user1_level, user2_level, distance_miles, expires_at)"
        " values (least(%s::uuid, %s::uuid), greatest(%s::uuid, %s::uuid), 0, 0, 1, 1, 1,"
        " now() + interval '1 day')"
        " returning id)"
        " select set_config('story.match', m.id::text, true) from match as m",
        *(one, other) * 2,
    )
    teller.write(
        "update public.wingman_matches set status = 'accepted', responded_by = %s, responded_at = now()"
        " where id = current_setting('story.match')::uuid",
        one,
    )
    teller.write(
        "insert into public.wingman_sessions (match_id, scheduled_time, venue_name, created_by, proposed_by)"
        " values (current_setting('story.match')::uuid, %s::timestamptz, 'Elsewhere', %s, %s)",
        *(moment, one, one),
    )
