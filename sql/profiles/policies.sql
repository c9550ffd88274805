-- (select ...) and array(select ...) run once per query, and leave the indexes usable
create policy own_or_partner on public.user_profiles for select to authenticated
using (id = (select wingman.current_user_id()) or id = any(array(select wingman.partner_ids())));

create policy operators on public.user_profiles for select to wingman_admin using (true);

create policy own on public.user_locations for select to authenticated
using (user_id = (select wingman.current_user_id()));
