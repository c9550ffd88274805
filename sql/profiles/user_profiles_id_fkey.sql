-- On Supabase wingman_owner has no right to schema auth: the migrating role makes this key.
set local role none;

alter table public.user_profiles
add constraint user_profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade;

set local role wingman_owner;
