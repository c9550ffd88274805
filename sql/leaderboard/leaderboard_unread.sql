create or replace function wingman.leaderboard_unread(period text, starting date)
returns setof wingman.leaderboard_standing
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    _entries wingman.reputation_events[] := array(select e from wingman.unread_reputation_events('leaderboard') as e);
begin
    return query
    select s.*
    from wingman.leaderboard_standings(
        _entries, wingman.leaderboard_reviewed(_entries), leaderboard_unread.period, leaderboard_unread.starting
    ) as s;
end
$$;

comment on function wingman.leaderboard_unread(text, date) is
'Whoever may stand elsewhere on a board than is stored: all others stand where they are stored. Takes as long as the reader
leaderboard is behind, however many people there are';
revoke all on function wingman.leaderboard_unread(text, date) from public, anon, authenticated, service_role;
