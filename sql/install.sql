-- The whole of WingmanMatch in apply order: psql -v ON_ERROR_STOP=1 -f sql/install.sql builds a database by hand.
-- Alembic applies the same files, frozen, from migrations/versions.
begin;

\ir kernel/bootstrap.sql
set local role wingman_owner;

-- what Supabase provides, where it is absent
\ir platform/roles.sql
\ir platform/auth.sql

-- kernel: errors, settings, ids, who calls
\ir kernel/schemas.sql
\ir kernel/error_catalogue.sql
\ir kernel/fill_in.sql
\ir kernel/sentence.sql
\ir kernel/raise_error.sql
\ir kernel/require_argument.sql
\ir kernel/violation.sql
\ir kernel/refuse_violation.sql
\ir kernel/acknowledgement.sql
\ir kernel/check_page.sql
\ir kernel/invisible_characters.sql
\ir kernel/has_visible_character.sql
\ir kernel/has_control_character.sql
\ir kernel/shown_on_one_line.sql
\ir kernel/is_clock_interval.sql
\ir kernel/are_cooldown_steps.sql
\ir kernel/settings.sql
\ir kernel/new_id.sql
\ir kernel/first_id_at.sql
\ir kernel/id_at.sql
\ir kernel/utc_text.sql
\ir kernel/tg_any__set_updated_at.sql
\ir kernel/caller_role.sql
\ir kernel/current_user_id.sql
\ir kernel/write_obstacle.sql
\ir kernel/acting_user_id.sql

-- guards: idempotency keys and rate limits, around every call that writes
\ir guards/idempotency_keys.sql
\ir guards/rate_limits.sql
\ir guards/guarded_call.sql
\ir guards/call_part.sql
\ir guards/request_header.sql
\ir guards/call_key.sql
\ir guards/mark_replay.sql
\ir guards/name_call.sql
\ir guards/begin_operation.sql
\ir guards/end_operation.sql
\ir guards/begin_call.sql
\ir guards/end_call.sql
\ir guards/consume_rate_limit.sql
\ir guards/tg_settings__forget_rate_limits.sql
\ir guards/lapsed_until.sql

-- journal: the table to which every change is written
\ir journal/event_kinds.sql
\ir journal/direct_source.sql
\ir journal/event_source.sql
\ir journal/decision_of.sql
\ir journal/tg_any__refuse_change.sql
\ir journal/tg_any__refuse_truncate.sql
\ir journal/events.sql
\ir journal/events_default.sql

-- profiles
\ir profiles/experience_rank.sql
\ir profiles/is_valid_radius.sql
\ir profiles/profile_violation.sql
\ir profiles/location_violation.sql
\ir profiles/user_profiles.sql
\ir profiles/user_profiles_id_fkey.sql
\ir profiles/user_locations.sql
\ir profiles/tg_user_profiles__guard.sql
\ir profiles/buddy_profile.sql
\ir profiles/profile_details.sql
\ir profiles/profile_lock.sql
\ir profiles/require_profile.sql
\ir profiles/buddy_profile_of.sql
\ir profiles/profile_details_of.sql

-- safety: blocks and reports
\ir safety/user_blocks.sql
\ir safety/report_violation.sql
\ir safety/user_reports.sql
\ir safety/lock_report.sql
\ir safety/require_subject.sql

\ir fairness/suspensions.sql
\ir fairness/is_suspended.sql
\ir fairness/require_not_suspended.sql
\ir fairness/cooldown_until.sql

-- matching/pool: who can be matched, and where
\ir matching/pool/snap_to_grid.sql
\ir matching/pool/occupied_cells.sql
\ir matching/pool/matchmaking_pool.sql
\ir matching/pool/due_matches.sql
\ir matching/pool/lock_seekers.sql
\ir matching/pool/end_automatic_pause.sql

-- matching/matches: what becomes of a match
\ir matching/matches/wingman_matches.sql
\ir matching/matches/next_match.sql
\ir matching/matches/match_response.sql
\ir matching/matches/match_details.sql
\ir matching/matches/match_event.sql
\ir matching/matches/match_status_at.sql
\ir matching/matches/is_current_match.sql
\ir matching/matches/match_buddy.sql
\ir matching/matches/partners_of.sql
\ir matching/matches/partner_ids.sql
\ir matching/matches/lock_match.sql
\ir matching/matches/offer.sql
\ir matching/matches/pending_offer.sql
\ir matching/matches/decline_match.sql
\ir matching/matches/expire_match.sql
\ir matching/matches/settle_due_matches.sql
\ir matching/matches/refuse_response.sql
\ir matching/matches/match_details_of.sql
\ir matching/matches/match_answer.sql
\ir matching/matches/respond_otherwise.sql
\ir matching/matches/end_accepted_match.sql
\ir matching/matches/leave_pending_match.sql
\ir matching/matches/leave_matches.sql

