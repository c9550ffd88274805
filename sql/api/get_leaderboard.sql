create or replace function public.get_leaderboard(
    period text,
    starting date default null,
    city text default null,
    around_me boolean default false,
    after text default null,
    page_size integer default 20,
    user_id uuid default null
)
returns public.leaderboard
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_leaderboard(
        get_leaderboard.period,
        get_leaderboard.starting,
        get_leaderboard.city,
        get_leaderboard.around_me,
        get_leaderboard.after,
        get_leaderboard.page_size,
        get_leaderboard.user_id
    );
end
$$;

comment on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid) is
'Reads a page of the leaderboard: who has met the most buddies.
Only people who have opted in with set_leaderboard_visibility are on it, and nobody who is suspended.
The count is the number of buddies with whom a person has completed a session, each counted once a week; what operators revert does
not count. People without one are not listed. Exact at the moment of the call.
period: one of leaderboard_period.
starting: any day of the week or month; null for the current one. Must be left out for all_time.
city: only people whose current city has this name, whatever the case and the blanks. Empty if they are fewer than
settings.leaderboard_city_minimum; null for everybody.
around_me: begin half a page before the caller; empty if the caller is not on the board.
after: next_after of the previous page.
page_size: 1 to 100 people.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page, how many people are on the board, and the caller''s own rank and count.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, invalid_argument.';
revoke all on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.get_leaderboard(text, date, text, boolean, text, integer, uuid)
to authenticated, service_role, wingman_admin;
