-- refuse to lose the rows of wingman.idempotency_keys
lock table wingman.idempotency_keys in access exclusive mode;
do $$ begin
    if exists (select from wingman.idempotency_keys) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.idempotency_keys',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.rate_limits
lock table wingman.rate_limits in access exclusive mode;
do $$ begin
    if exists (select from wingman.rate_limits) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.rate_limits',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.events
lock table wingman.events in access exclusive mode;
do $$ begin
    if exists (select from wingman.events) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.events',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.events_default
lock table wingman.events_default in access exclusive mode;
do $$ begin
    if exists (select from wingman.events_default) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.events_default',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of public.user_profiles
lock table public.user_profiles in access exclusive mode;
do $$ begin
    if exists (select from public.user_profiles) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.user_profiles',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of public.user_locations
lock table public.user_locations in access exclusive mode;
do $$ begin
    if exists (select from public.user_locations) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.user_locations',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of public.user_blocks
lock table public.user_blocks in access exclusive mode;
do $$ begin
    if exists (select from public.user_blocks) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.user_blocks',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.user_reports
lock table wingman.user_reports in access exclusive mode;
do $$ begin
    if exists (select from wingman.user_reports) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.user_reports',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.occupied_cells
lock table wingman.occupied_cells in access exclusive mode;
do $$ begin
    if exists (select from wingman.occupied_cells) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.occupied_cells',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.matchmaking_pool
lock table wingman.matchmaking_pool in access exclusive mode;
do $$ begin
    if exists (select from wingman.matchmaking_pool) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.matchmaking_pool',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of public.wingman_matches
lock table public.wingman_matches in access exclusive mode;
do $$ begin
    if exists (select from public.wingman_matches) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.wingman_matches',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.match_searches
lock table wingman.match_searches in access exclusive mode;
do $$ begin
    if exists (select from wingman.match_searches) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.match_searches',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of public.wingman_sessions
lock table public.wingman_sessions in access exclusive mode;
do $$ begin
    if exists (select from public.wingman_sessions) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of public.wingman_sessions',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.session_decisions
lock table wingman.session_decisions in access exclusive mode;
do $$ begin
    if exists (select from wingman.session_decisions) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.session_decisions',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- refuse to lose the rows of wingman.reputation_events
lock table wingman.reputation_events in access exclusive mode;
do $$ begin
    if exists (select from wingman.reputation_events) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.reputation_events',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;

-- file: sql/api/report_user.sql
drop function public.report_user(uuid, text, uuid, text);

-- file: sql/api/unblock_user.sql
drop function public.unblock_user(uuid, uuid, text);

-- file: sql/api/block_user.sql
drop function public.block_user(uuid, uuid, text);

-- file: sql/api/get_reputation.sql
drop function public.get_reputation(uuid, uuid);

-- file: sql/api/list_sessions.sql
drop function public.list_sessions(text, uuid, integer, uuid);

-- file: sql/api/get_session.sql
drop function public.get_session(uuid, uuid);

-- file: sql/api/confirm_session_completion.sql
drop function public.confirm_session_completion(uuid, uuid, uuid, text);

-- file: sql/api/cancel_session.sql
drop function public.cancel_session(uuid, text, uuid, text);

-- file: sql/api/start_session.sql
drop function public.start_session(uuid, uuid, text);

-- file: sql/api/create_session.sql
drop function public.create_session(uuid, timestamptz, text, text, uuid, text);

-- file: sql/api/why_no_match.sql
drop function public.why_no_match(integer, uuid);

-- file: sql/api/explain_match.sql
drop function public.explain_match(uuid, uuid);

-- file: sql/api/resume_matching.sql
drop function public.resume_matching(uuid, text);

-- file: sql/api/pause_matching.sql
drop function public.pause_matching(uuid, text);

-- file: sql/api/get_match_history.sql
drop function public.get_match_history(uuid, uuid);

-- file: sql/api/list_matches.sql
drop function public.list_matches(text, uuid, integer, uuid);

-- file: sql/api/get_match.sql
drop function public.get_match(uuid, uuid);

