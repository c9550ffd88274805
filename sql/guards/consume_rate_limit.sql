create or replace function wingman.consume_rate_limit(user_id uuid, bucket text, calls integer, period interval)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _cost interval := consume_rate_limit.period / consume_rate_limit.calls;
    -- by how much what was spent may be ahead of now, and one call still fit in: not from the period, which the division may not
    -- give back to the microsecond
    _latest timestamptz := statement_timestamp() + _cost * (consume_rate_limit.calls - 1);
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (consume_rate_limit.user_id, consume_rate_limit.bucket, statement_timestamp() + _cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until, statement_timestamp()) + _cost
    where r.spent_until <= _latest;

    if not found then
        perform wingman.raise_error('rate_limited', (
            select jsonb_build_object('retry_after', ceil(extract(
                epoch from r.spent_until - _latest
            )))
            from wingman.rate_limits as r
            where r.user_id = consume_rate_limit.user_id and r.bucket = consume_rate_limit.bucket
        ));
    end if;
    return consume_rate_limit.user_id;
end
$$;

comment on function wingman.consume_rate_limit(uuid, text, integer, interval) is
'Takes one call from a user''s rate limit (generic cell rate algorithm): up to calls at once; capacity refills evenly over period.
A call that is refused afterwards takes nothing. bucket: see wingman.rate_limits; calls and period: the bucket''s settings, which the
caller reads in a statement that it needs anyway. Returns user_id: an assignment costs less than PERFORM.
Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.consume_rate_limit(uuid, text, integer, interval) from public, anon, authenticated, service_role;
