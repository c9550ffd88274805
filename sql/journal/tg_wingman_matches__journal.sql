create or replace function wingman.tg_wingman_matches__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb;
    _after jsonb;
begin
    -- What calls do comes first, with as few operators as possible: each costs a look-up in every call. An array compares several
    -- columns with one.
    if new.status <> old.status and array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        insert into wingman.events (kind, match_id, user_id)
        values ('match_' || new.status, new.id, new.responded_by);
        return new;
    elsif array[new.expires_at, new.created_at] = array[old.expires_at, old.created_at] then
        if old.first_accepted_by is null and new.first_accepted_by is not null then
            insert into wingman.events (kind, match_id, user_id)
            values ('match_first_accepted', new.id, new.first_accepted_by);
        elsif new.ended_at is distinct from old.ended_at then
            insert into wingman.events (kind, match_id, user_id, details)
            values (
                'match_ended',
                new.id,
                new.ended_by,
                case when new.ended_at <> statement_timestamp() then jsonb_build_object('ended_at', new.ended_at) end
            );
        end if;
        return new;
    end if;

    _before := wingman.match_state(old.status, old.responded_by, old.expires_at, old.ended_at);
    if tg_op = 'UPDATE' then
        _after := wingman.match_state(new.status, new.responded_by, new.expires_at, new.ended_at);
        if new.created_at <> old.created_at then
            _before := _before || jsonb_build_object('created_at', old.created_at);
            _after := _after || jsonb_build_object('created_at', new.created_at);
        end if;
    end if;
    insert into wingman.events (kind, match_id, details)
    values (
        case tg_op when 'DELETE' then 'match_deleted' else 'changed_by_hand' end,
        old.id,
        wingman.change_by_hand(_before, _after)
    );
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__journal() is 'Trigger: writes what happens to a match to wingman.events';
revoke all on function wingman.tg_wingman_matches__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after update or delete on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__journal();

create or replace trigger refuse_truncate before truncate on public.wingman_matches
for each statement execute function wingman.tg_any__refuse_truncate();
