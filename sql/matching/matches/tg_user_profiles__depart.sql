create or replace function wingman.tg_user_profiles__depart()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.settle_departure(old.id);
    delete from wingman.match_searches as h
    where h.match_id = any(array(
        select m.id from public.wingman_matches as m where m.user1_id = old.id or m.user2_id = old.id
    ));
    -- not by wingman.record_reputation, which would change the row that is being deleted
    insert into wingman.reputation_events (user_id, kind, delta, completed_sessions, no_shows)
    values (old.id, 'departed', wingman.reputation_delta('departed'), old.completed_sessions, old.no_shows);
    perform wingman.erase_replies(old.id);
    perform wingman.erase_channels(old.id);
    perform wingman.erase_achievements(old.id);
    delete from wingman.leaderboard_members as o where o.user_id = old.id;
    return old;
end
$$;

comment on function wingman.tg_user_profiles__depart() is
'Trigger: whoever deletes a profile, by hand or with the account, erases what there is of the person, as wingman.data_inventory
says. The pending match is settled, accepted ones end and their sessions are cancelled. History and partners'' reputation stay, and
the ledger says that this person has gone.';
revoke all on function wingman.tg_user_profiles__depart() from public, anon, authenticated, service_role;

create or replace trigger settle_departure before delete on public.user_profiles
for each row execute function wingman.tg_user_profiles__depart();
