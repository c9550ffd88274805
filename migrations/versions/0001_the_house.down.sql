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

-- refuse to lose the rows of wingman.match_seekers
lock table wingman.match_seekers in access exclusive mode;
do $$ begin
    if exists (select from wingman.match_seekers) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of wingman.match_seekers',
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

-- file: sql/api/get_reputation.sql
drop function public.get_reputation(uuid, uuid);

-- file: sql/api/list_sessions.sql
drop function public.list_sessions(text, uuid, integer, uuid);

-- file: sql/api/get_session.sql
drop function public.get_session(uuid, uuid);

-- file: sql/api/confirm_session_completion.sql
drop function public.confirm_session_completion(uuid, uuid, uuid);

-- file: sql/api/cancel_session.sql
drop function public.cancel_session(uuid, text, uuid);

-- file: sql/api/start_session.sql
drop function public.start_session(uuid, uuid);

-- file: sql/api/create_session.sql
drop function public.create_session(uuid, timestamptz, text, text, uuid);

-- file: sql/api/list_matches.sql
drop function public.list_matches(text, uuid, integer, uuid);

-- file: sql/api/get_match.sql
drop function public.get_match(uuid, uuid);

-- file: sql/api/end_match.sql
drop function public.end_match(uuid, uuid);

-- file: sql/api/respond_to_match.sql
drop function public.respond_to_match(uuid, text, uuid);

-- file: sql/api/create_automatic_match.sql
drop function public.create_automatic_match(integer, uuid);

-- file: sql/api/get_profile.sql
drop function public.get_profile(uuid);

-- file: sql/api/complete_profile.sql
drop function public.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
);

-- file: sql/reputation/get_reputation.sql
drop function wingman.get_reputation(uuid, uuid);

-- file: sql/sessions/list_sessions.sql
drop function wingman.list_sessions(text, uuid, integer, uuid);

-- file: sql/sessions/get_session.sql
drop function wingman.get_session(uuid, uuid);

-- file: sql/sessions/confirm_session_completion.sql
drop function wingman.confirm_session_completion(uuid, uuid, uuid);

-- file: sql/sessions/cancel_session.sql
drop function wingman.cancel_session(uuid, text, uuid);

-- file: sql/sessions/start_session.sql
drop function wingman.start_session(uuid, uuid);

-- file: sql/sessions/create_session.sql
drop function wingman.create_session(uuid, timestamptz, text, text, uuid);

-- file: sql/matching/list_matches.sql
drop function wingman.list_matches(text, uuid, integer, uuid);

-- file: sql/matching/get_match.sql
drop function wingman.get_match(uuid, uuid);

-- file: sql/matching/end_match.sql
drop function wingman.end_match(uuid, uuid);

-- file: sql/matching/respond_to_match.sql
drop function wingman.respond_to_match(uuid, text, uuid);

-- file: sql/matching/create_automatic_match.sql
drop function wingman.create_automatic_match(integer, uuid);

-- file: sql/profiles/get_profile.sql
drop function wingman.get_profile(uuid);

-- file: sql/profiles/complete_profile.sql
drop function wingman.complete_profile(
    text, text, double precision, double precision, text, text, text, text, integer, text, uuid
);

-- file: sql/profiles/profile_details_of.sql
drop function wingman.profile_details_of(uuid);

-- file: sql/sessions/policies.sql
drop policy operators on public.wingman_sessions;
drop policy participant on public.wingman_sessions;

-- file: sql/matching/policies.sql
drop policy operators on public.wingman_matches;
drop policy participant on public.wingman_matches;

-- file: sql/profiles/policies.sql
drop policy own on public.user_locations;
drop policy operators on public.user_profiles;
drop policy own_or_partner on public.user_profiles;

-- file: sql/reputation/record_completion.sql
drop function wingman.record_completion(uuid, uuid, uuid);

-- file: sql/reputation/triggers.sql
drop trigger refuse_truncate on wingman.reputation_events;
drop trigger refuse_change on wingman.reputation_events;
drop trigger count_event on wingman.reputation_events;

-- file: sql/reputation/count_event.sql
drop function wingman.count_event();

-- file: sql/reputation/refuse_change.sql
drop function wingman.refuse_change();

-- file: sql/reputation/badge_color.sql
drop function wingman.badge_color(integer);

