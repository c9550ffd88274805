create or replace function wingman.erase_replies(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := erase_replies.user_id;
    _buddies uuid[] := array(
        select distinct case m.user1_id when _me then m.user2_id else m.user1_id end
        from public.wingman_matches as m
        where m.user1_id = _me or m.user2_id = _me
    );
begin
    -- in this order, so that two people who leave at once do not wait for each other
    perform
    from wingman.idempotency_keys as k
    where k.user_id = any(_buddies || _me)
    order by k.user_id, k.idempotency_key
    for update;

    delete from wingman.idempotency_keys as k where k.user_id = _me;

    update wingman.idempotency_keys as k
    set response = wingman.redacted_reply(k.response, _me)
    where k.user_id = any(_buddies) and wingman.redacted_reply(k.response, _me) <> k.response;
end
$$;

comment on function wingman.erase_replies(uuid) is
'Deletes the answers kept under a person''s idempotency keys, and takes what those of buddies say about this person out of them;
their keys and fingerprints stay. The last to lock anything: whoever waits for one of these rows has done all else.';
revoke all on function wingman.erase_replies(uuid) from public, anon, authenticated, service_role;