-- file: sql/api/end_match.sql
drop function public.end_match(uuid, uuid, text);

-- file: sql/api/respond_to_match.sql
drop function public.respond_to_match(uuid, text, uuid, text);

-- file: sql/api/create_automatic_match.sql
drop function public.create_automatic_match(integer, uuid, text);

-- file: sql/api/get_profile.sql
drop function public.get_profile(uuid);

-- file: sql/api/complete_profile.sql
drop function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
);

-- file: sql/admin/metrics.sql
drop view wingman_admin.metrics;

-- file: sql/admin/overdue_sessions.sql
drop view wingman_admin.overdue_sessions;

-- file: sql/admin/open_matches_and_sessions.sql
drop view wingman_admin.open_matches_and_sessions;

-- file: sql/admin/waiting_seekers.sql
drop view wingman_admin.waiting_seekers;

-- file: sql/admin/match_funnel.sql
drop view wingman_admin.match_funnel;

-- file: sql/admin/reputation_distribution.sql
drop view wingman_admin.reputation_distribution;

-- file: sql/admin/completion_rate_by_day.sql
drop view wingman_admin.completion_rate_by_day;

-- file: sql/admin/reconcile_reputation.sql
drop function wingman_admin.reconcile_reputation(boolean);

-- file: sql/admin/revert_completion.sql
drop function wingman_admin.revert_completion(uuid, text);

-- file: sql/admin/mark_no_show.sql
drop function wingman_admin.mark_no_show(uuid, uuid, text);

-- file: sql/admin/session_decisions.sql
drop view wingman_admin.session_decisions;

-- file: sql/admin/why_no_match.sql
drop function wingman_admin.why_no_match(uuid, integer);

-- file: sql/admin/match_explanations.sql
drop view wingman_admin.match_explanations;

-- file: sql/admin/audit_log.sql
drop view wingman_admin.audit_log;

-- file: sql/admin/remove_reader.sql
drop function wingman_admin.remove_reader(text);

-- file: sql/admin/readers.sql
drop view wingman_admin.readers;

-- file: sql/admin/user_reports.sql
drop view wingman_admin.user_reports;

-- file: sql/admin/schema.sql
drop schema wingman_admin;

-- file: sql/maintenance/run_maintenance.sql
drop function wingman.run_maintenance(integer);

-- file: sql/maintenance/maintenance.sql
drop type wingman.maintenance;

-- file: sql/safety/report_user.sql
drop function wingman.report_user(uuid, text, uuid, text);

-- file: sql/safety/unblock_user.sql
drop function wingman.unblock_user(uuid, uuid, text);

-- file: sql/safety/block_user.sql
drop function wingman.block_user(uuid, uuid, text);

-- file: sql/safety/separate_pair.sql
drop function wingman.separate_pair(uuid, uuid);

-- file: sql/reputation/get_reputation.sql
drop function wingman.get_reputation(uuid, uuid);

-- file: sql/sessions/list_sessions.sql
drop function wingman.list_sessions(text, uuid, integer, uuid);

-- file: sql/sessions/get_session.sql
drop function wingman.get_session(uuid, uuid);

-- file: sql/sessions/confirm_session_completion.sql
drop function wingman.confirm_session_completion(uuid, uuid, uuid, text);

-- file: sql/sessions/cancel_session.sql
drop function wingman.cancel_session(uuid, text, uuid, text);

-- file: sql/sessions/start_session.sql
drop function wingman.start_session(uuid, uuid, text);

-- file: sql/sessions/create_session.sql
drop function wingman.create_session(uuid, timestamptz, text, text, uuid, text);

-- file: sql/matching/explain/why_no_match.sql
drop function wingman.why_no_match(integer, uuid);

-- file: sql/matching/explain/explain_match.sql
drop function wingman.explain_match(uuid, uuid);

-- file: sql/matching/pool/resume_matching.sql
drop function wingman.resume_matching(uuid, text);

-- file: sql/matching/pool/pause_matching.sql
drop function wingman.pause_matching(uuid, text);

-- file: sql/matching/matches/get_match_history.sql
drop function wingman.get_match_history(uuid, uuid);

