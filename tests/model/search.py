"""Who is near whom, by brute force over everybody."""

import plain_search
from plain_search import LEVELS, GridPoint, shown_miles
from records import Location

__all__ = ["LEVELS", "grid_point", "miles_between", "shown_miles"]


def grid_point(location: Location) -> GridPoint:
    return plain_search.grid_point(location.lat, location.lng, location.privacy_mode)


def miles_between(one: Location, other: Location) -> float:
    return plain_search.miles_between(grid_point(one), grid_point(other))
