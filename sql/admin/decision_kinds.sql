create or replace function wingman.decision_kinds()
returns table (kind text, meaning text, subject text, details text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('session_cancelled', 'An operator cancelled a session', 'the session', null),
    ('session_no_show', 'An operator found that one of the two people did not come', 'the session', 'absent_user_id'),
    ('session_reverted', 'An operator took back what a session gave to reputations', 'the session', null),
    ('no_show_upheld', 'An operator upheld the report of a no-show', 'the session', 'absent_user_ids'),
    ('no_show_dismissed', 'An operator dismissed the report of a no-show', 'the session', null),
    ('user_suspended', 'An operator suspended a user', 'the user', 'until: null for without end'),
    ('suspension_lifted', 'An operator lifted a suspension', 'the user', null),
    ('match_ended', 'An operator ended a match', 'the match', null),
    ('report_taken', 'An operator took a report to look into it', 'the report', 'taken_from: the login that had it before, or null'),
    ('report_resolved', 'An operator acted on a report', 'the report', null),
    ('report_dismissed', 'An operator found nothing to act on in a report', 'the report', null),
    ('settings_changed', 'An operator changed the settings', null, 'before, after: the settings that changed'),
    (
        'text_changed',
        'An operator changed a text of what is sent outside',
        null,
        'kind, channel, language, before and after: title and body; before: null if there was none'
    ),
    ('delivery_requeued', 'An operator had a message sent again', 'the message', 'channel, kind, last_error: of the message'),
    ('delivery_dropped', 'An operator dropped a message', 'the message', 'channel, kind, last_error: of the message'),
    ('webhook_added', 'An operator added a webhook', 'the webhook', 'origin: where it is; kinds: what is sent, null for all'),
    ('webhook_secret_rotated', 'An operator gave a webhook a new secret', 'the webhook', 'overlap: how long the old one is used'),
    ('webhook_enabled', 'An operator enabled a webhook', 'the webhook', null),
    ('webhook_removed', 'An operator removed a webhook', 'the webhook', null),
    (
        'achievement_added',
        'An operator added an achievement',
        null,
        'name, title, description, metric, threshold: of the achievement'
    ),
    ('user_exported', 'An operator exported somebody''s data', 'the user', null),
    ('user_erased', 'An operator erased somebody''s data', 'the user', null);
end
$$;

comment on function wingman.decision_kinds() is
'The vocabulary of operators'' decisions. kind: a value of wingman.operator_decisions.kind; meaning: what was decided; subject:
whom or what subject_id names, null for nothing; details: what wingman.operator_decisions.details holds, null for nothing.';
revoke all on function wingman.decision_kinds() from public, anon, authenticated, service_role;