-- file: sql/matching/matches/list_matches.sql
drop function wingman.list_matches(text, uuid, integer, uuid);

-- file: sql/matching/matches/get_match.sql
drop function wingman.get_match(uuid, uuid);

-- file: sql/matching/matches/end_match.sql
drop function wingman.end_match(uuid, uuid, text);

-- file: sql/matching/matches/respond_to_match.sql
drop function wingman.respond_to_match(uuid, text, uuid, text);

-- file: sql/matching/search/create_automatic_match.sql
drop function wingman.create_automatic_match(integer, uuid, text);

-- file: sql/profiles/get_profile.sql
drop function wingman.get_profile(uuid);

-- file: sql/profiles/complete_profile.sql
drop function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid, text
);

-- file: sql/journal/history_start.sql
drop function wingman.history_start();

-- file: sql/journal/count_reputation_events.sql
drop function wingman.count_reputation_events(integer);

-- file: sql/journal/count_events.sql
drop function wingman.count_events(integer);

-- file: sql/journal/reputation_counts.sql
drop function wingman.reputation_counts();

-- file: sql/journal/match_counts.sql
drop function wingman.match_counts();

-- file: sql/journal/outcome_counts.sql
drop function wingman.outcome_counts(timestamptz);

-- file: sql/journal/session_counts.sql
drop function wingman.session_counts(timestamptz);

-- file: sql/journal/reputation_changes.sql
drop function wingman.reputation_changes(wingman.reputation_events[]);

-- file: sql/journal/match_changes.sql
drop function wingman.match_changes(wingman.match_progress[]);

-- file: sql/journal/match_progress_after.sql
drop function wingman.match_progress_after(wingman.events[]);

-- file: sql/journal/session_changes.sql
drop function wingman.session_changes(wingman.events[]);

-- file: sql/journal/session_outcome.sql
drop function wingman.session_outcome(text, boolean);

-- file: sql/journal/reputation_statistics.sql
drop table wingman.reputation_statistics;

-- file: sql/journal/match_statistics.sql
drop table wingman.match_statistics;

-- file: sql/journal/match_progress.sql
drop table wingman.match_progress;

-- file: sql/journal/outcome_statistics.sql
drop table wingman.outcome_statistics;

-- file: sql/journal/session_statistics.sql
drop table wingman.session_statistics;

-- file: sql/journal/read_reputation_events.sql
drop function wingman.read_reputation_events(text, integer);

-- file: sql/journal/read_events.sql
drop function wingman.read_events(text, integer);

-- file: sql/journal/move_reader.sql
drop function wingman.move_reader(wingman.readers);

-- file: sql/journal/lock_reader.sql
drop function wingman.lock_reader(text, text);

-- file: sql/journal/reader_lags.sql
drop function wingman.reader_lags();

-- file: sql/journal/reader_lag.sql
drop function wingman.reader_lag(text);

-- file: sql/journal/is_read_by_all.sql
drop function wingman.is_read_by_all(timestamptz, timestamptz);

-- file: sql/journal/has_unread.sql
drop function wingman.has_unread(text);

-- file: sql/journal/unread_reputation_events.sql
drop function wingman.unread_reputation_events(text, bigint);

-- file: sql/journal/unread_events.sql
drop function wingman.unread_events(text, timestamptz, timestamptz, bigint);

-- file: sql/journal/open_reader.sql
drop function wingman.open_reader(text, text, boolean);

-- file: sql/journal/reader_backlogs.sql
drop table wingman.reader_backlogs;

-- file: sql/journal/readers.sql
drop table wingman.readers;

-- file: sql/journal/is_unread.sql
drop function wingman.is_unread(xid8, bigint, pg_snapshot, pg_snapshot, xid8, bigint, bigint);

-- file: sql/journal/finished_between.sql
drop function wingman.finished_between(pg_snapshot, pg_snapshot);

-- file: sql/journal/is_of_another_cluster.sql
drop function wingman.is_of_another_cluster(bigint, pg_snapshot);

-- file: sql/journal/reader_snapshot.sql
drop function wingman.reader_snapshot();

-- file: sql/journal/last_id_of.sql
drop function wingman.last_id_of(text);

