create or replace function wingman_admin.rotate_webhook_secret(
    webhook_id uuid,
    reason text,
    overlap interval default '24 hours'
)
returns wingman.webhook_secret
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _rotated wingman.webhook_secret;
begin
    perform wingman.begin_operation('rotate_webhook_secret');
    perform wingman.require_argument('webhook_id', rotate_webhook_secret.webhook_id is not null);
    perform wingman.require_argument('reason', rotate_webhook_secret.reason is not null);
    perform wingman.require_argument('overlap', rotate_webhook_secret.overlap is not null);
    perform wingman.refuse_violation(wingman.decision_violation(rotate_webhook_secret.reason));
    if not wingman.is_clock_interval(rotate_webhook_secret.overlap, '0', '168 hours') then
        perform wingman.refuse_violation(row('overlap', 'must be 0 to 168 hours, in hours, minutes and seconds')::wingman.violation);
    end if;
    perform wingman.lock_webhook(rotate_webhook_secret.webhook_id);

    perform wingman.record_decision(
        'webhook_secret_rotated',
        rotate_webhook_secret.webhook_id,
        jsonb_build_object('overlap', rotate_webhook_secret.overlap),
        rotate_webhook_secret.reason
    );
    update wingman.webhooks as h
    set
        secret = wingman.new_webhook_secret(),
        previous_secret = case when rotate_webhook_secret.overlap > interval '0' then h.secret end,
        previous_until = case
            when rotate_webhook_secret.overlap > interval '0' then statement_timestamp() + rotate_webhook_secret.overlap
        end
    where h.id = rotate_webhook_secret.webhook_id
    returning h.id, h.secret into _rotated;

    perform wingman.end_operation();
    return _rotated;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('rotate_webhook_secret');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.rotate_webhook_secret(uuid, text, interval) is
'Gives a webhook a new secret, which is shown only in this answer.
overlap: how long messages are also signed with the old secret, 0 to 168 hours; give 0 if somebody else may know it. An even older
secret that was still in use is forgotten. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.rotate_webhook_secret(uuid, text, interval) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.rotate_webhook_secret(uuid, text, interval) to wingman_admin, service_role;
