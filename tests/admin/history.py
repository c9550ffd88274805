"""Years of matches and sessions with their journal and ledger, written past the triggers for speed."""

from harness import Connection

HOURS = 24_000
"""How many hours ago the first match was offered; one an hour since then, the last one half an hour ago."""

_WRITE = f"""
    set local session_replication_role = replica;

    create temporary table history on commit drop as
    select
        n,
        wingman.first_id_at(t.at) as id,
        t.at,
        (array['accepted', 'accepted', 'declined', 'expired'])[n % 4 + 1] as status,
        -- of sessions a year ago and the active ones
        (array['completed', 'cancelled', 'no_show', 'completed'])[n / 4 % 4 + 1] as session_status
    from generate_series(1, {HOURS}) as n
    cross join lateral (
        select statement_timestamp() - n * interval '1 hour' + interval '30 minutes'
    ) as t (at)
    order by n desc;

    insert into public.wingman_matches (
        id, user1_id, user2_id, status, user1_reputation, user2_reputation, user1_level, user2_level,
        distance_miles, responded_by, responded_at, created_at, expires_at, ended_at
    )
    select
        h.id, md5('one' || h.n)::uuid, md5('two' || h.n)::uuid, h.status, 0, 0, 1, 1, 1,
        md5('one' || h.n)::uuid, h.at, h.at, h.at + interval '48 hours',
        case when h.status = 'accepted' and h.n > 1000 then h.at end
    from history as h;

    insert into public.wingman_sessions (
        id, match_id, user1_id, user2_id, venue_name, scheduled_time, status, is_active,
        user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1, completed_at, created_at
    )
    select
        h.id, h.id, md5('one' || h.n)::uuid, md5('two' || h.n)::uuid, 'Café', h.at + interval '12 hours',
        h.session_status, h.session_status in ('scheduled', 'in_progress'),
        h.session_status = 'completed', h.session_status = 'completed',
        case when h.session_status = 'completed' then h.at + interval '14 hours' end, h.at
    from history as h
    where h.status = 'accepted';

    insert into wingman.events (occurred_at, kind, match_id)
    select h.at, k.kind, h.id
    from history as h
    cross join lateral (values ('match_offered'), ('match_' || h.status)) as k (kind);

    insert into wingman.reputation_events (
        session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows
    )
    select h.id, md5('one' || h.n)::uuid, md5('two' || h.n)::uuid, 'completed', 1, 1, 0
    from history as h
    where h.status = 'accepted' and h.session_status = 'completed';

    -- every report has been decided, or nobody ever did
    insert into wingman.no_show_reports (
        id, session_id, reporter_id, accused_id, reason, status, created_at, answer_by, decide_by,
        answered_at, closed_at
    )
    select
        h.id, h.id, md5('one' || h.n)::uuid, md5('two' || h.n)::uuid, 'did_not_come',
        case when h.n % 8 = 0 then 'open' else 'admitted' end,
        h.at, h.at + interval '48 hours', h.at + interval '336 hours',
        case when h.n % 8 <> 0 then h.at end,
        case when h.n % 8 <> 0 then h.at end
    from history as h
    where h.status = 'accepted' and h.n > 400;

    -- every message has been sent, but for some that were dropped
    insert into wingman.webhooks (id, url, secret) values (md5('hook')::uuid, 'http://example.org', 'x');
    insert into wingman.notification_deliveries (
        id, channel, kind, user_id, target_id, state, attempts, last_error, created_at, settled_at
    )
    select
        h.id, 'webhook', 'match_offered', md5('one' || h.n)::uuid, md5('hook')::uuid,
        case when h.n % 8 = 0 then 'dropped' else 'sent' end,
        1, case when h.n % 8 = 0 then 'read' end, h.at, h.at
    from history as h;

    drop table history;
    set local session_replication_role = origin
"""


def write_history(db: Connection) -> None:
    with db.transaction():
        db.execute(_WRITE)
    db.execute("select wingman.make_event_partitions()")
    # as if the readers had read it all, and counted nothing
    db.execute(
        """update wingman.readers
           set seen = pg_current_snapshot(), target = pg_current_snapshot(),
               last_id = wingman.last_id_of(source)
           where true"""
    )
