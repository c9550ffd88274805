"""Many people, each in a match: for measurements."""

from typing import Any

import psycopg
from rich.console import Console
from wingmanmatch.demo.seed import seed_people

_MATCHES = """
    with people as (
        select p.id, row_number() over (order by p.id) as place from public.user_profiles as p
    )
    insert into public.wingman_matches
        (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level, distance_miles,
         expires_at)
    select a.id, b.id, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours'
    from people as a
    inner join people as b on b.place = a.place + 1
    where a.place % 2 = 1
"""
_ACCEPT = """
    update public.wingman_matches
    set status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp()
    returning id, user1_id, user2_id
"""


def match_many(connection: psycopg.Connection[Any], people: int) -> list[Any]:
    """So many people in an empty database, each in a match; the ids of each match and of its two people."""
    seed_people(connection, Console(quiet=True), people, 1)
    connection.execute(_MATCHES)
    matches = connection.execute(_ACCEPT).fetchall()
    connection.execute("analyze")
    for _ in range(2):
        connection.execute("select wingman.run_readers(100000)")
    return matches
