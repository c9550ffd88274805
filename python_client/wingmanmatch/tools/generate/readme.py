"""The table of functions in ``README.md``."""

from typing import Final

from wingmanmatch.catalog.functions import Catalog

_BEGIN: Final = "<!-- made by make regenerate: the functions -->\n"
_END: Final = "<!-- end of the functions -->\n"


def with_functions(readme: str, catalog: Catalog) -> str:
    """The text of the file with the table as the catalog has it now.

    Raises:
        ValueError: the file lacks one of the two marks around the table.
    """
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("README.md has no place for the table of functions")
    rows = [
        f"| [`{function.name}`](docs/reference.md#{function.name}) | {first_sentence(function.summary)} |\n"
        for function in catalog.functions.values()
    ]
    return f"{before}{begin}\n| function | does |\n|---|---|\n{''.join(rows)}\n{end}{after}"


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    return f"{text.split('. ')[0].removesuffix('.')}."
