"""Who may do what: the whole allow-list. What is not named here must be refused.

A new table, function or argument fails the suite until it has its line here.
"""

from typing import Any

ROLES = ("anon", "authenticated", "service_role", "wingman_admin", "wingman_worker", "authenticator")
CALLERS = {"authenticated", "service_role", "wingman_admin"}
OPERATORS = {"service_role", "wingman_admin"}
WORKERS = {"wingman_worker"}
NOBODY: set[str] = set()

# Who may look into a schema; nobody may create anything in one.
SCHEMAS = {"wingman": CALLERS | WORKERS, "wingman_admin": OPERATORS}

# Who may read a table or view. Nobody may do anything else with any of them.
READERS = {
    "public.user_blocks": CALLERS,
    "public.user_locations": {"authenticated"},
    "public.user_profiles": CALLERS,
    "public.wingman_matches": CALLERS,
    "public.wingman_notifications": CALLERS,
    "public.wingman_sessions": CALLERS,
    "wingman.achievements": NOBODY,
    "wingman.alembic_version": NOBODY,
    "wingman.asked_addresses": NOBODY,
    "wingman.channel_settings": NOBODY,
    "wingman.data_inventory": NOBODY,
    "wingman.due_matches": NOBODY,
    "wingman.earned_achievements": NOBODY,
    "wingman.email_addresses": NOBODY,
    "wingman.events": NOBODY,
    "wingman.events_default": NOBODY,
    "wingman.events_id_seq": NOBODY,
    "wingman.idempotency_keys": NOBODY,
    "wingman.inbox_clock": NOBODY,
    "wingman.leaderboard_counts": NOBODY,
    "wingman.leaderboard_histogram": NOBODY,
    "wingman.leaderboard_key": NOBODY,
    "wingman.leaderboard_members": NOBODY,
    "wingman.leaderboard_reviews": NOBODY,
    "wingman.leaderboard_tallies": NOBODY,
    "wingman.leaderboard_reviews_id_seq": NOBODY,
    "wingman.leaderboard_members_seniority_seq": NOBODY,
    "wingman.match_progress": NOBODY,
    "wingman.match_searches": NOBODY,
    "wingman.match_statistics": NOBODY,
    "wingman.matchmaking_pool": NOBODY,
    "wingman.no_show_reports": NOBODY,
    "wingman.notification_deliveries": NOBODY,
    "wingman.notification_texts": NOBODY,
    "wingman.occupied_cells": NOBODY,
    "wingman.operator_decisions": NOBODY,
    "wingman.outcome_statistics": NOBODY,
    "wingman.postponed_evaluations": NOBODY,
    "wingman.postponed_notices": NOBODY,
    "wingman.push_subscriptions": NOBODY,
    "wingman.rate_limits": NOBODY,
    "wingman.reader_backlogs": NOBODY,
    "wingman.readers": NOBODY,
    "wingman.reminders": NOBODY,
    "wingman.reputation_events": NOBODY,
    "wingman.reputation_events_id_seq": NOBODY,
    "wingman.reputation_differences": NOBODY,
    "wingman.reputation_statistics": NOBODY,
    "wingman.search_settings": NOBODY,
    "wingman.session_statistics": NOBODY,
    "wingman.settings": NOBODY,
    "wingman.suspensions": NOBODY,
    "wingman.user_events": NOBODY,
    "wingman.user_reports": NOBODY,
    "wingman.webhooks": NOBODY,
    "wingman_admin.achievements": OPERATORS,
    "wingman_admin.audit_log": OPERATORS,
    "wingman_admin.completion_rate_by_day": OPERATORS,
    "wingman_admin.dead_deliveries": OPERATORS,
    "wingman_admin.decisions": OPERATORS,
    "wingman_admin.delivery_backlog": OPERATORS,
    "wingman_admin.erasures": OPERATORS,
    "wingman_admin.maintenance_backlog": OPERATORS,
    "wingman_admin.match_explanations": OPERATORS,
    "wingman_admin.match_funnel": OPERATORS,
    "wingman_admin.metrics": OPERATORS,
    "wingman_admin.no_show_counts": OPERATORS,
    "wingman_admin.no_show_queue": OPERATORS,
    "wingman_admin.no_show_reports": OPERATORS,
    "wingman_admin.notification_texts": OPERATORS,
    "wingman_admin.open_matches_and_sessions": OPERATORS,
    "wingman_admin.overdue_sessions": OPERATORS,
    "wingman_admin.queue_counts": OPERATORS,
    "wingman_admin.readers": OPERATORS,
    "wingman_admin.report_queue": OPERATORS,
    "wingman_admin.reputation_distribution": OPERATORS,
    "wingman_admin.session_decisions": OPERATORS,
    "wingman_admin.settings": OPERATORS,
    "wingman_admin.settings_history": OPERATORS,
    "wingman_admin.standing": OPERATORS,
    "wingman_admin.suspensions": OPERATORS,
    "wingman_admin.user_reports": OPERATORS,
    "wingman_admin.waiting_places": OPERATORS,
    "wingman_admin.waiting_seekers": OPERATORS,
    "wingman_admin.webhooks": OPERATORS,
}

