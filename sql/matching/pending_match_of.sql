create or replace function wingman.pending_match_of(user_id uuid)
returns public.wingman_matches
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _match public.wingman_matches;
begin
    select m.* into _match
    from wingman.match_seekers as s
    inner join public.wingman_matches as m on m.id = s.pending_match_id
    where s.user_id = pending_match_of.user_id;

    return _match;
end
$$;

comment on function wingman.pending_match_of(uuid) is
'The pending match of a user, lapsed or not, or a row of nulls. Exact while the caller holds the user''s seeker: nobody else can
then give or take one.';
revoke all on function wingman.pending_match_of(uuid) from public, anon, authenticated, service_role;