-- file: sql/journal/cluster_id.sql
drop function wingman.cluster_id();

-- file: sql/journal/drop_event_partitions.sql
drop function wingman.drop_event_partitions();

-- file: sql/journal/make_event_partitions.sql
drop function wingman.make_event_partitions();

-- file: sql/journal/tg_settings__journal.sql
drop trigger refuse_truncate on wingman.settings;
drop trigger journal on wingman.settings;
drop function wingman.tg_settings__journal();

-- file: sql/journal/tg_matchmaking_pool__journal.sql
drop trigger refuse_truncate on wingman.matchmaking_pool;
drop trigger journal on wingman.matchmaking_pool;
drop function wingman.tg_matchmaking_pool__journal();

-- file: sql/journal/tg_user_blocks__journal.sql
drop trigger refuse_truncate on public.user_blocks;
drop trigger journal on public.user_blocks;
drop function wingman.tg_user_blocks__journal();

-- file: sql/journal/tg_user_profiles__journal.sql
drop trigger refuse_truncate on public.user_profiles;
drop trigger journal on public.user_profiles;
drop function wingman.tg_user_profiles__journal();

-- file: sql/journal/tg_wingman_sessions__journal_insert.sql
drop trigger journal_insert on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__journal_insert();

-- file: sql/journal/tg_wingman_sessions__journal.sql
drop trigger refuse_truncate on public.wingman_sessions;
drop trigger journal on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__journal();

-- file: sql/journal/tg_wingman_matches__journal_insert.sql
drop trigger journal_insert on public.wingman_matches;
drop function wingman.tg_wingman_matches__journal_insert();

-- file: sql/journal/tg_wingman_matches__journal.sql
drop trigger refuse_truncate on public.wingman_matches;
drop trigger journal on public.wingman_matches;
drop function wingman.tg_wingman_matches__journal();

-- file: sql/journal/change_by_hand.sql
drop function wingman.change_by_hand(jsonb, jsonb);

-- file: sql/journal/session_state.sql
drop function wingman.session_state(text, timestamptz, boolean, boolean, uuid, timestamptz);

-- file: sql/journal/match_state.sql
drop function wingman.match_state(text, uuid, timestamptz, timestamptz);

-- file: sql/safety/policies.sql
drop policy operators on public.user_blocks;
drop policy own on public.user_blocks;

-- file: sql/sessions/policies.sql
drop policy operators on public.wingman_sessions;
drop policy participant on public.wingman_sessions;

-- file: sql/matching/matches/policies.sql
drop policy operators on public.wingman_matches;
drop policy participant on public.wingman_matches;

-- file: sql/profiles/policies.sql
drop policy own on public.user_locations;
drop policy operators on public.user_profiles;
drop policy own_or_partner on public.user_profiles;

-- file: sql/reputation/record_reputation.sql
drop function wingman.record_reputation(uuid, text, uuid, uuid, boolean);

-- file: sql/reputation/reputation_differences.sql
drop view wingman.reputation_differences;

-- file: sql/reputation/badge_color.sql
drop function wingman.badge_color(integer);

-- file: sql/reputation/reputation.sql
drop type public.reputation;

-- file: sql/reputation/reputation_events.sql
drop trigger refuse_truncate on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop table wingman.reputation_events;
drop sequence wingman.reputation_events_id_seq;

-- file: sql/reputation/reputation_score.sql
drop function wingman.reputation_score(integer, integer);

-- file: sql/reputation/counts_completions.sql
drop function wingman.counts_completions(text);

-- file: sql/reputation/reputation_delta.sql
drop function wingman.reputation_delta(text);

-- file: sql/matching/matches/tg_user_profiles__depart.sql
drop trigger settle_departure on public.user_profiles;
drop function wingman.tg_user_profiles__depart();

-- file: sql/matching/matches/tg_wingman_matches__track.sql
drop trigger track_match on public.wingman_matches;
drop function wingman.tg_wingman_matches__track();

-- file: sql/matching/matches/tg_wingman_matches__track_insert.sql
drop trigger track_insert on public.wingman_matches;
drop function wingman.tg_wingman_matches__track_insert();

