create or replace function wingman.refuse_conflict(user_id uuid, moment timestamptz, session_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid := (
        select wingman.conflicting_session(
            refuse_conflict.user_id, refuse_conflict.moment, t.session_spacing, refuse_conflict.session_id
        )
        from wingman.settings as t
    );
begin
    if _id is not null then
        perform wingman.raise_error('schedule_conflict', (
            select jsonb_build_object('session_id', s.id, 'time', wingman.utc_text(s.scheduled_time))
            from public.wingman_sessions as s
            where s.id = _id
        ));
    end if;
end
$$;

comment on function wingman.refuse_conflict(uuid, timestamptz, uuid) is
'Refuses a moment that is too near another session in a person''s own diary, see wingman.conflicting_session. Errors:
schedule_conflict, whose context names that session.';
revoke all on function wingman.refuse_conflict(uuid, timestamptz, uuid) from public, anon, authenticated, service_role;
