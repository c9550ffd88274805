create or replace function wingman.profile_lock(user_id uuid)
returns bigint
language sql
immutable
return hashtextextended('complete_profile ' || user_id, 0);

comment on function wingman.profile_lock(uuid) is
'The key of the advisory lock on a user''s profile, also of one that is not there yet: exclusive for who makes, changes or erases
it, shared for who needs it to stay';
revoke all on function wingman.profile_lock(uuid) from public, anon, authenticated, service_role;