-- matching/search: who is offered to whom
\ir matching/search/distance_miles.sql
\ir matching/search/shown_miles.sql
\ir matching/search/match_searches.sql
\ir matching/search/automatic_match.sql
\ir matching/search/pair_obstacle.sql
\ir matching/search/search_settings.sql
\ir matching/search/candidate.sql
\ir matching/search/found_candidate.sql
\ir matching/search/search_outcome.sql
\ir matching/search/level_tolerance.sql
\ir matching/search/recent_exposures.sql
\ir matching/search/candidate_obstacle.sql
\ir matching/search/match_obstacle.sql
\ir matching/search/cells_near.sql
\ir matching/search/first_in_cell.sql
\ir matching/search/lock_first_in_own_cell.sql
\ir matching/search/holds_another_row.sql
\ir matching/search/find_candidate.sql
\ir matching/search/create_match.sql
\ir matching/search/match_nearest.sql
\ir matching/search/may_be_offered_next.sql
\ir matching/search/offer_next_match.sql

-- matching/explain: why, and why not
\ir matching/explain/matching_rules.sql
\ir matching/explain/match_rule.sql
\ir matching/explain/match_explanation.sql
\ir matching/explain/people_count.sql
\ir matching/explain/no_match_explanation.sql
\ir matching/explain/obstacles_near.sql
\ir matching/explain/coarse_count.sql
\ir matching/explain/match_suggestions.sql

-- sessions
\ir sessions/session_violation.sql
\ir sessions/is_active_session.sql
\ir sessions/wingman_sessions.sql
\ir sessions/decision_violation.sql
\ir sessions/session_details.sql
\ir sessions/session_confirmation.sql
\ir sessions/tg_wingman_sessions__guard.sql
\ir sessions/tg_wingman_sessions__guard_rest.sql
\ir sessions/tg_wingman_sessions__guard_insert.sql
\ir sessions/tg_wingman_sessions__guard_cancellation.sql
\ir sessions/session_buddy.sql
\ir sessions/lock_session.sql
\ir sessions/session_details_of.sql
\ir sessions/schedule_violation.sql
\ir sessions/new_session_violation.sql
\ir sessions/refuse_session_violation.sql
\ir sessions/conflicting_session.sql
\ir sessions/refuse_conflict.sql
\ir sessions/refuse_new_session.sql
\ir sessions/refuse_session_change.sql
\ir sessions/confirmation_obstacle.sql
\ir sessions/refuse_confirmation.sql
\ir sessions/cancel_active_session.sql
\ir sessions/has_confirmed.sql
\ir sessions/has_committed.sql
\ir sessions/refuse_late_change.sql
\ir sessions/settle_agreement.sql
\ir sessions/move_session.sql
\ir sessions/tg_wingman_sessions__keep.sql

\ir fairness/no_show_text_violation.sql
\ir fairness/no_show_status_at.sql
\ir fairness/no_show_reports.sql
\ir fairness/no_show_report.sql
\ir fairness/no_show_report_of.sql
\ir fairness/tg_no_show_reports__guard.sql
\ir fairness/tg_suspensions__bar.sql
\ir fairness/lock_no_show.sql
\ir fairness/refuse_closed_report.sql
\ir fairness/drop_no_show_report.sql
\ir fairness/close_no_show_reports.sql
\ir fairness/record_no_show.sql
\ir fairness/make_no_show_report.sql
\ir fairness/settle_no_show_answer.sql
\ir fairness/take_back_no_show_report.sql

-- privacy: whose data there are, and how they are exported and erased
\ir privacy/data_inventory.sql
\ir privacy/data_export.sql
\ir privacy/redacted_reply.sql
\ir privacy/settle_departure.sql
\ir privacy/erase_replies.sql
\ir privacy/erase_person.sql
\ir privacy/personal_data.sql

-- matching: its triggers
\ir matching/pool/tg_matchmaking_pool__guard.sql
\ir matching/pool/tg_matchmaking_pool__refuse_other_writers.sql
\ir matching/pool/tg_matchmaking_pool__occupy_cell.sql
\ir matching/pool/tg_matchmaking_pool__vacate_cell.sql
\ir matching/pool/tg_user_locations__place.sql
\ir matching/pool/tg_user_locations__unplace.sql
\ir matching/pool/tg_user_profiles__level.sql
\ir matching/matches/tg_wingman_matches__guard.sql
\ir matching/matches/tg_wingman_matches__guard_rest.sql
\ir matching/matches/tg_wingman_matches__track_insert.sql
\ir matching/matches/tg_wingman_matches__track.sql
\ir matching/matches/tg_user_profiles__depart.sql