-- file: sql/matching/matches/tg_wingman_matches__guard_rest.sql
drop trigger guard_rest on public.wingman_matches;
drop function wingman.tg_wingman_matches__guard_rest();

-- file: sql/matching/matches/tg_wingman_matches__guard_insert.sql
drop trigger guard_insert on public.wingman_matches;
drop function wingman.tg_wingman_matches__guard_insert();

-- file: sql/matching/matches/tg_wingman_matches__guard.sql
drop trigger guard_match on public.wingman_matches;
drop function wingman.tg_wingman_matches__guard();

-- file: sql/matching/pool/tg_user_profiles__level.sql
drop trigger level_seeker on public.user_profiles;
drop function wingman.tg_user_profiles__level();

-- file: sql/matching/pool/tg_user_locations__unplace.sql
drop trigger unplace_seeker on public.user_locations;
drop function wingman.tg_user_locations__unplace();

-- file: sql/matching/pool/tg_user_locations__place.sql
drop trigger place_seeker on public.user_locations;
drop function wingman.tg_user_locations__place();

-- file: sql/matching/pool/tg_matchmaking_pool__vacate_cell.sql
drop trigger vacate_old_cell on wingman.matchmaking_pool;
drop trigger vacate_cell on wingman.matchmaking_pool;
drop function wingman.tg_matchmaking_pool__vacate_cell();

-- file: sql/matching/pool/tg_matchmaking_pool__occupy_cell.sql
drop trigger occupy_new_cell on wingman.matchmaking_pool;
drop trigger occupy_cell on wingman.matchmaking_pool;
drop function wingman.tg_matchmaking_pool__occupy_cell();

-- file: sql/matching/pool/tg_matchmaking_pool__refuse_other_writers.sql
drop trigger guard_pending_match on wingman.matchmaking_pool;
drop function wingman.tg_matchmaking_pool__refuse_other_writers();

-- file: sql/matching/pool/tg_matchmaking_pool__guard.sql
drop trigger guard_old_seeker on wingman.matchmaking_pool;
drop trigger guard_new_seeker on wingman.matchmaking_pool;
drop function wingman.tg_matchmaking_pool__guard();

-- file: sql/sessions/tg_wingman_sessions__keep.sql
drop trigger keep on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__keep();

-- file: sql/sessions/cancel_active_session.sql
drop function wingman.cancel_active_session(uuid, uuid, text);

-- file: sql/sessions/refuse_confirmation.sql
drop function wingman.refuse_confirmation(uuid, uuid, uuid);

-- file: sql/sessions/confirmation_obstacle.sql
drop function wingman.confirmation_obstacle(uuid, uuid, boolean, boolean, text, timestamptz, uuid, uuid);

-- file: sql/sessions/refuse_session_change.sql
drop function wingman.refuse_session_change(uuid, text, uuid);

-- file: sql/sessions/refuse_new_session.sql
drop function wingman.refuse_new_session(uuid, timestamptz, text, text, uuid);

-- file: sql/sessions/new_session_violation.sql
drop function wingman.new_session_violation(uuid, timestamptz, text, text, interval);

-- file: sql/sessions/schedule_violation.sql
drop function wingman.schedule_violation(timestamptz, interval);

-- file: sql/sessions/session_details_of.sql
drop function wingman.session_details_of(public.wingman_sessions, uuid);

-- file: sql/sessions/lock_session.sql
drop function wingman.lock_session(uuid);

-- file: sql/sessions/session_buddy.sql
drop function wingman.session_buddy(uuid, uuid);

-- file: sql/sessions/tg_wingman_sessions__guard_cancellation.sql
drop trigger guard_cancellation on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__guard_cancellation();

-- file: sql/sessions/tg_wingman_sessions__guard_insert.sql
drop trigger guard_insert on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__guard_insert();

-- file: sql/sessions/tg_wingman_sessions__guard_rest.sql
drop trigger guard_rest on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__guard_rest();

-- file: sql/sessions/tg_wingman_sessions__guard.sql
drop trigger guard_session on public.wingman_sessions;
drop function wingman.tg_wingman_sessions__guard();