# Whose row it is, by the columns that say so: nobody's, where there are none.
OWNERS: dict[str, tuple[str, ...]] = {
    "achievements": (),
    "channel_settings": ("user_id",),
    "earned_achievements": ("user_id",),
    "email_addresses": ("user_id",),
    "events": ("user_id",),  # of a match or a session: the people of the match
    "events_default": ("user_id",),
    "idempotency_keys": ("user_id",),
    "inbox_clock": (),
    "leaderboard_counts": ("user_id",),
    "leaderboard_histogram": (),
    "leaderboard_key": (),
    "leaderboard_members": ("user_id",),
    "leaderboard_reviews": ("user_id",),
    "leaderboard_tallies": ("user_id",),
    "match_progress": (),
    "match_searches": (),
    "match_statistics": (),
    "matchmaking_pool": ("user_id",),
    "no_show_reports": ("reporter_id", "accused_id"),
    "notification_deliveries": ("user_id",),
    "notification_texts": (),
    "occupied_cells": (),
    "operator_decisions": ("subject_id",),  # of a match or a session: the people of the match
    "outcome_statistics": (),
    "postponed_evaluations": (),
    "postponed_notices": (),
    "push_subscriptions": ("user_id",),
    "rate_limits": ("user_id",),
    "reader_backlogs": (),
    "readers": (),
    "reminders": ("match_id",),  # the people of the match
    "reputation_events": ("user_id",),
    "reputation_statistics": (),
    "session_statistics": (),
    "suspensions": ("user_id",),
    "user_blocks": ("blocker_id",),
    "user_events": ("user_id",),
    "user_locations": ("user_id",),
    "user_profiles": ("id",),
    "user_reports": ("reporter_id",),
    "webhooks": (),
    "wingman_matches": ("user1_id", "user2_id"),
    "wingman_notifications": ("user_id",),
    "wingman_sessions": ("match_id",),  # the people of the match
}

# What only one of those whose row it is may know: by the column that says who.
KEPT_FROM_THE_OTHER = {"no_show_reports": {"note": "reporter_id", "statement": "accused_id"}}

