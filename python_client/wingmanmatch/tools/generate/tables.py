"""The tables in documents that are otherwise written by hand."""

from collections.abc import Iterable

from wingmanmatch.catalog.events import EventKind, NotificationKind
from wingmanmatch.catalog.functions import Catalog
from wingmanmatch.catalog.inventory import PersonalColumns


def with_functions(readme: str, catalog: Catalog) -> str:
    """The text of ``README.md`` with the table of functions as the catalog has it now.

    Raises:
        ValueError: the file has not both marks that the table stands between.
    """
    rows = [
        (f"[`{function.name}`](docs/reference.md#{function.name})", first_sentence(function.summary))
        for function in catalog.functions.values()
    ]
    return _with_table(readme, "the functions", ("function", "does"), rows)


def with_event_kinds(journal: str, kinds: Iterable[EventKind]) -> str:
    """The text of ``docs/journal.md`` with the vocabulary of the journal as the database has it now.

    Raises:
        ValueError: the file has not both marks that the table stands between.
    """
    rows = [
        (f"`{kind.name}`", kind.meaning, kind.details or "", kind.visible_to, kind.told_to or "")
        for kind in kinds
    ]
    heads = ("kind", "meaning", "details", "visible to", "told to")
    return _with_table(journal, "the vocabulary", heads, rows)


def with_notification_kinds(inbox: str, kinds: Iterable[NotificationKind]) -> str:
    """The text of ``docs/inbox.md`` with the kinds of notifications as the database has them now.

    Raises:
        ValueError: the file has not both marks that the table stands between.
    """
    rows = [(f"`{kind.name}`", kind.told_to or "", kind.message) for kind in kinds]
    return _with_table(inbox, "the vocabulary", ("kind", "told to", "message"), rows)


def with_inventory(privacy: str, inventory: Iterable[PersonalColumns]) -> str:
    """The text of ``docs/privacy.md`` with the registry of personal data as the database has it now.

    Raises:
        ValueError: the file has not both marks that the table stands between.
    """
    rows = [
        (
            f"`{told.table}`",
            ", ".join(f"`{column}`" for column in told.columns),
            "own" if told.whose == "own" else "another's",
            told.withheld or "",
            f"{told.at_erasure}: {told.reason}" if told.reason else told.at_erasure,
        )
        for told in inventory
    ]
    heads = ("table", "columns", "whose", "withheld", "at erasure")
    return _with_table(privacy, "the inventory", heads, rows)


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    return f"{text.split('. ')[0].removesuffix('.')}."


def _with_table(text: str, what: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    begin, end = f"<!-- made by make regenerate: {what} -->\n", f"<!-- end of {what} -->\n"
    before, began, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not began or not ended:
        raise ValueError(f"There is no place for the table of {what}")
    rule = "---|" * len(columns)
    table = "\n".join([_line(columns), f"|{rule}", *map(_line, rows)])
    return f"{before}{begin}\n{table}\n\n{end}{after}"


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
