"""The model can fail: whichever rule the database breaks, the quick run finds out."""

import pytest
from harness import Connect, Connection
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import QUICK, WingmanMachine
from reality import Reality

BROKEN_RULES = {
    # a rule broken: the function, what stands in its body, what shall stand there
    "a pair may meet again at once": (
        "wingman.is_pair_open",
        "m.created_at > statement_timestamp() - t.rematch_after",
        "false",
    ),
    "a pair may meet again an hour early": (
        "wingman.is_pair_open",
        "- t.rematch_after",
        "- t.rematch_after + interval '1 hour'",
    ),
    "an accepted pair is matched again": (
        "wingman.is_pair_open",
        "or (m.status = 'accepted' and m.ended_at is null)",
        "",
    ),
    "an ended pair stays closed": ("wingman.is_pair_open", "and m.ended_at is null", ""),
    "levels do not matter": ("wingman.find_candidates", "<= 1", "<= 2"),
    "the candidate's travel distance does not matter": (
        "wingman.find_candidates",
        "least(find_candidates.radius_miles, s.max_travel_miles)",
        "find_candidates.radius_miles",
    ),
    "the caller's radius does not matter": (
        "wingman.create_automatic_match",
        "coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles)",
        "_seeker.max_travel_miles",
    ),
    "a decline searches as far as the default": (
        "wingman.match_again",
        "match_nearest(match_again.user_id, _seeker.max_travel_miles,",
        "match_nearest(match_again.user_id, 25,",
    ),
    "waiting does not matter": (
        "wingman.find_candidates",
        "order by d.miles, s.waiting_since, s.user_id",
        "order by d.miles, s.user_id",
    ),
    "the longest waiting come before the nearest": (
        "wingman.find_candidates",
        "order by d.miles, s.waiting_since, s.user_id",
        "order by s.waiting_since, d.miles, s.user_id",
    ),
    "of equals the greater id comes first": (
        "wingman.find_candidates",
        "s.waiting_since, s.user_id",
        "s.waiting_since, s.user_id desc",
    ),
    "paused people are matched": ("wingman.find_candidates", "and not s.paused", ""),
    "a city is as precise as a point": (
        "wingman.snap_to_grid",
        "privacy_mode = 'city_only'",
        "privacy_mode = ''",
    ),
    "distances are rounded to the nearest mile": ("wingman.shown_miles", "ceil(", "round("),
    "the reputations are those of the other": (
        "wingman.create_match",
        "p1.reputation_score,\n        p2.reputation_score",
        "p2.reputation_score,\n        p1.reputation_score",
    ),
    "the declined one waits anew": (
        "wingman.track_pending_match",
        "new.status = 'declined' and new.responded_by <> s.user_id",
        "false",
    ),
    "the decliner keeps the waiting time": (
        "wingman.track_pending_match",
        "new.status = 'declined' and new.responded_by <> s.user_id",
        "new.status = 'declined'",
    ),
    "a lapsed match can be accepted": ("wingman.match_status_at", "= 'pending' and", "= '' and"),
    "matches lapse a minute late": (
        "wingman.create_match",
        "+ t.match_lifetime",
        "+ t.match_lifetime + interval '1 minute'",
    ),
    "one's own lapsed match is not settled first": (
        "wingman.create_automatic_match",
        "perform wingman.expire_match(_pending.id)",
        "null",
    ),
    "a search settles nobody else's lapsed matches": (
        "wingman.create_automatic_match",
        "_tried := wingman.settle_due_matches()",
        "_tried := 0",
    ),
    "a decline settles nobody else's lapsed matches": (
        "wingman.match_again",
        "perform wingman.settle_due_matches();",
        "",
    ),
    "one lapsed match more is settled": (
        "wingman.settle_due_matches",
        "select t.settle_limit",
        "select t.settle_limit + 1",
    ),
    "a decline brings no next match": (
        "wingman.respond_to_match",
        "perform wingman.match_again(_me)",
        "null",
    ),
    "the opposite answer is ignored": (
        "wingman.respond_to_match",
        "elsif _status <> _answer then",
        "elsif false then",
    ),
    "anybody may answer a match": (
        "wingman.match_buddy",
        "perform wingman.raise_error('not_match_participant')",
        "null",
    ),
    "anybody may be acted for": (
        "wingman.caller_id",
        "perform wingman.raise_error('acting_for_another')",
        "null",
    ),
    "who has a partner sees old ones' profiles too": (
        "wingman.match_details_of",
        "where p.id = _buddy_id",
        "where true",
    ),
    "reputation is for everybody": (
        "wingman.get_reputation",
        "perform wingman.raise_error('reputation_not_visible')",
        "null",
    ),
    "a page begins with the last id seen": (
        "wingman.list_matches",
        "m.id < list_matches.before",
        "m.id <= list_matches.before",
    ),
    "sessions are listed oldest first": (
        "wingman.list_sessions",
        "order by page.id desc",
        "order by page.id",
    ),
    "an ended match can have a session": (
        "wingman.create_session",
        "if _match.ended_at is not null",
        "if false",
    ),
    "sessions may be a year ahead": ("wingman.create_session", "+ _horizon", "+ _horizon * 4"),
    "ending a match leaves its session": (
        "wingman.end_accepted_match",
        "perform wingman.cancel_active_session(end_accepted_match.match_id, end_accepted_match.ended_by)",
        "null",
    ),
    "a session can be started at any time": (
        "wingman.start_session",
        "statement_timestamp() < _from",
        "false",
    ),
    "a session can be confirmed before its time": (
        "wingman.confirm_session_completion",
        "statement_timestamp() < _session.scheduled_time",
        "false",
    ),
    "the flags are swapped": (
        "wingman.confirm_session_completion",
        "_is_user1 := _me < _buddy_id",
        "_is_user1 := _me > _buddy_id",
    ),
    "one may confirm oneself": (
        "wingman.confirm_session_completion",
        "confirm_session_completion.buddy_user_id = _me",
        "false",
    ),
    "anybody may be confirmed": (
        "wingman.confirm_session_completion",
        "confirm_session_completion.buddy_user_id <> _buddy_id",
        "false",
    ),
    "a cancelled session counts as confirmed twice": (
        "wingman.confirm_session_completion",
        "if _details.i_confirmed_buddy then",
        "if _details.i_confirmed_buddy or _session.status = 'cancelled' then",
    ),
    "only the second to confirm is rewarded": (
        "wingman.record_completion",
        ",\n    (record_completion.session_id, record_completion.buddy_id, 'completed', 1)",
        "",
    ),
    "a reward is not counted": (
        "wingman.count_event",
        "p.completed_sessions + new.delta",
        "p.completed_sessions",
    ),
    "a new profile resets the waiting time": (
        "wingman.place_seeker",
        "max_travel_miles = excluded.max_travel_miles",
        "max_travel_miles = excluded.max_travel_miles, waiting_since = statement_timestamp()",
    ),
    "a new level is not taken over": (
        "wingman.level_seeker",
        "set level = wingman.experience_rank(new.experience_level)",
        "set level = s.level",
    ),
    "who leaves stays a partner": (
        "wingman.settle_departure",
        "perform wingman.end_accepted_match(_match_id, old.id)",
        "null",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_the_quick_run_finds_a_broken_rule(rule: str, db: Connection, connect: Connect) -> None:
    _break(db, *BROKEN_RULES[rule])
    reality = Reality(db, connect())
    effort = settings(QUICK, phases=[Phase.generate], print_blob=False)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: WingmanMachine(reality, set()), settings=effort)


def _break(db: Connection, function: str, old: str, new: str) -> None:
    found = db.execute("select pg_get_functiondef(to_regproc(%s)) as body", [function]).fetchone()
    assert found is not None
    assert found["body"].count(old) == 1, f"{function} has no single {old!r}"
    db.execute(found["body"].replace(old, new))
