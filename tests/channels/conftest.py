"""Somebody who is told outside the app."""

from uuid import UUID

import pytest


@pytest.fixture
def ana(people) -> UUID:
    """Somebody with a profile."""
    return people.add("Ana")


@pytest.fixture
def ben(people) -> UUID:
    """Somebody else."""
    return people.add("Ben")
