"""Closed sets of values, such as the statuses of a match, as comments in the database write them.

"One of match_status: pending, accepted" defines the set ``match_status``; "one of match_status" in any other
comment refers to it. So each set is written once, and code that reads the catalog here gets its values for
both.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

ValueSets = Mapping[str, tuple[str, ...]]
"""The values of each set, by its name."""

_MENTION: Final = re.compile(
    r"(?<=\b[Oo]ne of )(?P<name>[a-z]+(?:_[a-z]+)+)\b(?:: (?P<values>[a-z_]+(?:, [a-z_]+)*)(?=[.;]| \(|$))?"
)


def defined(comments: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The sets that these comments define, in the order of their names.

    Raises:
        ValueError: a set is defined twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    for comment in comments:
        for mention in _MENTION.finditer(one_line(comment)):
            if mention["values"] is None:
                continue
            if mention["name"] in found:
                raise ValueError(f"The set {mention['name']} is defined twice")
            found[mention["name"]] = tuple(mention["values"].split(", "))
    return dict(sorted(found.items()))


def explained(comment: str, sets: ValueSets) -> tuple[str, str | None]:
    """A comment with the values in place of the set's name, and the name, if it has one.

    Raises:
        ValueError: no comment defines the set.
    """
    text = one_line(comment)
    mention = _MENTION.search(text)
    if mention is None:
        return text, None
    name = mention["name"]
    if name not in sets:
        raise ValueError(f"No comment defines the set {name}: {comment}")
    values = listed(sets[name])
    return text[: mention.start()] + values + text[mention.end() :], name


def listed(values: tuple[str, ...]) -> str:
    """The values as a sentence names them: "a, b or c"."""
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def one_line(comment: str) -> str:
    """A comment without its line breaks."""
    return " ".join(comment.split())
