create or replace function wingman.redacted_reply(response jsonb, user_id uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if redacted_reply.response #>> '{next_match,buddy_user_id}' = redacted_reply.user_id::text then
        -- as if nobody had been found
        return redacted_reply.response || '{"message": "Match declined.", "next_match": null}'::jsonb;
    elsif (redacted_reply.response ->> 'buddy_user_id' = redacted_reply.user_id::text) is not true then
        return redacted_reply.response;
    elsif jsonb_exists(redacted_reply.response, 'buddy_profile') then
        return jsonb_set(redacted_reply.response, '{buddy_profile}', 'null');
    elsif exists (
        select
        from public.wingman_sessions as s
        where s.id = (redacted_reply.response ->> 'id')::uuid
            and coalesce(s.created_by, redacted_reply.user_id) = redacted_reply.user_id
    ) then
        return jsonb_set(redacted_reply.response, '{notes}', 'null');
    end if;
    return redacted_reply.response;
end
$$;

comment on function wingman.redacted_reply(jsonb, uuid) is
'A buddy''s kept answer without what it says about a person: without the profile, and without the notes of a session that this
person, or nobody known, scheduled. All else stays, so that the answer keeps its type.';
revoke all on function wingman.redacted_reply(jsonb, uuid) from public, anon, authenticated, service_role;
