create or replace function wingman.last_id_of(source text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if last_id_of.source = 'journal' then
        return (select s.last_value - (not s.is_called)::integer from wingman.events_id_seq as s);
    end if;
    return (select s.last_value - (not s.is_called)::integer from wingman.reputation_events_id_seq as s);
end
$$;

comment on function wingman.last_id_of(text) is
'The last id assigned so far in the journal or the ledger; its transaction may still be open';
revoke all on function wingman.last_id_of(text) from public, anon, authenticated, service_role;
