create or replace function wingman.mark_replay(is_replay boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _mark jsonb := '{"Idempotency-Replayed": "true"}'::jsonb;
    _headers jsonb;
begin
    select jsonb_agg(h.header)
    into _headers
    from jsonb_array_elements(coalesce(nullif(current_setting('response.headers', true), ''), '[]')::jsonb) as h (header)
    where h.header <> _mark;

    if mark_replay.is_replay then
        _headers := coalesce(_headers, '[]'::jsonb) || _mark;
    end if;
    perform set_config('response.headers', coalesce(_headers::text, ''), true);
exception
    -- the headers are not JSON: whoever set them has no use for the mark
    when data_exception then
        null;
end
$$;

comment on function wingman.mark_replay(boolean) is
'Adds the header Idempotency-Replayed to those that PostgREST sends with the answer, or removes it';
revoke all on function wingman.mark_replay(boolean) from public, anon, authenticated, service_role;
