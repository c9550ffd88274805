create or replace function wingman.tg_wingman_sessions__name_people()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select m.user1_id, m.user2_id
    into new.user1_id, new.user2_id
    from public.wingman_matches as m
    where m.id = new.match_id;
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__name_people() is
'Trigger: a new session has the two people of its match, so that a confirmation need not read the match';
revoke all on function wingman.tg_wingman_sessions__name_people() from public, anon, authenticated, service_role;

-- fires before guard_session, by its name
create trigger a_name_people before insert on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__name_people();