-- reputation: the ledger and the counters
\ir reputation/reputation_delta.sql
\ir reputation/counts_completions.sql
\ir reputation/reputation_score.sql
\ir reputation/reputation_events.sql
\ir reputation/reputation.sql
\ir reputation/badge_color.sql
\ir reputation/reputation_differences.sql
\ir reputation/record_reputation.sql
\ir reputation/tg_user_profiles__return.sql

-- inbox: what people are told
\ir inbox/notification_kinds.sql
\ir inbox/is_notification_kind.sql
\ir inbox/wingman_notifications.sql
\ir inbox/inbox_clock.sql
\ir inbox/reminders.sql
\ir inbox/notice.sql
\ir inbox/postponed_notices.sql
\ir inbox/notices_of.sql
\ir inbox/plan_reminders.sql
\ir inbox/notices_due.sql
\ir inbox/take_postponed.sql
\ir inbox/tell.sql
\ir inbox/fill_inboxes.sql
\ir inbox/notification.sql
\ir inbox/notification_count.sql
\ir inbox/notifications_of.sql
\ir inbox/count_unread.sql
\ir inbox/told_after.sql
\ir inbox/last_told.sql
\ir inbox/notifications_between.sql
\ir inbox/without_profile.sql

-- channels: what is sent outside
\ir channels/text_languages.sql
\ir channels/is_text_language.sql
\ir channels/time_text.sql
\ir channels/notification_text_violation.sql
\ir channels/notification_texts.sql
\ir channels/notification_wording.sql
\ir channels/notification_text.sql
\ir channels/rendered_text.sql

-- row level security
\ir profiles/policies.sql
\ir matching/matches/policies.sql
\ir sessions/policies.sql
\ir safety/policies.sql
\ir inbox/policies.sql

-- journal: the triggers that write it, and the readers that follow it
\ir journal/match_state.sql
\ir journal/session_state.sql
\ir journal/change_by_hand.sql
\ir journal/tg_wingman_matches__journal.sql
\ir journal/tg_wingman_matches__journal_insert.sql
\ir journal/tg_wingman_sessions__journal.sql
\ir journal/tg_wingman_sessions__journal_insert.sql
\ir journal/tg_user_profiles__journal.sql
\ir journal/tg_user_blocks__journal.sql
\ir journal/tg_matchmaking_pool__journal.sql
\ir journal/tg_settings__journal.sql
\ir journal/tg_no_show_reports__journal.sql
\ir journal/tg_suspensions__journal.sql
\ir journal/make_event_partitions.sql
\ir journal/newest_event_month.sql
\ir journal/due_event_partitions.sql
\ir journal/refused_event_partitions.sql
\ir journal/drop_event_partitions.sql
\ir journal/first_event_partitions.sql
\ir journal/cluster_id.sql
\ir journal/last_id_of.sql
\ir journal/reader_snapshot.sql
\ir journal/is_of_another_cluster.sql
\ir journal/finished_between.sql
\ir journal/is_unread.sql
\ir journal/readers.sql
\ir journal/reader_backlogs.sql
\ir journal/open_reader.sql
\ir journal/unread_events.sql
\ir journal/unread_reputation_events.sql
\ir journal/has_unread.sql
\ir journal/is_read_by_all.sql
\ir journal/reader_lag.sql
\ir journal/reader_lags.sql
\ir journal/has_to_read.sql
\ir journal/lock_reader.sql
\ir journal/move_reader.sql
\ir journal/read_events.sql
\ir journal/read_reputation_events.sql
\ir journal/session_statistics.sql
\ir journal/outcome_statistics.sql
\ir journal/match_progress.sql
\ir journal/match_statistics.sql
\ir journal/reputation_statistics.sql
\ir journal/session_outcome.sql
\ir journal/session_changes.sql
\ir journal/match_progress_after.sql
\ir journal/match_changes.sql
\ir journal/reputation_changes.sql
\ir journal/session_counts.sql
\ir journal/outcome_counts.sql
\ir journal/match_counts.sql
\ir journal/reputation_counts.sql
\ir journal/user_events.sql
\ir journal/count_events.sql
\ir journal/count_reputation_events.sql
\ir journal/first_readers.sql
\ir journal/history_start.sql

