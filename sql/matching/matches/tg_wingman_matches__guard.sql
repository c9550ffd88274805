create or replace function wingman.tg_wingman_matches__guard()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _broken text;
begin
    -- each operator of an expression costs a look-up in every call, even if it is not reached: so one expression per case
    if old.status = 'pending' then
        _broken := case
            when new.status not in ('accepted', 'declined') then 'no_answer'
            when new.responded_at is null or (new.responded_by in (new.user1_id, new.user2_id)) is not true
                then 'response_check'
        end;
        -- by itself, since it costs a match that takes one accept less so
        if new.needs_both and _broken is null then
            _broken := case
                when (new.status = 'declined' or new.responded_by <> new.first_accepted_by) is not true then 'both_check'
            end;
        end if;
    else
        _broken := case
            when new.status <> old.status then 'transition'
            when (new.responded_by, new.responded_at) is distinct from (old.responded_by, old.responded_at) then 'response'
        end;
    end if;
    if _broken is not null then
        if _broken = 'no_answer' then
            _broken := case
                when new.status not in ('pending', 'expired') then 'status_check'
                when new.responded_by is not null or new.responded_at is not null then 'response_check'
            end;
        end if;
        if _broken is not null then
            raise exception using
                errcode = 'check_violation',
                constraint = 'wingman_matches_' || _broken,
                message = case _broken
                    when 'transition' then format('A match cannot go from %s to %s', old.status, new.status)
                    when 'response' then 'A match is answered once'
                    when 'status_check' then 'A match is pending, accepted, declined or expired'
                    when 'both_check' then 'This match is accepted once both people have accepted it'
                    when 'response_check' then 'An accepted or declined match says which of the two answered, and when'
                end;
        end if;
    end if;

    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_wingman_matches__guard() is
'Trigger: the states of a match. pending to accepted, declined or expired, all three terminal. Holds for direct SQL. No CHECK
constraints: every write would parse their text. tg_wingman_matches__guard_rest checks what an answer does not touch.';
revoke all on function wingman.tg_wingman_matches__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_match before update of status, responded_by, responded_at on public.wingman_matches
for each row execute function wingman.tg_wingman_matches__guard();
