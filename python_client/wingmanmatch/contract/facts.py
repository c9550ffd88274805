"""Everything that the documents tell, read from one database."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from wingmanmatch.contract.catalog import Catalog, read_catalog
from wingmanmatch.contract.examples import Examples, tell
from wingmanmatch.contract.relations import (
    OperatorsFunction,
    Relation,
    read_operators_functions,
    read_tables,
    read_views,
)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a database promises to its callers."""

    catalog: Catalog
    examples: Examples
    tables: tuple[Relation, ...]
    """Of which users read rows."""
    views: tuple[Relation, ...]
    """For operators."""
    operators_functions: tuple[OperatorsFunction, ...]


def read_contract(connection: Connection[Any]) -> Contract:
    """Read the contract from a database at head without people, and leave it as it is.

    Args:
        connection: a superuser's, in autocommit.

    Raises:
        ValueError: a function's comment does not explain every argument.
        StoryError: the database has people, or the story of the examples goes otherwise there.
    """
    # names without a schema, and texts, as on a database where nothing is set otherwise
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('search_path', 'public, pg_temp', true)")
        catalog = read_catalog(connection)
        relations = read_tables(connection), read_views(connection)
        functions = read_operators_functions(connection)
    return Contract(catalog, tell(connection), *relations, functions)