# What a call may write: columns of rows that are there, ROW for a new one and GONE for one that it deletes.
ROW, GONE = "a new row", "a row no more"
Writes = dict[str, set[str]]
_PAUSE = {"paused", "paused_automatically", "unanswered_offers"}
_PENDING = {"pending_match_id", "pending_buddy_id", "pending_until"}
_SEEKERS: Writes = {"matchmaking_pool": {*_PENDING, "waiting_since", "exposures", *_PAUSE}}
_CANCELLATION: Writes = {
    "wingman_sessions": {
        *("status", "is_active", "updated_at"),
        *("cancelled_by", "cancellation_reason", "cancelled_at"),
    }
}
_WITHDRAWAL: Writes = {"no_show_reports": {"status", "closed_at"}}
_AGREEMENT = {"agreed_by", "agreed_at", "updated_at"}
_CONFIRMATION = {
    "user1_completed_confirmed_by_user2",
    "user2_completed_confirmed_by_user1",
    "completed_at",
    "is_active",
}
_PROFILE = {"first_name", "experience_level", "bio", "photo_url", "confidence_archetype"}
_RESPONSE = {"status", "responded_by", "responded_at", "updated_at"}
WRITES: dict[str, Writes] = {
    "agree_to_session": {"wingman_sessions": _AGREEMENT},
    "answer_no_show": {
        "no_show_reports": {"status", "statement", "answered_at", "closed_at"},
        "wingman_sessions": {"status", "is_active", "updated_at"},
        "reputation_events": {ROW},
        "user_profiles": {"no_shows", "reputation_score", "updated_at"},
        "matchmaking_pool": {"cooldown_until", "waiting_since"},
    },
    "block_user": {
        "user_blocks": {ROW},
        "wingman_matches": {*_RESPONSE, "ended_at", "ended_by"},
        **_SEEKERS,
        **_CANCELLATION,
    },
    "cancel_session": {**_CANCELLATION, **_WITHDRAWAL},
    "complete_profile": {
        "user_profiles": {ROW, *_PROFILE, "updated_at"},
        "user_locations": {ROW, "lat", "lng", "city", "privacy_mode", "max_travel_miles", "updated_at"},
        "matchmaking_pool": {ROW, "grid_lat", "grid_lng", "level", "max_travel_miles"},
        "occupied_cells": {ROW, GONE},
        "leaderboard_reviews": {ROW},
    },
    "confirm_session_completion": {
        "wingman_sessions": {"status", "updated_at", *_CONFIRMATION},
        **_WITHDRAWAL,
        "reputation_events": {ROW},
        "user_profiles": {"completed_sessions", "reputation_score", "updated_at"},
    },
    "count_unread_notifications": {},
    "create_automatic_match": {
        "wingman_matches": {ROW, "status", "updated_at"},
        "match_searches": {ROW},
        **_SEEKERS,
    },
    "create_session": {"wingman_sessions": {ROW}},
    "end_match": {"wingman_matches": {"ended_at", "ended_by", "updated_at"}, **_CANCELLATION},
    "erase_my_account": {
        "wingman_matches": {*_RESPONSE, "ended_at", "ended_by"},
        "wingman_sessions": {*_CANCELLATION["wingman_sessions"], "notes"},
        "matchmaking_pool": {GONE, *_PENDING, "waiting_since", *_PAUSE},
        "occupied_cells": {GONE},
        "user_profiles": {GONE},
        "user_locations": {GONE},
        "user_blocks": {GONE},
        "match_searches": {GONE},
        "no_show_reports": {"note", "statement"},
        "rate_limits": {ROW, GONE},
        "idempotency_keys": {ROW, GONE, "response"},
        "reputation_events": {ROW},
        "wingman_notifications": {GONE},
        "channel_settings": {GONE},
        "email_addresses": {GONE},
        "push_subscriptions": {GONE},
        "notification_deliveries": {GONE},
        "earned_achievements": {GONE},
        "leaderboard_members": {GONE},
    },
    "explain_match": {},
    "export_my_data": {},
    "get_leaderboard": {},
    "get_match": {},
    "get_match_history": {},
    "get_notification_settings": {},
    "get_profile": {},
    "get_reputation": {},
    "get_session": {},
    "list_achievements": {},
    "list_matches": {},
    "list_no_show_reports": {},
    "list_notifications": {},
    "list_sessions": {},
    "mark_notifications_read": {"wingman_notifications": {"read_at"}},
    "pause_matching": {"matchmaking_pool": _PAUSE},
    "register_push_subscription": {"push_subscriptions": {ROW, "p256dh", "auth", "created_at"}},
    "remove_push_subscription": {"push_subscriptions": {GONE}},
    "report_no_show": {
        "no_show_reports": {ROW, "status", "answered_at"},
        "wingman_sessions": {"no_show_reported", "updated_at"},
    },
    "report_user": {"user_reports": {ROW}},
    "reschedule_session": {
        "wingman_sessions": {"scheduled_time", "venue_name", "proposed_by", "proposed_at", *_AGREEMENT}
    },
    "respond_to_match": {
        "wingman_matches": {ROW, *_RESPONSE, "first_accepted_by", "first_accepted_at"},
        "match_searches": {ROW},
        **_SEEKERS,
    },
    "resume_matching": {"matchmaking_pool": _PAUSE},
    "set_leaderboard_visibility": {
        "leaderboard_members": {ROW, "visibility", "updated_at"},
        "leaderboard_reviews": {ROW},
    },
    "set_notification_settings": {
        "channel_settings": {
            *(ROW, "kinds", "language", "quiet_from", "quiet_until", "time_zone", "updated_at")
        },
        "asked_addresses": {ROW},
        "email_addresses": {ROW, GONE},
        "notification_deliveries": {ROW},
    },
    "start_session": {"wingman_sessions": {"status", "started_by", "updated_at"}},
    "unblock_user": {"user_blocks": {GONE}},
    "why_no_match": {},
    "withdraw_no_show": _WITHDRAWAL,
}
# The tables that a function of operators, servers or workers may write to, besides the journal.
_DECIDED = {"operator_decisions"}
_READ = {
    *("inbox_clock", "readers", "reminders", "wingman_notifications"),
    *("match_statistics", "outcome_statistics", "reputation_statistics", "session_statistics"),
    *("match_progress", "notification_deliveries", "earned_achievements"),
    *("leaderboard_counts", "leaderboard_histogram", "leaderboard_reviews", "leaderboard_tallies"),
}
_SUSPENSION = {"suspensions", "matchmaking_pool", "leaderboard_reviews"}
_REPUTATION = {"wingman_sessions", "reputation_events", "user_profiles", "matchmaking_pool"}
OPERATORS_WRITES: dict[str, set[str]] = {
    "add_achievement": {*_DECIDED, "achievements"},
    "add_webhook": {*_DECIDED, "webhooks"},
    "cancel_session": {*_DECIDED, "wingman_sessions"},
    "change_settings": {*_DECIDED, "settings", "rate_limits"},
    "claim_deliveries": {"notification_deliveries"},
    "confirm_email_address": {"email_addresses"},
    "decide_no_show": {*_DECIDED, *_REPUTATION, "no_show_reports"},
    "drop_delivery": {*_DECIDED, "notification_deliveries"},
    "enable_webhook": {*_DECIDED, "webhooks"},
    "end_match": {*_DECIDED, "wingman_matches", "wingman_sessions"},
    "erase_user": {*_DECIDED, *WRITES["erase_my_account"]},
    "export_user": _DECIDED,
    "find_users": set(),
    "lift_suspension": {*_DECIDED, *_SUSPENSION},
    "mark_no_show": {*_DECIDED, *_REPUTATION, "no_show_reports"},
    "reconcile_achievements": {"earned_achievements"},
    "reconcile_reputation": {"user_profiles"},
    "remove_reader": {"readers", "reader_backlogs"},
    "remove_webhook": {*_DECIDED, "webhooks", "notification_deliveries"},
    "requeue_delivery": {*_DECIDED, "notification_deliveries"},
    "resolve_report": {*_DECIDED, "user_reports"},
    "revert_completion": {*_DECIDED, *_REPUTATION},
    "rotate_webhook_secret": {*_DECIDED, "webhooks"},
    "run_maintenance": {*_READ, "asked_addresses", "matchmaking_pool", "rate_limits", "wingman_matches"},
    "run_readers": _READ,
    "set_notification_text": {*_DECIDED, "notification_texts"},
    "settle_deliveries": {"notification_deliveries", "email_addresses", "push_subscriptions", "webhooks"},
    "suspend_user": {*_DECIDED, *_SUSPENSION, "wingman_matches", "wingman_sessions"},
    "take_report": {*_DECIDED, "user_reports"},
    "unsubscribe": {"channel_settings"},
    "user_overview": set(),
    "user_timeline": set(),
    "why_no_match": set(),
}
# What every writing call may leave besides.
GUARDS: Writes = {
    "events": {ROW},
    "idempotency_keys": {ROW},
    "rate_limits": {ROW, "spent_until"},
}
# What of it may be in a row of nobody, or of the other person of the caller's match.
NOT_IN_OWN_ROWS: Writes = {
    **_SEEKERS,
    "events": {ROW},
    "match_searches": {ROW},
    "occupied_cells": {ROW, GONE},
    "reputation_events": {ROW},
    "user_profiles": {"completed_sessions", "reputation_score", "updated_at"},
}

