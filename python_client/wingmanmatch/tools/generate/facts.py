"""Everything that is made from a database, read from it at once."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from wingmanmatch.catalog.errors import CataloguedError, read_errors
from wingmanmatch.catalog.events import (
    EventKind,
    NotificationKind,
    read_event_kinds,
    read_notification_kinds,
)
from wingmanmatch.catalog.functions import Catalog, read_catalog
from wingmanmatch.catalog.inventory import PersonalColumns, read_inventory
from wingmanmatch.catalog.privileges import read_privileges
from wingmanmatch.catalog.relations import (
    OperatorsFunction,
    Relation,
    read_operators_functions,
    read_tables,
    read_views,
)
from wingmanmatch.tools.generate.examples import Examples, tell


@dataclass(frozen=True, slots=True)
class Contract:
    """What a database promises to its callers."""

    catalog: Catalog
    errors: tuple[CataloguedError, ...]
    examples: Examples
    tables: tuple[Relation, ...]
    """The tables whose rows users can read."""
    views: tuple[Relation, ...]
    """For operators."""
    operators_functions: tuple[OperatorsFunction, ...]
    event_kinds: tuple[EventKind, ...]
    notification_kinds: tuple[NotificationKind, ...]
    inventory: tuple[PersonalColumns, ...]
    """Whose data the columns hold that hold anybody's."""
    privileges: tuple[str, ...]
    """Who may do what, as lines."""


def read_contract(connection: Connection[Any]) -> Contract:
    """Read the contract from a database at head without people, and leave it as it is.

    Args:
        connection: a superuser's, in autocommit.

    Raises:
        ValueError: a comment does not explain every argument, or a set of values is not defined once.
        StoryError: the database has people, or does not answer as the story of the examples expects.
    """
    # names without a schema, and texts, as on a database with default settings
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('search_path', 'public, pg_temp', true)")
        catalog = read_catalog(connection)
        errors = read_errors(connection)
        sets = catalog.value_sets
        relations = read_tables(connection, sets), read_views(connection, sets)
        functions = read_operators_functions(connection)
        vocabularies = read_event_kinds(connection), read_notification_kinds(connection)
        inventory = read_inventory(connection)
        privileges = tuple(read_privileges(connection))
    examples = tell(connection, errors)
    return Contract(catalog, errors, examples, *relations, functions, *vocabularies, inventory, privileges)
