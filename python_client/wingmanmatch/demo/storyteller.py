"""The story in any database that has WingmanMatch in it."""

import random
from collections.abc import Sequence
from uuid import UUID

from psycopg.errors import UniqueViolation
from rich.console import Console

from wingmanmatch import ProfileIncomplete, WingmanClient
from wingmanmatch.database.connection import connect
from wingmanmatch.demo.cast import cast_of_three
from wingmanmatch.demo.narrator import StoryError
from wingmanmatch.demo.people import Person
from wingmanmatch.demo.seed import sign_up
from wingmanmatch.demo.story import CAST, tell


def tell_anywhere(
    console: Console, database_url: str, client_url: str, user_ids: Sequence[UUID], seed: int | None
) -> None:
    """Tell the story with three newcomers, or with the users of ``user_ids``, who must not have a profile.

    Args:
        database_url: a login that can write ``auth.users``; not used if there are ``user_ids``.
        client_url: a login that can become ``authenticated``, as ``authenticator`` can.
        user_ids: three, or none.
        seed: chooses the city and the names; None: at random.

    Raises:
        StoryError: the cast cannot play, or the database does not answer as the story expects.
        WingmanError, psycopg.Error: the database refuses a call.
    """
    if user_ids and len(set(user_ids)) != CAST:
        raise StoryError(f"The story needs {CAST} different people")
    cast = cast_of_three(random.Random(None if seed is None else f"the story of {seed}"))
    with connect(client_url) as connection:
        client = WingmanClient(connection=connection)
        if user_ids:
            cast = [person._replace(id=user_id) for person, user_id in zip(cast, user_ids, strict=True)]
            spare_profiles(client, user_ids)
        else:
            welcome(database_url, cast)
        tell(client, console, cast)
    console.print(f"The three stay in the database: {', '.join(str(person.id) for person in cast)}")


def spare_profiles(client: WingmanClient, user_ids: Sequence[UUID]) -> None:
    """Refuse a cast whose profiles the story would replace."""
    for user_id in user_ids:
        try:
            client.as_user(user_id).get_profile()
        except ProfileIncomplete:
            continue
        raise StoryError(f"{user_id} has a profile, which the story would replace")


def welcome(database_url: str, cast: Sequence[Person]) -> None:
    """Sign the newcomers up."""
    try:
        with connect(database_url) as connection:
            sign_up(connection, cast)
    except UniqueViolation as violation:
        raise StoryError("The people of this seed are already there: use another --seed") from violation
