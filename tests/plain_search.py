"""Where people are and how far apart they may be, in plain Python, without any of the database's code."""

from datetime import timedelta
from math import asin, ceil, cos, radians, sin, sqrt

EARTH_RADIUS_MILES = 3958.7613
LEVELS = ("beginner", "intermediate", "advanced")

GridPoint = tuple[int, int]
"""Latitude and longitude in hundredths of a degree: whole numbers, so that equal distances are equal."""


def grid_point(lat: float, lng: float, privacy_mode: str) -> GridPoint:
    """Where somebody is, as far as matching knows."""
    if privacy_mode == "city_only":
        return round(lat / 0.1) * 10, round(lng / 0.1) * 10
    return round(lat / 0.01), round(lng / 0.01)


def miles_between(one: GridPoint, other: GridPoint) -> float:
    """The haversine formula, to a millionth of a mile: true ties may differ in the last digits."""
    (lat1, lng1), (lat2, lng2) = one, other
    east = abs(lng1 - lng2) % 36000
    across = cos(radians(lat1 / 100)) * cos(radians(lat2 / 100)) * _haversine(min(east, 36000 - east))
    return round(2 * EARTH_RADIUS_MILES * asin(min(1, sqrt(_haversine(lat2 - lat1) + across))), 6)


def shown_miles(miles: float) -> int:
    return max(1, ceil(miles))


def level_tolerance(waited: timedelta, relaxation: timedelta | None) -> int:
    """How many experience levels apart two people may be, given how long the longer waiting one has waited.

    There are three levels: nobody is further apart than two.
    """
    return 2 if relaxation and waited >= relaxation else 1


def _haversine(hundredths: int) -> float:
    return sin(radians(hundredths / 100) / 2) ** 2
