create or replace function wingman.spend(user_id uuid, bucket text, calls integer, period interval)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _cost interval := spend.period / spend.calls;
    -- not the period, which the division may not give back to the microsecond
    _burst interval := _cost * spend.calls;
    _spent_until timestamptz;
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (spend.user_id, spend.bucket, statement_timestamp() + _cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until, statement_timestamp()) + _cost
    where greatest(r.spent_until, statement_timestamp()) + _cost <= statement_timestamp() + _burst;

    if not found then
        select r.spent_until into strict _spent_until
        from wingman.rate_limits as r
        where r.user_id = spend.user_id and r.bucket = spend.bucket;
        perform wingman.raise_error('rate_limited', jsonb_build_object(
            'retry_after', ceil(extract(epoch from _spent_until + _cost - _burst - statement_timestamp()))
        ));
    end if;
end
$$;

comment on function wingman.spend(uuid, text, integer, interval) is
'Takes one call from a user''s rate limit: so many calls at once, which come back one after the other over the period (generic
cell rate algorithm). A call that is refused afterwards takes nothing. bucket: see wingman.rate_limits; calls and period: the bucket''s
columns of wingman.settings. Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.spend(uuid, text, integer, interval) from public, anon, authenticated, service_role;