# The front door: each has an engine entry point of the same name in schema wingman, for the same roles.
API = tuple(WRITES)

# Who may execute a function; whatever is not named here, nobody.
EXECUTORS: dict[str, set[str]] = {
    **{f"{schema}.{name}": CALLERS for schema in ("public", "wingman") for name in API},
    # the policies' helpers
    "wingman.current_user_id": {"authenticated"},
    "wingman.partner_ids": {"authenticated"},
    "wingman.run_maintenance": OPERATORS,
    "wingman.run_readers": OPERATORS,
    # what servers push by
    "wingman.last_told": {"service_role"},
    "wingman.notifications_between": {"service_role"},
    "wingman.told_after": {"service_role"},
    "wingman.without_profile": {"service_role"},
    # what they answer links in e-mails by
    "wingman.confirm_email_address": {"service_role"},
    "wingman.unsubscribe": {"service_role"},
    # what workers send by
    "wingman.claim_deliveries": WORKERS,
    "wingman.settle_deliveries": WORKERS,
    # what operators' views count by
    "wingman.delivery_backlogs": OPERATORS,
    "wingman.leaderboard_differences": OPERATORS,
    "wingman.match_counts": OPERATORS,
    "wingman.outcome_counts": OPERATORS,
    "wingman.reader_lags": OPERATORS,
    "wingman.reputation_counts": OPERATORS,
    "wingman.session_counts": OPERATORS,
    "wingman_admin.remove_reader": OPERATORS,
    # what they look back by
    "wingman.decision_of": OPERATORS,
    "wingman.first_id_at": OPERATORS,
    "wingman.history_start": OPERATORS,
    "wingman.is_active_session": OPERATORS,
    "wingman.is_suspended": OPERATORS,
    "wingman.achievement_metrics": OPERATORS,
    "wingman.no_show_status_at": OPERATORS,
    "wingman.notification_kinds": OPERATORS,
    "wingman_admin.add_achievement": OPERATORS,
    "wingman_admin.add_webhook": OPERATORS,
    "wingman_admin.cancel_session": OPERATORS,
    "wingman_admin.change_settings": OPERATORS,
    "wingman_admin.decide_no_show": OPERATORS,
    "wingman_admin.drop_delivery": OPERATORS,
    "wingman_admin.enable_webhook": OPERATORS,
    "wingman_admin.end_match": OPERATORS,
    "wingman_admin.find_users": OPERATORS,
    "wingman_admin.erase_user": OPERATORS,
    "wingman_admin.export_user": OPERATORS,
    "wingman_admin.lift_suspension": OPERATORS,
    "wingman_admin.mark_no_show": OPERATORS,
    "wingman_admin.reconcile_achievements": OPERATORS,
    "wingman_admin.reconcile_reputation": OPERATORS,
    "wingman_admin.remove_webhook": OPERATORS,
    "wingman_admin.requeue_delivery": OPERATORS,
    "wingman_admin.resolve_report": OPERATORS,
    "wingman_admin.revert_completion": OPERATORS,
    "wingman_admin.rotate_webhook_secret": OPERATORS,
    "wingman_admin.set_notification_text": OPERATORS,
    "wingman_admin.suspend_user": OPERATORS,
    "wingman_admin.take_report": OPERATORS,
    "wingman_admin.user_overview": OPERATORS,
    "wingman_admin.user_timeline": OPERATORS,
    "wingman_admin.why_no_match": OPERATORS,
}