-- file: sql/reputation/reputation.sql
drop type public.reputation;

-- file: sql/reputation/reputation_events.sql
drop index wingman.reputation_events_user_idx;
drop table wingman.reputation_events;

-- file: sql/matching/triggers.sql
drop trigger settle_departure on public.user_profiles;
drop trigger level_seeker on public.user_profiles;
drop trigger unplace_seeker on public.user_locations;
drop trigger place_seeker on public.user_locations;
drop trigger guard_old_seeker on wingman.match_seekers;
drop trigger guard_pending_match on wingman.match_seekers;
drop trigger guard_new_seeker on wingman.match_seekers;
drop trigger track_match_status on public.wingman_matches;
drop trigger track_match on public.wingman_matches;
drop trigger guard_match on public.wingman_matches;

-- file: sql/matching/settle_departure.sql
drop function wingman.settle_departure();

-- file: sql/matching/level_seeker.sql
drop function wingman.level_seeker();

-- file: sql/matching/unplace_seeker.sql
drop function wingman.unplace_seeker();

-- file: sql/matching/place_seeker.sql
drop function wingman.place_seeker();

-- file: sql/matching/guard_seeker.sql
drop function wingman.guard_seeker();

-- file: sql/matching/track_pending_match.sql
drop function wingman.track_pending_match();

-- file: sql/matching/guard_match.sql
drop function wingman.guard_match();

-- file: sql/matching/leave_pending_match.sql
drop function wingman.leave_pending_match(uuid);

-- file: sql/matching/end_accepted_match.sql
drop function wingman.end_accepted_match(uuid, uuid);

-- file: sql/sessions/cancel_active_session.sql
drop function wingman.cancel_active_session(uuid, uuid, text);

-- file: sql/sessions/session_details_of.sql
drop function wingman.session_details_of(uuid, uuid);

-- file: sql/sessions/lock_session.sql
drop function wingman.lock_session(uuid);

-- file: sql/sessions/session_buddy.sql
drop function wingman.session_buddy(uuid, uuid);

-- file: sql/sessions/triggers.sql
drop trigger guard_session on public.wingman_sessions;

-- file: sql/sessions/guard_session.sql
drop function wingman.guard_session();

-- file: sql/sessions/session_confirmation.sql
drop type public.session_confirmation;

-- file: sql/sessions/session_details.sql
drop type public.session_details;

-- file: sql/sessions/wingman_sessions.sql
drop index public.wingman_sessions_one_active_idx;
drop index public.wingman_sessions_match_idx;
drop table public.wingman_sessions;

-- file: sql/sessions/is_active_session.sql
drop function wingman.is_active_session(text);

-- file: sql/sessions/session_violation.sql
drop function wingman.session_violation(text, text, text);

-- file: sql/matching/match_details_of.sql
drop function wingman.match_details_of(uuid, uuid);

-- file: sql/matching/match_response_of.sql
drop function wingman.match_response_of(uuid, text);

-- file: sql/matching/automatic_match_of.sql
drop function wingman.automatic_match_of(uuid, text);

-- file: sql/matching/next_match_of.sql
drop function wingman.next_match_of(uuid);

-- file: sql/matching/match_again.sql
drop function wingman.match_again(uuid);

-- file: sql/matching/match_nearest.sql
drop function wingman.match_nearest(uuid, integer, boolean);

-- file: sql/matching/create_match.sql
drop function wingman.create_match(uuid, uuid, double precision);

-- file: sql/matching/find_candidates.sql
drop function wingman.find_candidates(wingman.match_seekers, integer);

-- file: sql/matching/is_pair_open.sql
drop function wingman.is_pair_open(uuid, uuid);

-- file: sql/matching/settle_due_matches.sql
drop function wingman.settle_due_matches();

-- file: sql/matching/expire_match.sql
drop function wingman.expire_match(uuid);

-- file: sql/matching/decline_match.sql
drop function wingman.decline_match(uuid, uuid);

-- file: sql/matching/accept_match.sql
drop function wingman.accept_match(uuid, uuid);

-- file: sql/matching/lock_pending_match.sql
drop function wingman.lock_pending_match(uuid);

-- file: sql/matching/pending_match_of.sql
drop function wingman.pending_match_of(uuid);

