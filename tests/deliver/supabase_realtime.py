"""What Supabase Realtime has in a database: written anew from its published signature and table.

The real one was not at hand. Like it, ``send`` swallows every error, and tells it as a warning.
"""

import re

from harness import Connection
from wingmanmatch.database import paths

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
create function realtime.topic() returns text language sql stable
as $$ select nullif(current_setting('realtime.topic', true), '') $$;
grant usage on schema realtime to authenticated;
grant select on realtime.messages to authenticated;
"""


def _documented() -> str:
    """The statements of the document by which users may listen, and workers may send."""
    document = (paths.ROOT / "docs" / "supabase.md").read_text(encoding="utf-8")
    (statements,) = re.findall(
        r"^create policy wingman_users.*?(?=^select wingman_admin)", document, re.DOTALL | re.MULTILINE
    )
    return str(statements)


GRANTS = _documented()


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
