create or replace function public.set_leaderboard_visibility(
    visibility text,
    user_id uuid default null,
    idempotency_key text default null
)
returns public.acknowledgement
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.set_leaderboard_visibility(
        set_leaderboard_visibility.visibility,
        set_leaderboard_visibility.user_id,
        set_leaderboard_visibility.idempotency_key
    );
end
$$;

comment on function public.set_leaderboard_visibility(text, uuid, text) is
'Opts in to the leaderboard or out of it. Everybody is off until then.
On the leaderboard, every user sees the caller''s count, with or without the first name, and that the caller lives in a city, if they
ask for that city. Otherwise only partners see a reputation. People whom the caller has blocked, or who have blocked the caller,
never see the name.
visibility: one of leaderboard_visibility; off keeps the caller out of all ranks and totals.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
idempotency_key: the same call with the same key gets the first answer again, and nothing is done twice.
Result: success and a message.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument,
unsupported_isolation, read_only_transaction, idempotency_key_reused, idempotency_key_invalid, rate_limited, busy.';
revoke all on function public.set_leaderboard_visibility(text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.set_leaderboard_visibility(text, uuid, text) to authenticated, service_role, wingman_admin;
