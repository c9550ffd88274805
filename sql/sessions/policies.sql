create policy participant on public.wingman_sessions for select to authenticated
using (
    match_id = any(array(
        select m.id
        from public.wingman_matches as m
        where m.user1_id = (select wingman.current_user_id()) or m.user2_id = (select wingman.current_user_id())
    ))
);

create policy operators on public.wingman_sessions for select to wingman_admin using (true);