-- file: sql/sessions/session_confirmation.sql
drop type public.session_confirmation;

-- file: sql/sessions/session_details.sql
drop type public.session_details;

-- file: sql/sessions/session_decisions.sql
drop trigger refuse_truncate on wingman.session_decisions;
drop trigger refuse_change on wingman.session_decisions;
drop table wingman.session_decisions;

-- file: sql/sessions/decision_violation.sql
drop function wingman.decision_violation(text);

-- file: sql/sessions/wingman_sessions.sql
drop index public.wingman_sessions_one_active_idx;
drop index public.wingman_sessions_match_idx;
drop table public.wingman_sessions;

-- file: sql/sessions/is_active_session.sql
drop function wingman.is_active_session(text);

-- file: sql/sessions/session_violation.sql
drop function wingman.session_violation(text, text, text);

-- file: sql/matching/explain/match_suggestions.sql
drop function wingman.match_suggestions(wingman.matchmaking_pool, integer, public.people_count[]);

-- file: sql/matching/explain/coarse_count.sql
drop function wingman.coarse_count(bigint);

-- file: sql/matching/explain/obstacles_near.sql
drop function wingman.obstacles_near(uuid, integer);

-- file: sql/matching/explain/no_match_explanation.sql
drop type public.no_match_explanation;

-- file: sql/matching/explain/people_count.sql
drop type public.people_count;

-- file: sql/matching/explain/match_explanation.sql
drop type public.match_explanation;

-- file: sql/matching/explain/match_rule.sql
drop type public.match_rule;

-- file: sql/matching/explain/matching_rules.sql
drop function wingman.matching_rules();

-- file: sql/matching/search/offer_next_match.sql
drop function wingman.offer_next_match(uuid, wingman.search_terms);

-- file: sql/matching/search/match_nearest.sql
drop function wingman.match_nearest(wingman.matchmaking_pool, integer, boolean, wingman.search_terms);

-- file: sql/matching/search/create_match.sql
drop function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_terms
);

-- file: sql/matching/search/find_candidate.sql
drop function wingman.find_candidate(wingman.matchmaking_pool, integer, wingman.search_terms, uuid[]);

-- file: sql/matching/search/holds_another_row.sql
drop function wingman.holds_another_row(uuid, integer, integer);

-- file: sql/matching/search/lock_first_in_own_cell.sql
drop function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_terms);

-- file: sql/matching/search/first_in_cell.sql
drop function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_terms, uuid[]
);

-- file: sql/matching/search/cells_near.sql
drop function wingman.cells_near(integer, integer, integer, integer);

-- file: sql/matching/search/match_obstacle.sql
drop function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
);

-- file: sql/matching/search/candidate_obstacle.sql
drop function wingman.candidate_obstacle(
    boolean, boolean, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
);

-- file: sql/matching/search/recent_exposures.sql
drop function wingman.recent_exposures(timestamptz[], interval);

-- file: sql/matching/search/level_tolerance.sql
drop function wingman.level_tolerance(timestamptz, timestamptz, interval);

-- file: sql/matching/search/search_outcome.sql
drop type wingman.search_outcome;

-- file: sql/matching/search/found_candidate.sql
drop type wingman.found_candidate;

-- file: sql/matching/search/candidate.sql
drop type wingman.candidate;

-- file: sql/matching/search/search_terms.sql
drop view wingman.search_terms;

-- file: sql/matching/search/pair_obstacle.sql
drop function wingman.pair_obstacle(uuid, uuid, interval);

-- file: sql/matching/search/automatic_match.sql
drop type public.automatic_match;

-- file: sql/matching/search/match_searches.sql
drop table wingman.match_searches;

-- file: sql/matching/search/shown_miles.sql
drop function wingman.shown_miles(double precision);

-- file: sql/matching/search/distance_miles.sql
drop function wingman.distance_miles(integer, integer, integer, integer);

-- file: sql/matching/matches/leave_pending_match.sql
drop function wingman.leave_pending_match(uuid);

-- file: sql/matching/matches/end_accepted_match.sql
drop function wingman.end_accepted_match(uuid, uuid);