# A word about its argument and nothing else, and inlined: EXECUTE is checked when a plan is made, not after.
INLINED = {
    "wingman.decision_of",
    "wingman.is_active_session",
    "wingman.is_suspended",
    "wingman.no_show_status_at",
}

# What comes of an id that is somebody else's, and of one that is nothing of this kind. None: an id is only a
# place in the caller's own list.
REFUSALS: dict[str, tuple[str, str] | None] = {
    "match_id": ("not_match_participant", "match_not_found"),
    "session_id": ("not_session_participant", "session_not_found"),
    "user_id": ("acting_for_another", "acting_for_another"),
    "buddy_user_id": ("buddy_not_in_session", "buddy_not_in_session"),
    "list_achievements.subject_id": ("reputation_not_visible", "user_not_found"),
    "get_reputation.subject_id": ("reputation_not_visible", "user_not_found"),
    # anybody may be blocked and reported
    "block_user.subject_id": ("answered", "user_not_found"),
    "report_user.subject_id": ("answered", "user_not_found"),
    "unblock_user.subject_id": ("answered", "user_not_found"),
    "before": None,
    "up_to": None,
    "list_no_show_reports.session_id": None,
}


def line_of(table: dict[str, Any], function: str, argument: str) -> Any:
    """What a table says of an argument: of this function's, or else of every function's.

    Raises:
        LookupError: nothing yet.
    """
    for key in (f"{function}.{argument}", argument):
        if key in table:
            return table[key]
    raise LookupError(f"Nothing is said in tests/security of argument {argument} of {function}")