-- the calls: each checks, locks, writes and answers
\ir profiles/complete_profile.sql
\ir profiles/get_profile.sql
\ir matching/search/create_automatic_match.sql
\ir matching/matches/respond_to_match.sql
\ir matching/matches/end_match.sql
\ir matching/matches/get_match.sql
\ir matching/matches/list_matches.sql
\ir matching/matches/get_match_history.sql
\ir matching/pool/pause_matching.sql
\ir matching/pool/resume_matching.sql
\ir matching/explain/explain_match.sql
\ir matching/explain/why_no_match.sql
\ir sessions/create_session.sql
\ir sessions/agree_to_session.sql
\ir sessions/reschedule_session.sql
\ir sessions/start_session.sql
\ir sessions/cancel_session.sql
\ir sessions/confirm_session_completion.sql
\ir sessions/get_session.sql
\ir sessions/list_sessions.sql
\ir reputation/get_reputation.sql
\ir safety/separate_pair.sql
\ir safety/block_user.sql
\ir safety/unblock_user.sql
\ir safety/report_user.sql
\ir fairness/report_no_show.sql
\ir fairness/answer_no_show.sql
\ir fairness/withdraw_no_show.sql
\ir fairness/list_no_show_reports.sql
\ir inbox/list_notifications.sql
\ir inbox/count_unread_notifications.sql
\ir inbox/mark_notifications_read.sql
\ir privacy/export_my_data.sql
\ir privacy/erase_my_account.sql

-- maintenance
\ir maintenance/reading.sql
\ir maintenance/run_readers.sql
\ir maintenance/maintenance.sql
\ir maintenance/run_maintenance.sql

-- admin: views and functions of operators
\ir admin/schema.sql
\ir admin/decision_kinds.sql
\ir admin/is_decision_kind.sql
\ir admin/operator_decisions.sql
\ir admin/record_decision.sql
\ir admin/decisions.sql
\ir admin/log_look.sql
\ir admin/require_known_user.sql
\ir admin/find_users.sql
\ir admin/user_overview.sql
\ir admin/user_timeline.sql
\ir admin/user_reports.sql
\ir admin/report_queue.sql
\ir admin/take_report.sql
\ir admin/resolve_report.sql
\ir admin/settings.sql
\ir admin/settings_history.sql
\ir admin/require_settings.sql
\ir admin/change_settings.sql
\ir admin/notification_texts.sql
\ir admin/set_notification_text.sql
\ir admin/readers.sql
\ir admin/remove_reader.sql
\ir admin/audit_log.sql
\ir admin/match_explanations.sql
\ir admin/why_no_match.sql
\ir admin/session_decisions.sql
\ir admin/cancel_session.sql
\ir admin/end_match.sql
\ir admin/mark_no_show.sql
\ir admin/no_show_queue.sql
\ir admin/decide_no_show.sql
\ir admin/suspensions.sql
\ir admin/suspend_user.sql
\ir admin/lift_suspension.sql
\ir admin/revert_completion.sql
\ir admin/reconcile_reputation.sql
\ir admin/completion_rate_by_day.sql
\ir admin/reputation_distribution.sql
\ir admin/match_funnel.sql
\ir admin/waiting_seekers.sql
\ir admin/open_matches_and_sessions.sql
\ir admin/overdue_sessions.sql
\ir admin/metrics.sql
\ir admin/export_user.sql
\ir admin/erase_user.sql
\ir admin/erasures.sql

-- api: what PostgREST exposes
\ir api/complete_profile.sql
\ir api/get_profile.sql
\ir api/create_automatic_match.sql
\ir api/respond_to_match.sql
\ir api/end_match.sql
\ir api/get_match.sql
\ir api/list_matches.sql
\ir api/get_match_history.sql
\ir api/pause_matching.sql
\ir api/resume_matching.sql
\ir api/explain_match.sql
\ir api/why_no_match.sql
\ir api/create_session.sql
\ir api/agree_to_session.sql
\ir api/reschedule_session.sql
\ir api/start_session.sql
\ir api/cancel_session.sql
\ir api/confirm_session_completion.sql
\ir api/get_session.sql
\ir api/list_sessions.sql
\ir api/get_reputation.sql
\ir api/block_user.sql
\ir api/unblock_user.sql
\ir api/report_user.sql
\ir api/report_no_show.sql
\ir api/answer_no_show.sql
\ir api/withdraw_no_show.sql
\ir api/list_no_show_reports.sql
\ir api/list_notifications.sql
\ir api/count_unread_notifications.sql
\ir api/mark_notifications_read.sql
\ir api/export_my_data.sql
\ir api/erase_my_account.sql

commit;