-- file: sql/matching/matches/match_details_of.sql
drop function wingman.match_details_of(uuid, uuid);

-- file: sql/matching/matches/refuse_response.sql
drop function wingman.refuse_response(uuid, text, text, uuid);

-- file: sql/matching/matches/settle_due_matches.sql
drop function wingman.settle_due_matches(integer);

-- file: sql/matching/matches/expire_match.sql
drop function wingman.expire_match(uuid);

-- file: sql/matching/matches/decline_match.sql
drop function wingman.decline_match(uuid, uuid);

-- file: sql/matching/matches/pending_offer.sql
drop function wingman.pending_offer(uuid);

-- file: sql/matching/matches/offer.sql
drop type wingman.offer;

-- file: sql/matching/matches/lock_match.sql
drop function wingman.lock_match(uuid);

-- file: sql/matching/matches/partner_ids.sql
drop function wingman.partner_ids();

-- file: sql/matching/matches/partners_of.sql
drop function wingman.partners_of(uuid);

-- file: sql/matching/matches/match_buddy.sql
drop function wingman.match_buddy(uuid, uuid);

-- file: sql/matching/matches/is_current_match.sql
drop function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz);

-- file: sql/matching/matches/match_status_at.sql
drop function wingman.match_status_at(text, timestamptz, timestamptz);

-- file: sql/matching/matches/match_event.sql
drop type public.match_event;

-- file: sql/matching/matches/match_details.sql
drop type public.match_details;

-- file: sql/matching/matches/match_response.sql
drop type public.match_response;

-- file: sql/matching/matches/next_match.sql
drop type public.next_match;

-- file: sql/matching/matches/wingman_matches.sql
drop index public.wingman_matches_pair_idx;
drop index public.wingman_matches_user2_idx;
drop index public.wingman_matches_user1_idx;
drop table public.wingman_matches;

-- file: sql/matching/pool/end_automatic_pause.sql
drop function wingman.end_automatic_pause(uuid);

-- file: sql/matching/pool/lock_seekers.sql
drop function wingman.lock_seekers(uuid, uuid);

-- file: sql/matching/pool/due_matches.sql
drop view wingman.due_matches;

-- file: sql/matching/pool/matchmaking_pool.sql
drop index wingman.matchmaking_pool_due_idx;
drop index wingman.matchmaking_pool_cell_idx;
drop table wingman.matchmaking_pool;

-- file: sql/matching/pool/occupied_cells.sql
drop table wingman.occupied_cells;

-- file: sql/matching/pool/snap_to_grid.sql
drop function wingman.snap_to_grid(double precision, text);

-- file: sql/safety/require_subject.sql
drop function wingman.require_subject(uuid, uuid);

-- file: sql/safety/user_reports.sql
drop index wingman.user_reports_subject_idx;
drop table wingman.user_reports;

-- file: sql/safety/report_violation.sql
drop function wingman.report_violation(text);

-- file: sql/safety/user_blocks.sql
drop index public.user_blocks_blocked_idx;
drop table public.user_blocks;

-- file: sql/profiles/profile_details_of.sql
drop function wingman.profile_details_of(uuid);

-- file: sql/profiles/buddy_profile_of.sql
drop function wingman.buddy_profile_of(uuid);

-- file: sql/profiles/require_profile.sql
drop function wingman.require_profile(uuid, boolean);

-- file: sql/profiles/profile_details.sql
drop type public.profile_details;

-- file: sql/profiles/buddy_profile.sql
drop type public.buddy_profile;

-- file: sql/profiles/tg_user_profiles__guard.sql
drop trigger guard_profile on public.user_profiles;
drop function wingman.tg_user_profiles__guard();

-- file: sql/profiles/user_locations.sql
drop trigger set_updated_at on public.user_locations;
drop table public.user_locations;

-- file: sql/profiles/user_profiles_id_fkey.sql
alter table public.user_profiles drop constraint user_profiles_id_fkey;

-- file: sql/profiles/user_profiles.sql
drop table public.user_profiles;

