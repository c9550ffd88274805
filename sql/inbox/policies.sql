create policy own on public.wingman_notifications for select to authenticated
using (user_id = (select wingman.current_user_id()));

create policy operators on public.wingman_notifications for select to wingman_admin using (true);
