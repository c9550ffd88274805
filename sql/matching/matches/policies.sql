create policy participant on public.wingman_matches for select to authenticated
using (user1_id = (select wingman.current_user_id()) or user2_id = (select wingman.current_user_id()));

create policy operators on public.wingman_matches for select to wingman_admin using (true);
