"""Which tests represent others, and all tests found."""

from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest

SAMPLE = 2
"""How many repetitions of a parametrized test make test runs, unless its marks say otherwise."""

COLLECTED = pytest.StashKey[list[pytest.Item]]()
"""Every test that was found, before any is deselected."""


def stands_behind_others(item: pytest.Function) -> bool:
    """Whether an item belongs to a parametrized test with representatives, but is not one of them."""
    marker = item.get_closest_marker("representatives")
    if marker is None or not hasattr(item, "callspec"):
        return False
    return not any(fnmatchcase(item.callspec.id, pattern) for pattern in marker.args)


def beyond_the_sample(items: Iterable[pytest.Item]) -> list[pytest.Function]:
    """The repetitions of parametrized tests that are not in the sample of their test.

    A sample is spread evenly, from the first to the last. ``representatives`` and ``every`` do without one.
    """
    repetitions: dict[str, list[pytest.Function]] = defaultdict(list)
    for item in items:
        if (
            isinstance(item, pytest.Function)
            and hasattr(item, "callspec")
            and not any(map(item.get_closest_marker, ("representatives", "every", "exhaustive")))
        ):
            repetitions[item.nodeid.partition("[")[0]].append(item)
    return [
        item
        for those in repetitions.values()
        for place, item in enumerate(those)
        if len(those) > SAMPLE
        and place not in {round(n * (len(those) - 1) / (SAMPLE - 1)) for n in range(SAMPLE)}
    ]
