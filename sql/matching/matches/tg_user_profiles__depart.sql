create or replace function wingman.tg_user_profiles__depart()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _match_id uuid;
begin
    perform wingman.leave_pending_match(old.id);

    for _match_id in
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = old.id or m.user2_id = old.id) and m.status = 'accepted' and m.ended_at is null
        order by m.id
        for no key update
    loop
        perform wingman.end_accepted_match(_match_id, old.id);
    end loop;
    -- not by wingman.record_reputation, which would change the row that is being deleted
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (old.id, 'departed', wingman.reputation_delta('departed'), old.completed_sessions, old.no_shows);
    return old;
end
$$;

comment on function wingman.tg_user_profiles__depart() is
'Trigger: before a profile is deleted, its pending match is settled, its accepted matches end and their sessions are cancelled.
History and partners'' reputation stay, and the ledger says that this person has gone.';
revoke all on function wingman.tg_user_profiles__depart() from public, anon, authenticated, service_role;

create or replace trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.tg_user_profiles__depart();
