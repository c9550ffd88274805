"""Which tests represent others, and all tests found."""

from fnmatch import fnmatchcase

import pytest

COLLECTED = pytest.StashKey[list[pytest.Item]]()
"""Every test that was found, before any is deselected."""


def stands_behind_others(item: pytest.Function) -> bool:
    """Whether an item belongs to a parametrized test with representatives, but is not one of them."""
    marker = item.get_closest_marker("representatives")
    if marker is None or not hasattr(item, "callspec"):
        return False
    return not any(fnmatchcase(item.callspec.id, pattern) for pattern in marker.args)
