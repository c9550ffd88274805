\set n :client_id * :each + :call
\set call :call + 1
\set caller 2 * :n + :n % 2
begin;
select s.*, m.user1_id, m.user2_id, (m.user1_id = md5('person ' || :caller)::uuid)::integer as is_user1 from seed_design.wingman_sessions s join seed_design.wingman_matches m on s.match_id = m.id where s.id = md5('session ' || :turn || ' ' || :n)::uuid and (m.user1_id = md5('person ' || :caller)::uuid or m.user2_id = md5('person ' || :caller)::uuid) \gset
\if :is_user1
update seed_design.wingman_sessions set user2_completed_confirmed_by_user1 = true where id = :id and user2_completed_confirmed_by_user1 = false;
\else
update seed_design.wingman_sessions set user1_completed_confirmed_by_user2 = true where id = :id and user1_completed_confirmed_by_user2 = false;
\endif
update seed_design.wingman_sessions set status = 'completed', completed_at = now() where id = :id and user1_completed_confirmed_by_user2 = true and user2_completed_confirmed_by_user1 = true and status != 'completed';
\if :lean = 0 or :n % 2 = 1
update seed_design.user_profiles set completed_sessions = completed_sessions + 1 where id in (:user1_id, :user2_id);
\endif
commit;
