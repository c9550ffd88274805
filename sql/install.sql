-- The whole of WingmanMatch in apply order: psql -v ON_ERROR_STOP=1 -f sql/install.sql builds a database by hand.
-- Alembic applies the same files, frozen, from migrations/versions.
begin;

\ir kernel/bootstrap.sql
set local role wingman_owner;

\ir platform/roles.sql
\ir platform/auth.sql

\ir kernel/schemas.sql
\ir kernel/error_catalogue.sql
\ir kernel/raise_error.sql
\ir kernel/require_argument.sql
\ir kernel/violation.sql
\ir kernel/refuse_violation.sql
\ir kernel/acknowledgement.sql
\ir kernel/check_page.sql
\ir kernel/is_clock_interval.sql
\ir kernel/settings.sql
\ir kernel/new_id.sql
\ir kernel/utc_text.sql
\ir kernel/set_updated_at.sql
\ir kernel/caller_role.sql
\ir kernel/current_user_id.sql
\ir kernel/caller_id.sql

\ir profiles/experience_rank.sql
\ir profiles/is_valid_radius.sql
\ir profiles/profile_violation.sql
\ir profiles/location_violation.sql
\ir profiles/user_profiles.sql
\ir profiles/user_profiles_id_fkey.sql
\ir profiles/user_locations.sql
\ir profiles/guard_profile.sql
\ir profiles/triggers.sql
\ir profiles/buddy_profile.sql
\ir profiles/profile_details.sql
\ir profiles/known_user_id.sql
\ir profiles/known_caller_id.sql
\ir profiles/buddy_profile_of.sql

\ir safety/user_blocks.sql
\ir safety/report_violation.sql
\ir safety/user_reports.sql
\ir safety/known_subject_id.sql

\ir matching/distance_miles.sql
\ir matching/shown_miles.sql
\ir matching/snap_to_grid.sql
\ir matching/occupied_cells.sql
\ir matching/match_seekers.sql
\ir matching/wingman_matches.sql
\ir matching/match_searches.sql
\ir matching/match_rule.sql
\ir matching/match_explanation.sql
\ir matching/people_count.sql
\ir matching/no_match_explanation.sql
\ir matching/next_match.sql
\ir matching/match_response.sql
\ir matching/automatic_match.sql
\ir matching/match_details.sql
\ir matching/match_status_at.sql
\ir matching/is_current_match.sql
\ir matching/match_buddy.sql
\ir matching/pair_obstacle.sql
\ir matching/partners_of.sql
\ir matching/partner_ids.sql
\ir matching/lock_seekers.sql
\ir matching/lock_match.sql
\ir matching/pending_match_of.sql
\ir matching/lock_pending_match.sql
\ir matching/decline_match.sql
\ir matching/expire_match.sql
\ir matching/settle_due_matches.sql
\ir matching/found_candidate.sql
\ir matching/search_outcome.sql
\ir matching/level_tolerance.sql
\ir matching/recent_exposures.sql
\ir matching/match_obstacle.sql
\ir matching/cells_near.sql
\ir matching/first_in_cell.sql
\ir matching/find_candidate.sql
\ir matching/create_match.sql
\ir matching/match_nearest.sql
\ir matching/match_again.sql
\ir matching/next_match_of.sql
\ir matching/automatic_match_of.sql
\ir matching/match_response_of.sql
\ir matching/repeat_response.sql
\ir matching/match_details_of.sql
\ir matching/end_automatic_pause.sql
\ir matching/obstacles_near.sql
\ir matching/coarse_count.sql
\ir matching/match_suggestions.sql

\ir sessions/session_violation.sql
\ir sessions/is_active_session.sql
\ir sessions/wingman_sessions.sql
\ir sessions/session_details.sql
\ir sessions/session_confirmation.sql
\ir sessions/guard_session.sql
\ir sessions/check_session.sql
\ir sessions/triggers.sql
\ir sessions/session_buddy.sql
\ir sessions/lock_session.sql
\ir sessions/session_details_of.sql
\ir sessions/confirmation_obstacle.sql
\ir sessions/refuse_confirmation.sql
\ir sessions/cancel_active_session.sql

\ir matching/end_accepted_match.sql
\ir matching/leave_pending_match.sql
\ir matching/guard_match.sql
\ir matching/track_pending_match.sql
\ir matching/guard_seeker.sql
\ir matching/occupy_cell.sql
\ir matching/vacate_cell.sql
\ir matching/place_seeker.sql
\ir matching/unplace_seeker.sql
\ir matching/level_seeker.sql
\ir matching/settle_departure.sql
\ir matching/triggers.sql

\ir reputation/reputation_events.sql
\ir reputation/reputation.sql
\ir reputation/badge_color.sql
\ir reputation/refuse_change.sql
\ir reputation/count_events.sql
\ir reputation/triggers.sql
\ir reputation/record_completion.sql

\ir profiles/policies.sql
\ir matching/policies.sql
\ir sessions/policies.sql
\ir safety/policies.sql

\ir profiles/profile_details_of.sql
\ir profiles/complete_profile.sql
\ir profiles/get_profile.sql
\ir matching/create_automatic_match.sql
\ir matching/respond_to_match.sql
\ir matching/end_match.sql
\ir matching/get_match.sql
\ir matching/list_matches.sql
\ir matching/pause_matching.sql
\ir matching/resume_matching.sql
\ir matching/explain_match.sql
\ir matching/why_no_match.sql
\ir sessions/create_session.sql
\ir sessions/start_session.sql
\ir sessions/cancel_session.sql
\ir sessions/confirm_session_completion.sql
\ir sessions/get_session.sql
\ir sessions/list_sessions.sql
\ir reputation/get_reputation.sql
\ir safety/part_pair.sql
\ir safety/block_user.sql
\ir safety/unblock_user.sql
\ir safety/report_user.sql

\ir admin/schema.sql
\ir admin/user_reports.sql
\ir admin/match_explanations.sql
\ir admin/why_no_match.sql

\ir api/complete_profile.sql
\ir api/get_profile.sql
\ir api/create_automatic_match.sql
\ir api/respond_to_match.sql
\ir api/end_match.sql
\ir api/get_match.sql
\ir api/list_matches.sql
\ir api/pause_matching.sql
\ir api/resume_matching.sql
\ir api/explain_match.sql
\ir api/why_no_match.sql
\ir api/create_session.sql
\ir api/start_session.sql
\ir api/cancel_session.sql
\ir api/confirm_session_completion.sql
\ir api/get_session.sql
\ir api/list_sessions.sql
\ir api/get_reputation.sql
\ir api/block_user.sql
\ir api/unblock_user.sql
\ir api/report_user.sql

commit;
