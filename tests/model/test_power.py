"""The model can fail: whichever rule the database breaks, the thorough run finds out."""

from functools import partial

import pytest
from breaking import break_function, not_breakable
from harness import OPERATOR, Connect, Connection
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import THOROUGH, WingmanMachine
from reality import Reality

BROKEN_RULES = {
    # a broken rule: the function, a text in its body, and its replacement
    "a pair may meet again at once": (
        "wingman.pair_obstacle",
        "(m.created_at > (statement_timestamp() - pair_obstacle.rematch_after))",
        "false",
    ),
    "a pair may meet again an hour early": (
        "wingman.pair_obstacle",
        "- pair_obstacle.rematch_after",
        "- pair_obstacle.rematch_after + interval '1 hour'",
    ),
    "an accepted pair is matched again": (
        "wingman.pair_obstacle",
        "((m.status = 'accepted'::text) AND (m.ended_at IS NULL)) OR",
        "false OR",
    ),
    "an ended pair stays closed": ("wingman.pair_obstacle", " AND (m.ended_at IS NULL)) OR", ") OR"),
    "a block does not bind the blocker": (
        "wingman.pair_obstacle",
        "((b.blocker_id = pair_obstacle.user_id) AND (b.blocked_id = pair_obstacle.other_id))",
        "false",
    ),
    "a block does not bind the blocked one": (
        "wingman.pair_obstacle",
        "((b.blocker_id = pair_obstacle.other_id) AND (b.blocked_id = pair_obstacle.user_id))",
        "false",
    ),
    "a block leaves what is open": (
        "wingman.block_user",
        "perform wingman.separate_pair(_me, _subject_id)",
        "null",
    ),
    "a block declines for the blocked one": (
        "wingman.separate_pair",
        "perform wingman.decline_match(_match.id, separate_pair.user_id)",
        "perform wingman.decline_match(_match.id, separate_pair.other_id)",
    ),
    "a block declines what has lapsed": (
        "wingman.separate_pair",
        "perform wingman.expire_match(_match.id)",
        "perform wingman.decline_match(_match.id, separate_pair.user_id)",
    ),
    "an unblock takes the other's block as well": (
        "wingman.unblock_user",
        "b.blocker_id = _me and b.blocked_id = _subject_id",
        "(b.blocker_id, b.blocked_id) in ((_me, _subject_id), (_subject_id, _me))",
    ),
    "who is blocked sheds it by an erasure": (
        "wingman.settle_departure",
        "delete from wingman.rate_limits",
        "delete from public.user_blocks as b where b.blocked_id = _me; delete from wingman.rate_limits",
    ),
    "who was blocked and has left stays blocked": (
        "wingman.unblock_user",
        "b.blocked_id = unblock_user.subject_id",
        "false",
    ),
    "a block shows as one": (
        "wingman.matching_rules",
        "('blocked', 'blocked', 'unavailable',",
        "('blocked', 'blocked', 'blocked',",
    ),
    "who is found is not counted": (
        "wingman.tg_wingman_matches__track_insert",
        "when s.user_id <> new.searched_by",
        "when false",
    ),
    "who searches is counted": (
        "wingman.tg_wingman_matches__track_insert",
        "when s.user_id <> new.searched_by",
        "when s.user_id = new.searched_by",
    ),
    "one exposure more is allowed": (
        "wingman.candidate_obstacle",
        "exposure_window))[exposure_limit]",
        "exposure_window))[exposure_limit + 1]",
    ),
    "exposures last an hour longer": (
        "wingman.recent_exposures",
        "- recent_exposures.exposure_window",
        "- recent_exposures.exposure_window - interval '1 hour'",
    ),
    "ghosting is not counted": (
        "wingman.tg_wingman_matches__track",
        "else p.unanswered_offers + 1 end as unanswered_offers",
        "else p.unanswered_offers end as unanswered_offers",
    ),
    "ghosts are not paused": (
        "wingman.tg_wingman_matches__track",
        "paused = s.paused or a.unanswered_offers >= t.ghosting_limit",
        "paused = s.paused",
    ),
    "the other's answer counts as the own": (
        "wingman.tg_wingman_matches__track",
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
        "wingman.matching_rules",
        "within your {candidate_travel_miles} miles",
        "within your {radius_miles} miles",
    ),
    "numbers are exact": ("wingman.coarse_count", "+ 2) / 3 * 3", ")"),
    "levels do not matter": ("wingman.candidate_obstacle", "(level_difference > level_tolerance)", "false"),
    "the candidate's travel distance does not matter": (
        "wingman.candidate_obstacle",
        "miles > (max_travel_miles)::double precision",
        "miles > (2 * max_travel_miles)::double precision",
    ),
    "the caller's radius does not matter": (
        "wingman.create_automatic_match",
        "coalesce(create_automatic_match.max_radius_miles, _seeker.max_travel_miles)",
        "_seeker.max_travel_miles",
    ),
    "a decline searches as far as the default": (
        "wingman.offer_next_match",
        "match_nearest(_own.seeker, (_own.seeker).max_travel_miles,",
        "match_nearest(_own.seeker, 25,",
    ),
    "waiting does not matter": (
        "wingman.lock_first_in_own_cell",
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
        "wingman.lock_first_in_own_cell",
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
    "both reputations are those of one of them": (
        "wingman.create_match",
        "then _match.own_reputation else _match.reputation_score end",
        "then _match.reputation_score else _match.reputation_score end",
    ),
    "the level is that of the other": (
        "wingman.create_match",
        "then create_match.seeker.level else",
        "then create_match.candidate.level else",
    ),
    "the declined one waits anew": (
        "wingman.tg_wingman_matches__track",
        "new.status = 'declined' and s.user_id <> new.responded_by",
        "false",
    ),
    "the decliner keeps the waiting time": (
        "wingman.tg_wingman_matches__track",
        "new.status = 'declined' and s.user_id <> new.responded_by",
        "new.status = 'declined'",
    ),
    "a lapsed match can be accepted": ("wingman.match_status_at", "'pending'", "''"),
    "matches lapse a minute late": (
        "wingman.create_match",
        "+ create_match.settings.match_lifetime",
        "+ create_match.settings.match_lifetime + interval '1 minute'",
    ),
    "one's own lapsed match is not settled first": (
        "wingman.create_automatic_match",
        "perform wingman.expire_match(_seeker.pending_match_id)",
        "null",
    ),
    "a search settles nobody else's lapsed matches": (
        "wingman.create_automatic_match",
        "_own.has_due_matches and (wingman.settle_due_matches((_own.settings).settle_limit)).tried > 0",
        "false",
    ),
    "a decline settles nobody else's lapsed matches": (
        "wingman.offer_next_match",
        "perform wingman.settle_due_matches((_limited.settings).settle_limit);",
        "",
    ),
    "one lapsed match more is settled": (
        "wingman.settle_due_matches",
        "limit settle_due_matches.max_matches",
        "limit settle_due_matches.max_matches + 1",
    ),
    "a decline brings no next match": (
        "wingman.respond_to_match",
        "_next := wingman.offer_next_match(_me)",
        "null",
    ),
    "the opposite answer is ignored": (
        "wingman.refuse_response",
        "perform wingman.raise_error('match_already_resolved', jsonb_build_object('status', _status))",
        "null",
    ),
    "anybody may answer a match": (
        "wingman.match_buddy",
        "perform wingman.raise_error('not_match_participant')",
        "null",
    ),
    "anybody may be acted for": (
        "wingman.acting_user_id",
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
        "order by d.id desc",
        "order by d.id",
    ),
    "an ended match can have a session": (
        "wingman.tg_wingman_sessions__guard_insert",
        "and m.ended_at is null",
        "",
    ),
    "sessions may be a year ahead": (
        "wingman.schedule_violation",
        "(statement_timestamp() + horizon)",
        "(statement_timestamp() + horizon * 4)",
    ),
    "ending a match leaves its session": (
        "wingman.end_accepted_match",
        "perform wingman.cancel_active_session(\n        end_accepted_match.match_id, "
        "end_accepted_match.ended_by, keep_begun => end_accepted_match.keep_begun\n    )",
        "null",
    ),
    "a session can be started at any time": (
        "wingman.start_session",
        "+ (select t.session_start_lead from wingman.settings as t)",
        "+ interval '1 year'",
    ),
    "a session can be confirmed before its time": (
        "wingman.confirmation_obstacle",
        "(scheduled_time > statement_timestamp())",
        "false",
    ),
    "the flags are swapped": (
        "wingman.confirm_session_completion",
        "or s.user2_id = _call.user_id,\n        user2_completed_confirmed_by_user1 ="
        " s.user2_completed_confirmed_by_user1 or s.user1_id = _call.user_id",
        "or s.user1_id = _call.user_id,\n        user2_completed_confirmed_by_user1 ="
        " s.user2_completed_confirmed_by_user1 or s.user2_id = _call.user_id",
    ),
    "one may confirm oneself": (
        "wingman.confirmation_obstacle",
        "buddy_user_id = user_id",
        "false",
    ),
    "anybody may be confirmed": (
        "wingman.confirmation_obstacle",
        "(buddy_user_id <> ALL (ARRAY[user1_id, user2_id]))",
        "false",
    ),
    "a cancelled session counts as confirmed twice": (
        "wingman.confirmation_obstacle",
        "THEN 'already_confirmed'::text",
        "OR (status = 'cancelled'::text) THEN 'already_confirmed'::text",
    ),
    "only one of the two is rewarded": (
        "wingman.record_reputation",
        "case when record_reputation.both_people then record_reputation.buddy_id end",
        "null::uuid",
    ),
    "a reward is not counted": (
        "wingman.record_reputation",
        "p.completed_sessions + case when _is_completion then _delta else 0 end",
        "p.completed_sessions",
    ),
    "a no-show is not counted": (
        "wingman.record_reputation",
        "p.no_shows - case when _is_completion then 0 else _delta end",
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
        "if _session.reverted_at is not null then",
        "if false then",
    ),
    "a reverted completion counts further": (
        "wingman.record_reputation",
        "p.completed_sessions + case when _is_completion then _delta else 0 end",
        "p.completed_sessions + case when _is_completion then greatest(_delta, 0) else 0 end",
    ),
    "the score keeps what was taken back": (
        "wingman.record_reputation",
        "reputation_score(p.completed_sessions + _delta",
        "reputation_score(p.completed_sessions + greatest(_delta, 0)",
    ),
    "what was reverted still counts for achievements": (
        "wingman.metric_steps",
        "r.kind = 'completion_reverted'",
        "false",
    ),
    "when a partner earned it shows": (
        "wingman.list_achievements",
        "case when _is_own then e.reached_at end",
        "e.reached_at",
    ),
    "a partner's progress shows": (
        "wingman.list_achievements",
        "case when _is_own then coalesce",
        "case when true then coalesce",
    ),
    "the ledger says what was counted before": (
        "wingman.record_reputation",
        "        c.completed_sessions,",
        "        c.completed_sessions - _delta,",
    ),
    "the ledger names the user as the buddy": (
        "wingman.record_reputation",
        "case c.id when record_reputation.user_id then record_reputation.buddy_id",
        "case c.id when record_reputation.user_id then record_reputation.user_id",
    ),
    "the ledger does not know who left": (
        "wingman.tg_user_profiles__depart",
        "old.completed_sessions, old.no_shows)",
        "0, 0)",
    ),
    "only completions can be reverted": (
        "wingman_admin.revert_completion",
        "_session.status not in ('completed', 'no_show')",
        "_session.status <> 'completed'",
    ),
    "a new profile resets the waiting time": (
        "wingman.tg_user_locations__place",
        "max_travel_miles = excluded.max_travel_miles",
        "max_travel_miles = excluded.max_travel_miles, waiting_since = statement_timestamp()",
    ),
    "a new level is not taken over": (
        "wingman.tg_user_profiles__level",
        "set level = wingman.experience_rank(new.experience_level)",
        "set level = s.level",
    ),
    "the second accept of the same person counts": (
        "wingman.respond_otherwise",
        "coalesce(_match.first_accepted_by, _me) = _me",
        "_match.first_accepted_by is null",
    ),
    "one accept is enough for every match": (
        "wingman.create_match",
        "create_match.settings.needs_both",
        "false",
    ),
    "who has accepted first is a ghost": (
        "wingman.tg_wingman_matches__track",
        "when p.user_id = new.first_accepted_by then 0",
        "when false then 0",
    ),
    "who has accepted first waits anew": (
        "wingman.tg_wingman_matches__track",
        "when a.has_accepted then s.waiting_since",
        "when false then s.waiting_since",
    ),
    "the diary looks at what others propose": (
        "wingman.conflicting_session",
        "wingman.has_committed(d.session, conflicting_session.user_id)",
        "true",
    ),
    "who agrees need not look into the diary": (
        "wingman.settle_agreement",
        "perform wingman.refuse_conflict(_me, _session.scheduled_time, _session.id)",
        "null",
    ),
    "what has changed meanwhile is agreed to": (
        "wingman.settle_agreement",
        "settle_agreement.proposed_at <> _session.proposed_at",
        "false",
    ),
    "another time keeps the agreement": (
        "wingman.move_session",
        "agreed_by = null,\n        agreed_at = null",
        "agreed_by = s.agreed_by, agreed_at = s.agreed_at",
    ),
    "an absentee escapes by moving the session": (
        "wingman.refuse_late_change",
        "refuse_late_change.session.scheduled_time <= statement_timestamp()",
        "false",
    ),
    "an absentee escapes by cancelling the session": (
        "wingman.make_no_show_report",
        "_session.cancelled_at >= _session.scheduled_time",
        "false",
    ),
    "who has agreed to nothing can be reported": (
        "wingman.make_no_show_report",
        "not wingman.has_committed(_session, _accused_id)",
        "false",
    ),
    "a report in return contests nothing": (
        "wingman.make_no_show_report",
        "case when _is_contested then 'contested' else 'open' end",
        "'open'",
    ),
    "no-shows can be reported without limit": (
        "wingman.make_no_show_report",
        "perform wingman.consume_rate_limit(_me, 'report', _settings.report_cost, _settings.report_burst)",
        "null",
    ),
    "who confirms goes on reporting": (
        "wingman.confirm_session_completion",
        "perform wingman.drop_no_show_report(confirm_session_completion.session_id, _call.user_id)",
        "null",
    ),
    "the other one's words are told": (
        "wingman.no_show_report_of",
        "case when _is_mine then _report.note end",
        "_report.note",
    ),
    "silence is decided before an answer is due": (
        "wingman_admin.decide_no_show",
        "elsif _reports.answer_by is not null then",
        "elsif false then",
    ),
    "a report never lapses": ("wingman.no_show_status_at", "(decide_by <= moment)", "false"),
    "what is admitted is not entered into the ledger": (
        "wingman.settle_no_show_answer",
        "perform wingman.record_no_show(_session, array[settle_no_show_answer.user_id])",
        "update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id",
    ),
    "an operator who saw it leaves the report open": (
        "wingman_admin.mark_no_show",
        "perform wingman.close_no_show_reports(_session.id, array[mark_no_show.absent_user_id])",
        "null",
    ),
    "who came waits anew": (
        "wingman.record_no_show",
        "least(s.waiting_since, m.created_at)",
        "s.waiting_since",
    ),
    "a no-show upheld meanwhile is forgotten": (
        "wingman.tg_user_profiles__return",
        "d.kind = 'no_show_upheld'",
        "false",
    ),
    "the words of whoever is erased stay": (
        "wingman.settle_departure",
        "note = case when n.reporter_id <> _me then n.note end",
        "note = n.note",
    ),
    "no-shows are never forgotten": (
        "wingman.cooldown_until",
        "_memory preceding",
        "unbounded preceding",
    ),
    "what is reverted counts for cooldowns": (
        "wingman.cooldown_until",
        "r.kind = 'no_show_reverted'",
        "false",
    ),
    "reverting leaves the cooldown": (
        "wingman_admin.revert_completion",
        "set cooldown_until = wingman.cooldown_until(s.user_id)",
        "set cooldown_until = s.cooldown_until",
    ),
    "a decline brings the next match during a cooldown": (
        "wingman.may_be_offered_next",
        "s.cooldown_until is null or s.cooldown_until <= statement_timestamp()",
        "true",
    ),
    "a suspended person is found": (
        "wingman.candidate_obstacle",
        "wingman.is_suspended(suspended, suspended_until)",
        "false",
    ),
    "a suspension leaves what is open": (
        "wingman_admin.suspend_user",
        "perform wingman.leave_matches(suspend_user.user_id)",
        "null",
    ),
    "a suspension cancels what is due": (
        "wingman.leave_matches",
        "keep_begun => true",
        "keep_begun => false",
    ),
    "who is suspended sheds it by an erasure": (
        "wingman.tg_user_locations__place",
        "b.user_id is not null and b.ends_at is null",
        "false",
    ),
    "who did it is told as well": (
        "wingman.notices_of",
        " and o.id is distinct from e.user_id",
        "",
    ),
    "an end is told as a cancelling as well": (
        "wingman.notices_of",
        "k.unless_told is not null and exists",
        "false and exists",
    ),
    "a dismissal is told for each report": (
        "wingman.notices_of",
        "and (o.kind <> e.kind or o.id < e.id)",
        "and o.kind <> e.kind",
    ),
    "a block lets through what was before it": (
        "wingman.notices_of",
        "e.user_id is distinct from r.other_id or not wingman.is_muted",
        "true or not wingman.is_muted",
    ),
    "silence gives a block away": (
        "wingman.is_muted",
        "and b.created_at is distinct from is_muted.occurred_at",
        "",
    ),
    "who has come back is told what was before": (
        "wingman.notices_of",
        " and p.created_at <= e.occurred_at",
        "",
    ),
    "a chosen pause is told": (
        "wingman.notices_of",
        "and (e.details ->> 'automatically') is distinct from 'false'",
        "",
    ),
    "what operators do is counted": (
        "wingman.notices_of",
        "coalesce(e.user_id = r.other_id, false)",
        "r.other_id is not null",
    ),
    "who has to accept is told without an end": (
        "wingman.notices_of",
        "when 'match_first_accepted' then r.expires_at",
        "",
    ),
    "one more is told in a day": ("wingman.tell", "l.place_of_day <= _limit", "l.place_of_day <= _limit + 1"),
    "it is said each time that there was more": ("wingman.tell", " and not l.is_summed_up", ""),
    "nobody is told that there was more": ("wingman.tell", "l.place_of_day = l.most + 1", "false"),
    "a lower limit hides that there was more": (
        "wingman.tell",
        "greatest(_limit, g.told) as most",
        "_limit as most",
    ),
    "the day of a limit does not end": (
        "wingman.tell",
        "and w.created_at > statement_timestamp() - _day",
        "",
    ),
    "the limit is that of all together": (
        "wingman.tell",
        """
                and m.user1_id = least(n.user_id, n.other_id)
                and m.user2_id = greatest(n.user_id, n.other_id)""",
        "",
    ),
    "what would have been due is planned": (
        "wingman.plan_reminders",
        "and r.due_at > plan_reminders.since",
        "",
    ),
    "a new time is not planned": ("wingman.fill_inboxes", "'session_moved', ", ""),
    "an old time reminds": ("wingman.notices_due", " and s.scheduled_time = r.about", ""),
    "a cancelled session reminds": ("wingman.notices_due", " and s.is_active", ""),
    "both late reminders are told": (
        "wingman.notices_due",
        "where o.kind = r.kind and o.session_id = r.session_id and o.about = r.about and o.due_at > r.due_at",
        "where false",
    ),
    "who has not agreed is reminded to come": (
        "wingman.notices_due",
        "when 'session_reminder' then wingman.has_committed(s, o.id)",
        "when 'session_reminder' then true",
    ),
    "who has agreed is asked to": (
        "wingman.notices_due",
        "s.proposed_by is not null and not wingman.has_committed(s, o.id)",
        "true",
    ),
    "who has confirmed is asked to": (
        "wingman.notices_due",
        "not wingman.has_confirmed(s, o.id) and not s.no_show_reported",
        "not s.no_show_reported",
    ),
    "who waited in vain is asked to confirm": (
        "wingman.notices_due",
        "not wingman.has_confirmed(s, o.id) and not s.no_show_reported",
        "not wingman.has_confirmed(s, o.id)",
    ),
    "who has accepted is asked to": (
        "wingman.notices_due",
        "and u.id is distinct from m.first_accepted_by",
        "",
    ),
    "an answered match is about to expire": ("wingman.notices_due", " and m.status = 'pending'", ""),
    "a reminder comes when it is too late": (
        "wingman.notices_due",
        "where coalesce(u.useful_until > statement_timestamp(), true)",
        "where true",
    ),
    "one marks the inbox of others as well": (
        "wingman.mark_notifications_read",
        "w.user_id = _me and ",
        "",
    ),
    "the last one marked stays unread": (
        "wingman.mark_notifications_read",
        "w.id <= mark_notifications_read.up_to",
        "w.id < mark_notifications_read.up_to",
    ),
    "what was read is read anew": ("wingman.mark_notifications_read", " and w.read_at is null", ""),
    "a page of the inbox begins with the last one seen": (
        "wingman.list_notifications",
        "w.id < list_notifications.before",
        "w.id <= list_notifications.before",
    ),
    "what was read is listed as unread": (
        "wingman.list_notifications",
        "not list_notifications.unread_only or w.read_at is null",
        "true",
    ),
    "what is past its use is counted": (
        "wingman.count_unread",
        "w.useful_until is null or w.useful_until > statement_timestamp()",
        "true",
    ),
    "the inbox names old partners": ("wingman.notifications_of", "and p.id = any(_partners)", ""),
    "who leaves stays a partner": (
        "wingman.settle_departure",
        "perform wingman.end_accepted_match(_match.id, _me)",
        "null",
    ),
}


def test_every_rule_can_still_be_broken(db: Connection) -> None:
    breaks = {name: partial(break_function, db, *rule) for name, rule in BROKEN_RULES.items()}
    assert not_breakable(db, breaks) == {}


@pytest.mark.long
@pytest.mark.parametrize("rule", BROKEN_RULES)
def test_the_thorough_run_finds_a_broken_rule(rule: str, db: Connection, connect: Connect) -> None:
    break_function(db, *BROKEN_RULES[rule])
    reality = Reality(db, connect(), connect(user=OPERATOR))
    effort = settings(THOROUGH, phases=[Phase.generate], print_blob=False)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(lambda: WingmanMachine(reality, set(), set()), settings=effort)
