create policy own on public.user_blocks for select to authenticated
using (blocker_id = (select wingman.current_user_id()));

create policy operators on public.user_blocks for select to wingman_admin using (true);
