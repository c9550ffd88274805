create or replace function wingman.leaderboard_cursor(board text, place wingman.leaderboard_place)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _key bytea := (select k.secret from wingman.leaderboard_key as k);
    _place bytea := int8send((leaderboard_cursor.place).count) || int8send((leaderboard_cursor.place).seniority);
    _tag bytea := substr(sha256(_key || convert_to(leaderboard_cursor.board, 'UTF8') || _place), 1, 16);
    _mask bytea := sha256(_tag || _key);
begin
    for _byte in 0..15 loop
        _place := set_byte(_place, _byte, get_byte(_place, _byte) # get_byte(_mask, _byte));
    end loop;
    return encode(_tag || _place, 'hex');
end
$$;

comment on function wingman.leaderboard_cursor(text, wingman.leaderboard_place) is
'A place on a board as a text that tells its reader nothing: the count and the seniority, encrypted under a tag that only this
board and this place have. Otherwise one could recognise a person without a name by the seniority. board: whatever the cursor is
for, the caller included';
revoke all on function wingman.leaderboard_cursor(text, wingman.leaderboard_place) from public, anon, authenticated, service_role;