-- file: sql/matching/lock_match.sql
drop function wingman.lock_match(uuid);

-- file: sql/matching/lock_seekers.sql
drop function wingman.lock_seekers(uuid, uuid);

-- file: sql/matching/partner_ids.sql
drop function wingman.partner_ids();

-- file: sql/matching/partners_of.sql
drop function wingman.partners_of(uuid);

-- file: sql/matching/match_buddy.sql
drop function wingman.match_buddy(uuid, uuid);

-- file: sql/matching/is_current_match.sql
drop function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz);

-- file: sql/matching/match_status_at.sql
drop function wingman.match_status_at(text, timestamptz, timestamptz);

-- file: sql/matching/match_details.sql
drop type public.match_details;

-- file: sql/matching/automatic_match.sql
drop type public.automatic_match;

-- file: sql/matching/match_response.sql
drop type public.match_response;

-- file: sql/matching/next_match.sql
drop type public.next_match;

-- file: sql/matching/wingman_matches.sql
drop index public.wingman_matches_due_idx;
drop index public.wingman_matches_pair_idx;
drop index public.wingman_matches_user2_idx;
drop index public.wingman_matches_user1_idx;
drop table public.wingman_matches;

-- file: sql/matching/match_seekers.sql
drop index wingman.match_seekers_free_idx;
drop table wingman.match_seekers;

-- file: sql/matching/snap_to_grid.sql
drop function wingman.snap_to_grid(double precision, text);

-- file: sql/matching/shown_miles.sql
drop function wingman.shown_miles(double precision);

-- file: sql/matching/distance_miles.sql
drop function wingman.distance_miles(integer, integer, integer, integer);

-- file: sql/profiles/buddy_profile_of.sql
drop function wingman.buddy_profile_of(uuid);

-- file: sql/profiles/known_caller_id.sql
drop function wingman.known_caller_id(uuid, boolean);

-- file: sql/profiles/profile_details.sql
drop type public.profile_details;

-- file: sql/profiles/buddy_profile.sql
drop type public.buddy_profile;

-- file: sql/profiles/triggers.sql
drop trigger set_updated_at on public.user_locations;
drop trigger set_updated_at on public.user_profiles;

-- file: sql/profiles/user_locations.sql
drop table public.user_locations;

-- file: sql/profiles/user_profiles_id_fkey.sql
alter table public.user_profiles drop constraint user_profiles_id_fkey;

-- file: sql/profiles/user_profiles.sql
drop index public.user_profiles_completed_sessions_idx;
drop table public.user_profiles;

-- file: sql/profiles/location_violation.sql
drop function wingman.location_violation(double precision, double precision, text, text, integer);

-- file: sql/profiles/profile_violation.sql
drop function wingman.profile_violation(text, text, text, text, text);

-- file: sql/profiles/is_valid_radius.sql
drop function wingman.is_valid_radius(integer);

-- file: sql/profiles/experience_rank.sql
drop function wingman.experience_rank(text);

-- file: sql/kernel/caller_id.sql
drop function wingman.caller_id(uuid);

-- file: sql/kernel/current_user_id.sql
drop function wingman.current_user_id();

-- file: sql/kernel/caller_role.sql
drop function wingman.caller_role();

-- file: sql/kernel/assert_writable.sql
drop function wingman.assert_writable();

-- file: sql/kernel/set_updated_at.sql
drop function wingman.set_updated_at();

-- file: sql/kernel/utc_text.sql
drop function wingman.utc_text(timestamptz);

-- file: sql/kernel/new_id.sql
drop function wingman.new_id();

-- file: sql/kernel/settings.sql
drop table wingman.settings;

-- file: sql/kernel/is_clock_interval.sql
drop function wingman.is_clock_interval(interval, interval, interval);

-- file: sql/kernel/check_page.sql
drop function wingman.check_page(integer);

-- file: sql/kernel/refuse_violation.sql
drop function wingman.refuse_violation(wingman.violation);

-- file: sql/kernel/violation.sql
drop type wingman.violation;

-- file: sql/kernel/require_argument.sql
drop function wingman.require_argument(text, boolean);

-- file: sql/kernel/raise_error.sql
drop function wingman.raise_error(text, jsonb);

-- file: sql/kernel/error_catalogue.sql
drop function wingman.error_catalogue();
