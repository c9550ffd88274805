create or replace function wingman.erase_person(user_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(wingman.profile_lock(erase_person.user_id));
    -- The trigger settle_departure does so as well. Here it comes before the lock on the profile, which is the last of the lock order.
    perform wingman.settle_departure(erase_person.user_id);
    delete from public.user_profiles as p where p.id = erase_person.user_id;
    return found;
end
$$;

comment on function wingman.erase_person(uuid) is
'Erases a person''s data, as wingman.data_inventory says: what deleting the row of auth.users does, except that the account stays.
Returns whether there was a profile.';
revoke all on function wingman.erase_person(uuid) from public, anon, authenticated, service_role;
