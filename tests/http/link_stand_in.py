"""Stands in for what the database does with links, until that is there."""

import pytest

_SQL = """
create table wingman.email_addresses (
    id uuid primary key default wingman.new_id(),
    user_id uuid not null unique references public.user_profiles (id) on delete cascade,
    address text not null,
    confirmed_at timestamptz
);
create table wingman.channel_settings (
    user_id uuid not null references public.user_profiles (id) on delete cascade,
    channel text not null,
    kinds text[],
    primary key (user_id, channel)
);
create function wingman.confirm_email_address(address_id uuid) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $$
begin
    update wingman.email_addresses as a set confirmed_at = coalesce(a.confirmed_at, statement_timestamp())
    where a.id = confirm_email_address.address_id;
    return found;
end
$$;
create function wingman.unsubscribe(user_id uuid, channel text) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $$
begin
    insert into wingman.channel_settings as c (user_id, channel, kinds)
    select p.id, unsubscribe.channel, '{}' from public.user_profiles as p where p.id = unsubscribe.user_id
    on conflict on constraint channel_settings_pkey do update set kinds = '{}';
    return exists (select from public.user_profiles as p where p.id = unsubscribe.user_id);
end
$$;
revoke all on function wingman.confirm_email_address(uuid), wingman.unsubscribe(uuid, text) from public;
grant execute on function wingman.confirm_email_address(uuid), wingman.unsubscribe(uuid, text) to service_role;
"""


@pytest.fixture
def stand_in(db):
    db.execute(_SQL)
