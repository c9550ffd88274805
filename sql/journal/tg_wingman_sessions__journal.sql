create or replace function wingman.tg_wingman_sessions__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _kind text;
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one operator and treats nulls as equal. The comparison fails for an INSERT and a DELETE, where one of the two
    -- rows is null. The guards keep cancelled_by from changing here.
    if array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and (
            (new.user1_completed_confirmed_by_user2 and not old.user1_completed_confirmed_by_user2)
            or (new.user2_completed_confirmed_by_user1 and not old.user2_completed_confirmed_by_user1)
        )
        and new.status in (old.status, 'completed')
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when old.status then 'session_confirmed' else 'session_completed' end,
            new.match_id,
            new.id,
            -- null if both flags were set by hand at once
            case
                when old.user1_completed_confirmed_by_user2 or not new.user1_completed_confirmed_by_user2 then new.user1_id
                when old.user2_completed_confirmed_by_user1 or not new.user2_completed_confirmed_by_user1 then new.user2_id
            end
        );
        return new;
    elsif array[new.scheduled_time, new.reverted_at] = array[old.scheduled_time, old.reverted_at]
        and array[new.user1_completed_confirmed_by_user2, new.user2_completed_confirmed_by_user1]
        = array[old.user1_completed_confirmed_by_user2, old.user2_completed_confirmed_by_user1]
        and new.status <> old.status
        and old.is_active
    then
        insert into wingman.events (kind, match_id, session_id, user_id)
        values (
            case new.status when 'in_progress' then 'session_started' else 'session_' || new.status end,
            new.match_id,
            new.id,
            case new.status when 'in_progress' then new.started_by when 'cancelled' then new.cancelled_by end
        );
        return new;
    end if;

    _kind := case
        when tg_op = 'DELETE' then 'session_deleted'
        when (
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        )
            is not distinct from (
                old.status,
                old.scheduled_time,
                old.user1_completed_confirmed_by_user2,
                old.user2_completed_confirmed_by_user1,
                old.cancelled_by,
                old.reverted_at
            )
            then case
                when new.proposed_at <> old.proposed_at then 'session_moved'
                when new.agreed_at <> old.agreed_at or (new.agreed_at is not null and old.agreed_at is null) then 'session_agreed'
            end
        when old.status = 'cancelled' and new.status = 'no_show' and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_no_show'
        when new.user1_completed_confirmed_by_user2 <> old.user1_completed_confirmed_by_user2
            or new.user2_completed_confirmed_by_user1 <> old.user2_completed_confirmed_by_user1
            then 'changed_by_hand'
        when new.status = old.status
            and new.scheduled_time <> old.scheduled_time
            and new.reverted_at is not distinct from old.reverted_at
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_moved'
        when new.status = old.status
            and new.scheduled_time = old.scheduled_time
            and new.reverted_at is not null
            and new.cancelled_by is not distinct from old.cancelled_by
            then 'session_reverted'
        else 'changed_by_hand'
    end;
    if _kind is null then
        return new;
    elsif _kind in ('session_deleted', 'changed_by_hand') then
        _before := wingman.session_state(
            old.status,
            old.scheduled_time,
            old.user1_completed_confirmed_by_user2,
            old.user2_completed_confirmed_by_user1,
            old.cancelled_by,
            old.reverted_at
        );
        if tg_op = 'DELETE' and old.status = 'completed' then
            -- otherwise a statistic of the last day would not know which completion is gone
            _before := _before || jsonb_build_object('completed_at', old.completed_at);
        end if;
    end if;
    if _kind = 'changed_by_hand' then
        _after := wingman.session_state(
            new.status,
            new.scheduled_time,
            new.user1_completed_confirmed_by_user2,
            new.user2_completed_confirmed_by_user1,
            new.cancelled_by,
            new.reverted_at
        );
    end if;
    insert into wingman.events (kind, match_id, session_id, user_id, details)
    values (
        _kind,
        coalesce(new.match_id, old.match_id),
        coalesce(new.id, old.id),
        case
            when _kind = 'session_agreed' then new.agreed_by
            -- null if only the time was changed, by hand
            when _kind = 'session_moved' and new.proposed_at <> old.proposed_at then new.proposed_by
        end,
        case
            when _before is not null then wingman.change_by_hand(_before, _after)
            when _kind = 'session_moved' then jsonb_build_object(
                'scheduled_time', new.scheduled_time, 'scheduled_time_before', old.scheduled_time
            )
            when _kind = 'session_reverted' and new.reverted_at <> statement_timestamp() then jsonb_build_object(
                'reverted_at', new.reverted_at
            )
            when _kind = 'session_no_show' then jsonb_build_object('status_before', old.status)
        end
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_sessions__journal() is 'Trigger: writes what happens to a session to wingman.events';
revoke all on function wingman.tg_wingman_sessions__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_sessions
for each row execute function wingman.tg_wingman_sessions__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_sessions
for each statement execute function wingman.tg_any__refuse_truncate();
