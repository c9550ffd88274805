create or replace function wingman.consume_rate_limit(user_id uuid, bucket text, cost interval, burst interval)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.rate_limits as r (user_id, bucket, spent_until)
    values (consume_rate_limit.user_id, consume_rate_limit.bucket, statement_timestamp() + consume_rate_limit.cost)
    on conflict on constraint rate_limits_pkey do update
    set spent_until = greatest(r.spent_until + consume_rate_limit.cost, excluded.spent_until)
    where r.spent_until <= statement_timestamp() + consume_rate_limit.burst;

    if not found then
        -- Nobody can have spent more than all: the clock was ahead then. Not by a moment: whoever waited for the row began before
        -- others who came first.
        update wingman.rate_limits as r
        set spent_until = statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst
        where r.user_id = consume_rate_limit.user_id
            and r.bucket = consume_rate_limit.bucket
            and r.spent_until > statement_timestamp() + consume_rate_limit.cost + consume_rate_limit.burst + interval '1 minute';
        if not found then
            perform wingman.raise_error('rate_limited', (
                select jsonb_build_object('retry_after', ceil(extract(
                    epoch from r.spent_until - (statement_timestamp() + consume_rate_limit.burst)
                )))
                from wingman.rate_limits as r
                where r.user_id = consume_rate_limit.user_id and r.bucket = consume_rate_limit.bucket
            ));
        end if;
    end if;
    return consume_rate_limit.user_id;
end
$$;

comment on function wingman.consume_rate_limit(uuid, text, interval, interval) is
'Takes one call from a user''s rate limit (generic cell rate algorithm). A call that is refused afterwards takes nothing. A
user who has spent more than there is, because the clock was ahead, has spent everything just now.
bucket: see wingman.rate_limits; cost and burst: the bucket''s columns of wingman.settings, which the caller reads in a
statement that it needs anyway. Returns user_id: an assignment costs less than PERFORM.
Errors: rate_limited, whose context retry_after is in seconds.';
revoke all on function wingman.consume_rate_limit(uuid, text, interval, interval) from public, anon, authenticated, service_role;
