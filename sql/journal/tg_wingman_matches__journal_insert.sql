create or replace function wingman.tg_wingman_matches__journal_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, match_id, user_id, details)
    values (
        'match_offered',
        new.id,
        new.searched_by,
        jsonb_build_object('user1_id', new.user1_id, 'user2_id', new.user2_id, 'expires_at', new.expires_at)
    );
    return null;
end
$$;

comment on function wingman.tg_wingman_matches__journal_insert() is 'Trigger: writes that a match was offered to wingman.events';
revoke all on function wingman.tg_wingman_matches__journal_insert() from public, anon, authenticated, service_role;

create or replace trigger journal_insert after insert on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__journal_insert();
