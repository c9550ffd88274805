"""``wingman db``: the revisions and the privileges of a database."""

from typing import Annotated

import typer

from wingmanmatch.tools.cli.options import DatabaseUrl, group

app = group("Revisions and privileges of a database.")

Revision = Annotated[str, typer.Argument(help="A revision, e.g. 0001.")]


@app.command()
def upgrade(revision: Revision = "head", database_url: DatabaseUrl = "") -> None:
    """Bring a database up to a revision.

    It runs in one transaction. It needs a direct connection, or a pooler in session mode, and a login that
    can create roles.
    """
    from wingmanmatch.database.upgrade import upgrade as run

    run(database_url, revision)
    tell_revision(database_url)


# As in alembic: -1 is not an option, but the revision before.
@app.command(context_settings={"ignore_unknown_options": True})
def downgrade(revision: Revision, database_url: DatabaseUrl = "") -> None:
    """Take a database back to an earlier revision.

    Or to -1, the one before, or to base. It is refused if data would be lost.
    """
    from wingmanmatch.database.upgrade import downgrade as run

    run(database_url, revision)
    tell_revision(database_url)


@app.command()
def current(database_url: DatabaseUrl = "") -> None:
    """Show the revision of a database."""
    tell_revision(database_url)


@app.command()
def grant(database_url: DatabaseUrl = "") -> None:
    """Give all objects their owner and privileges.

    Those of this release, as after pg_restore with --no-owner or --no-privileges. It needs a superuser, or a
    login that owns the objects and the database and is a member of wingman_owner.
    """
    from wingmanmatch.tools.doctor.rights import restore_rights

    count = restore_rights(database_url)
    typer.echo(f"{count} changes" if count else "nothing to do")


@app.command("sql")
def script(
    revision: Annotated[str, typer.Argument(help="A revision, or two: from:to.")] = "head",
) -> None:
    """Print the upgrade as an SQL script.

    The script brings an empty database up to a revision, for applying it by hand.
    """
    from wingmanmatch.database.upgrade import offline_sql

    typer.echo(offline_sql(revision), nl=False)


def tell_revision(database_url: str) -> None:
    """Print the revision, and whether it is the newest."""
    from wingmanmatch.database.connection import connect
    from wingmanmatch.database.upgrade import current_revision, revisions

    with connect(database_url) as connection:
        revision = current_revision(connection)
    newest = revisions()[0]
    typer.echo(
        f"{revision}, the newest" if revision == newest else f"{revision or 'none'}, the newest is {newest}"
    )
