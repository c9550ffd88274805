"""Arguments as ``KEY=VALUE``, whose names are checked here; the database parses the values."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from wingmanmatch.tools.cli.failures import MisuseError


def misnamed(what: str, name: str, known: Collection[str]) -> MisuseError:
    """The failure for a name that does not exist, with the one that is meant, or all that there are."""
    near = get_close_matches(name, known, 1)
    suggestion = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return MisuseError(f"There is no {what} {name!r}; {suggestion}")


def named(
    texts: Iterable[str], names: Collection[str], required: Iterable[str], there_are: str
) -> dict[str, str]:
    """The values by name.

    Args:
        texts: as they were typed.
        names: the names that may be given.
        required: those that must be.
        there_are: says what may be given, for an error message.

    Raises:
        MisuseError: something else was given, or something is missing.
    """
    given: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in names:
            raise MisuseError(f"{there_are}, each as KEY=VALUE, not {text!r}")
        if name in given:
            raise MisuseError(f"{name} is given twice")
        given[name] = value
    if missing := [name for name in required if name not in given]:
        raise MisuseError(f"{there_are}; {', '.join(missing)} cannot be left out")
    return given


def completions(names: Iterable[str], texts: Iterable[str], incomplete: str) -> list[str]:
    """Those of the names that are not given yet and go on from what is typed, for the shell."""
    given = {text.partition("=")[0] for text in texts}
    return [f"{name}=" for name in names if name not in given and f"{name}=".startswith(incomplete)]
