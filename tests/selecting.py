"""Which tests stand for others, and all that were found."""

from fnmatch import fnmatchcase

import pytest

COLLECTED = pytest.StashKey[list[pytest.Item]]()
"""Every test that was found, before any is deselected."""


def stands_behind_others(item: pytest.Function) -> bool:
    """Whether an item is one of a parametrized test that has representatives, and is none of them."""
    marker = item.get_closest_marker("representatives")
    if marker is None or not hasattr(item, "callspec"):
        return False
    return not any(fnmatchcase(item.callspec.id, pattern) for pattern in marker.args)
