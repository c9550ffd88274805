create or replace function wingman.leaderboard_place_of(board text, cursor text)
returns wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _key bytea := (select k.secret from wingman.leaderboard_key as k);
    _tag bytea;
    _mask bytea;
    _place bytea;
    _found wingman.leaderboard_place;
begin
    if leaderboard_place_of.cursor !~ '^[0-9a-f]{64}$' then
        return null;
    end if;
    _tag := decode(left(leaderboard_place_of.cursor, 32), 'hex');
    _place := decode(right(leaderboard_place_of.cursor, 32), 'hex');
    _mask := sha256(_tag || _key);
    for _byte in 0..15 loop
        _place := set_byte(_place, _byte, get_byte(_place, _byte) # get_byte(_mask, _byte));
    end loop;
    if _tag <> substr(sha256(_key || convert_to(leaderboard_place_of.board, 'UTF8') || _place), 1, 16) then
        return null;
    end if;

    _found.count := ('x' || encode(substr(_place, 5, 4), 'hex'))::bit(32)::integer;
    _found.seniority := ('x' || encode(substr(_place, 9, 8), 'hex'))::bit(64)::bigint;
    return _found;
end
$$;

comment on function wingman.leaderboard_place_of(text, text) is
'The place that wingman.leaderboard_cursor made a cursor of, without the user; null if it is of another board, or no cursor';
revoke all on function wingman.leaderboard_place_of(text, text) from public, anon, authenticated, service_role;