-- file: sql/profiles/location_violation.sql
drop function wingman.location_violation(double precision, double precision, text, text, integer);

-- file: sql/profiles/profile_violation.sql
drop function wingman.profile_violation(text, text, text, text, text);

-- file: sql/profiles/is_valid_radius.sql
drop function wingman.is_valid_radius(integer);

-- file: sql/profiles/experience_rank.sql
drop function wingman.experience_rank(text);

-- file: sql/journal/events_default.sql
drop trigger refuse_truncate on wingman.events_default;
drop table wingman.events_default;

-- file: sql/journal/events.sql
drop trigger refuse_truncate on wingman.events;
drop trigger refuse_change on wingman.events;
drop index wingman.events_match_idx;
drop table wingman.events;
drop sequence wingman.events_id_seq;

-- file: sql/journal/tg_any__refuse_truncate.sql
drop function wingman.tg_any__refuse_truncate();

-- file: sql/journal/tg_any__refuse_change.sql
drop function wingman.tg_any__refuse_change();

-- file: sql/journal/event_source.sql
drop function wingman.event_source();

-- file: sql/journal/direct_source.sql
drop function wingman.direct_source();

-- file: sql/journal/event_kinds.sql
drop function wingman.event_kinds();

-- file: sql/guards/consume_rate_limit.sql
drop function wingman.consume_rate_limit(uuid, text, interval, interval);

-- file: sql/guards/end_call.sql
drop function wingman.end_call(wingman.guarded_call, anyelement);

-- file: sql/guards/begin_call.sql
drop function wingman.begin_call(text, uuid, text, record);

-- file: sql/guards/end_operation.sql
drop function wingman.end_operation();

-- file: sql/guards/begin_operation.sql
drop function wingman.begin_operation(text);

-- file: sql/guards/mark_replay.sql
drop function wingman.mark_replay(boolean);

-- file: sql/guards/call_key.sql
drop function wingman.call_key(text);

-- file: sql/guards/request_header.sql
drop function wingman.request_header(text);

-- file: sql/guards/call_part.sql
drop function wingman.call_part(integer);

-- file: sql/guards/guarded_call.sql
drop type wingman.guarded_call;

-- file: sql/guards/rate_limit.sql
drop type wingman.rate_limit;

-- file: sql/guards/rate_limits.sql
drop table wingman.rate_limits;

-- file: sql/guards/idempotency_keys.sql
drop index wingman.idempotency_keys_created_idx;
drop table wingman.idempotency_keys;

-- file: sql/kernel/acting_user_id.sql
drop function wingman.acting_user_id(uuid, boolean);

-- file: sql/kernel/write_obstacle.sql
drop function wingman.write_obstacle();

-- file: sql/kernel/current_user_id.sql
drop function wingman.current_user_id();

-- file: sql/kernel/caller_role.sql
drop function wingman.caller_role();

-- file: sql/kernel/tg_any__set_updated_at.sql
drop function wingman.tg_any__set_updated_at();

-- file: sql/kernel/utc_text.sql
drop function wingman.utc_text(timestamptz);

-- file: sql/kernel/first_id_at.sql
drop function wingman.first_id_at(timestamptz);

-- file: sql/kernel/new_id.sql
drop function wingman.new_id();

-- file: sql/kernel/settings.sql
drop table wingman.settings;

-- file: sql/kernel/is_clock_interval.sql
drop function wingman.is_clock_interval(interval, interval, interval);

-- file: sql/kernel/check_page.sql
drop function wingman.check_page(integer);

-- file: sql/kernel/acknowledgement.sql
drop type public.acknowledgement;

-- file: sql/kernel/refuse_violation.sql
drop function wingman.refuse_violation(wingman.violation);

-- file: sql/kernel/violation.sql
drop type wingman.violation;

-- file: sql/kernel/require_argument.sql
drop function wingman.require_argument(text, boolean);

-- file: sql/kernel/raise_error.sql
drop function wingman.raise_error(text, jsonb);

-- file: sql/kernel/fill_in.sql
drop function wingman.fill_in(text, jsonb);

-- file: sql/kernel/error_catalogue.sql
drop function wingman.error_catalogue();
