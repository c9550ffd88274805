"""What Supabase Realtime has in a database: written anew from its published signature and table.

The real one was not at hand. Like it, ``send`` swallows every error, and tells it as a warning.
"""

from harness import Connection

_REALTIME = """
create schema realtime;
create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp not null default now(),
    inserted_at timestamp not null default now(),
    id uuid not null default gen_random_uuid(),
    primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_now partition of realtime.messages default;
alter table realtime.messages enable row level security;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
returns void
language plpgsql
as $$
begin
    begin
        perform set_config('realtime.topic', topic, true);
        insert into realtime.messages (payload, event, topic, private, extension)
        values (payload, event, topic, private, 'broadcast');
    exception
        when others then
            raise warning 'not sent: %', sqlerrm;
    end;
end
$$;
"""
GRANTS = """
grant usage on schema realtime to wingman_worker;
grant insert, select on table realtime.messages to wingman_worker;
create policy wingman_worker_sends on realtime.messages for insert to wingman_worker
with check (topic like 'user:%' and extension = 'broadcast' and private);
create policy wingman_worker_reads_back on realtime.messages for select to wingman_worker
using (topic like 'user:%' and extension = 'broadcast' and private);
"""
"""What an operator grants to workers, as the documents say."""


def install_realtime(db: Connection, *, granted: bool = True) -> None:
    """Make it, and let notifications go there.

    Args:
        db: a superuser's connection.
        granted: whether workers may use it.
    """
    db.execute(_REALTIME)
    if granted:
        db.execute(GRANTS)
    db.execute("update wingman.settings set realtime = true")
