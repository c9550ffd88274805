"""The model can fail: whichever rule the database breaks, the quick run finds out."""

from functools import partial

import pytest
from breaking import break_function, not_breakable
from harness import OPERATOR, Connect, Connection
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import QUICK, WingmanMachine
from reality import Reality

BROKEN_RULES = {
    # a rule broken: the function, what stands in its body, what shall stand there
    "a pair may meet again at once": (
        "wingman.pair_obstacle",
        "_pair.last_met_at > statement_timestamp() - pair_obstacle.rematch_after",
        "false",
    ),
    "a pair may meet again an hour early": (
        "wingman.pair_obstacle",
        "- pair_obstacle.rematch_after",
        "- pair_obstacle.rematch_after + interval '1 hour'",
    ),
    "an accepted pair is matched again": (
        "wingman.pair_obstacle",
        "when _pair.are_partners then 'partners'",
        "",
    ),
    "an ended pair stays closed": ("wingman.pair_obstacle", "and m.ended_at is null", ""),
    "a block does not bind the blocker": (
        "wingman.pair_obstacle",
        "b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id",
        "false",
    ),
    "a block does not bind the blocked one": (
        "wingman.pair_obstacle",
        "b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id",
        "false",
    ),
    "a block leaves what is open": (
        "wingman.block_user",
        "perform wingman.part_pair(_me, _subject_id)",
        "null",
    ),
    "a block declines for the blocked one": (
        "wingman.part_pair",
        "perform wingman.decline_match(_match.id, part_pair.user_id)",
        "perform wingman.decline_match(_match.id, part_pair.other_id)",
    ),
    "a block declines what has lapsed": (
        "wingman.part_pair",
        "perform wingman.expire_match(_match.id)",
        "perform wingman.decline_match(_match.id, part_pair.user_id)",
    ),
    "an unblock takes the other's block as well": (
        "wingman.unblock_user",
        "b.blocker_id = _me and b.blocked_id = _subject_id",
        "(b.blocker_id, b.blocked_id) in ((_me, _subject_id), (_subject_id, _me))",
    ),
    "a block shows as one": (
        "wingman.why_no_match",
        ", 'found_often', 'blocked')",
        ", 'found_often')",
    ),
    "who is found is not counted": (
        "wingman.track_pending_match",
        "when s.user_id <> new.searched_by",
        "when false",
    ),
    "who searches is counted": (
        "wingman.track_pending_match",
        "when s.user_id <> new.searched_by",
        "when s.user_id = new.searched_by",
    ),
    "one exposure more is allowed": (
        "wingman.match_obstacle",
        "exposure_window))\n            >= (settings).exposure_limit",
        "exposure_window))\n            > (settings).exposure_limit",
    ),
    "exposures last an hour longer": (
        "wingman.recent_exposures",
        "- recent_exposures.exposure_window",
        "- recent_exposures.exposure_window - interval '1 hour'",
    ),
    "ghosting is not counted": (
        "wingman.track_pending_match",
        "unanswered_offers = s.unanswered_offers + 1,",
        "unanswered_offers = s.unanswered_offers,",
    ),
    "ghosts are not paused": (
        "wingman.track_pending_match",
        "paused = s.paused or s.unanswered_offers + 1 >= t.ghosting_limit",
        "paused = s.paused",
    ),
    "the other's answer counts as the own": (
        "wingman.track_pending_match",
        "case when s.user_id = new.responded_by then 0",
        "case when true then 0",
    ),
    "a search does not end an automatic pause": (
        "wingman.create_automatic_match",
        "if _seeker.paused and not _seeker.paused_automatically then",
        "if _seeker.paused then",
    ),
    "a search ends a chosen pause": (
        "wingman.create_automatic_match",
        "if _seeker.paused and not _seeker.paused_automatically then",
        "if false then",
    ),
    "a chosen pause passes for an automatic one": (
        "wingman.pause_matching",
        "paused = true, paused_automatically = false",
        "paused = true",
    ),
    "who resumes goes on being counted": (
        "wingman.resume_matching",
        "paused = false, paused_automatically = false, unanswered_offers = 0",
        "paused = false, paused_automatically = false",
    ),
    "who was found hears the searcher's radius": (
        "wingman.explain_match",
        "case when _searched_by_me then _search.radius_miles else _search.candidate_travel_miles end",
        "_search.radius_miles",
    ),
    "numbers are exact": ("wingman.coarse_count", "+ 2) / 3 * 3", ")"),
    "levels do not matter": ("wingman.match_obstacle", "abs(", "0 * abs("),
    "the candidate's travel distance does not matter": (
        "wingman.match_obstacle",
        "miles > (candidate).max_travel_miles",
        "miles > 2 * (candidate).max_travel_miles",
    ),
    "the caller's radius does not matter": (
        "wingman.create_automatic_match",
        "coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles)",
        "_seeker.max_travel_miles",
    ),
    "a decline searches as far as the default": (
        "wingman.match_again",
        "match_nearest(_seeker, _seeker.max_travel_miles,",
        "match_nearest(_seeker, 25,",
    ),
    "waiting does not matter": (
        "wingman.first_in_cell",
        "order by s.waiting_since, s.user_id",
        "order by s.user_id",
    ),
    "waiting does not matter between two places": (
        "wingman.find_candidate",
        "(_first.waiting_since, _first.user_id) < (_candidate.waiting_since, _candidate.user_id)",
        "false",
    ),
    "the longest waiting come before the nearest": (
        "wingman.find_candidate",
        "and _cell.miles > _miles",
        "and false",
    ),
    "of equals the greater id comes first": (
        "wingman.first_in_cell",
        "s.waiting_since, s.user_id",
        "s.waiting_since, s.user_id desc",
    ),
    "paused people are free": (
        "wingman.pause_matching",
        "paused = true",
        "paused = false",
    ),
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
        "new.status = 'declined' and s.user_id <> new.responded_by",
        "false",
    ),
    "the decliner keeps the waiting time": (
        "wingman.track_pending_match",
        "new.status = 'declined' and s.user_id <> new.responded_by",
        "new.status = 'declined'",
    ),
    "a lapsed match can be accepted": ("wingman.match_status_at", "'pending'", "''"),
    "matches lapse a minute late": (
        "wingman.create_match",
        "+ _settings.match_lifetime",
        "+ _settings.match_lifetime + interval '1 minute'",
    ),
    "one's own lapsed match is not settled first": (
        "wingman.create_automatic_match",
        "perform wingman.expire_match(_pending.id)",
        "null",
    ),
    "a search settles nobody else's lapsed matches": (
        "wingman.create_automatic_match",
        "_tried := (wingman.settle_due_matches(_settings.settle_limit)).tried",
        "_tried := 0",
    ),
    "a decline settles nobody else's lapsed matches": (
        "wingman.match_again",
        "perform wingman.settle_due_matches(_settings.settle_limit);",
        "",
    ),
    "one lapsed match more is settled": (
        "wingman.settle_due_matches",
        "limit settle_due_matches.max_matches",
        "limit settle_due_matches.max_matches + 1",
    ),
    "a decline brings no next match": (
        "wingman.respond_to_match",
        "_next := wingman.match_again(_me)",
        "null",
    ),
    "the opposite answer is ignored": (
        "wingman.repeat_response",
        "perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status))",
        "null",
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
    "sessions may be a year ahead": (
        "wingman.create_session",
        "+ _settings.session_horizon",
        "+ _settings.session_horizon * 4",
    ),
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
        "wingman.confirmation_obstacle",
        "(session).scheduled_time > statement_timestamp()",
        "false",
    ),
    "the flags are swapped": (
        "wingman.confirm_session_completion",
        "or m.user2_id = _me,\n        user2_completed_confirmed_by_user1 ="
        " s.user2_completed_confirmed_by_user1 or m.user1_id = _me",
        "or m.user1_id = _me,\n        user2_completed_confirmed_by_user1 ="
        " s.user2_completed_confirmed_by_user1 or m.user2_id = _me",
    ),
    "one may confirm oneself": (
        "wingman.confirmation_obstacle",
        "buddy_user_id = user_id",
        "false",
    ),
    "anybody may be confirmed": (
        "wingman.confirmation_obstacle",
        "buddy_user_id not in ((match).user1_id, (match).user2_id)",
        "false",
    ),
    "a cancelled session counts as confirmed twice": (
        "wingman.confirmation_obstacle",
        "then 'already_confirmed'",
        "or (session).status = 'cancelled' then 'already_confirmed'",
    ),
    "only one of the two is rewarded": (
        "wingman.record_completion",
        ",\n    (record_completion.session_id, record_completion.user2_id, 'completed', 1)",
        "",
    ),
    "a reward is not counted": (
        "wingman.count_events",
        "p.completed_sessions + e.completions",
        "p.completed_sessions",
    ),
    "a no-show is not counted": (
        "wingman.count_events",
        "p.no_shows + e.completions - e.delta",
        "p.no_shows",
    ),
    "a no-show may be marked before its time": (
        "wingman_admin.mark_no_show",
        "_session.scheduled_time > statement_timestamp()",
        "false",
    ),
    "anybody can have been absent": (
        "wingman_admin.mark_no_show",
        "perform wingman.session_buddy(mark_no_show.session_id, mark_no_show.absent_user_id)",
        "null",
    ),
    "a session can be reverted twice": (
        "wingman_admin.revert_completion",
        "elsif _session.reverted_at is not null then",
        "elsif false then",
    ),
    "a reverted completion counts further": (
        "wingman.count_events",
        "p.completed_sessions + e.completions",
        "p.completed_sessions + greatest(e.completions, 0)",
    ),
    "only completions can be reverted": (
        "wingman_admin.revert_completion",
        "_session.status not in ('completed', 'no_show')",
        "_session.status <> 'completed'",
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


def test_every_rule_can_still_be_broken(db: Connection) -> None:
    breaks = {name: partial(break_function, db, *rule) for name, rule in BROKEN_RULES.items()}
    assert not_breakable(db, breaks) == {}


@pytest.mark.long
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_the_quick_run_finds_a_broken_rule(rule: str, db: Connection, connect: Connect) -> None:
    break_function(db, *BROKEN_RULES[rule])
    reality = Reality(db, connect(), connect(user=OPERATOR))
    effort = settings(QUICK, phases=[Phase.generate], print_blob=False)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: WingmanMachine(reality, set()), settings=effort)
