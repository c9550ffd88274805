"""Who is near whom, by brute force over everybody."""

from math import asin, ceil, cos, radians, sin, sqrt

from records import Location

EARTH_RADIUS_MILES = 3958.7613
LEVELS = ("beginner", "intermediate", "advanced")

GridPoint = tuple[int, int]
"""Latitude and longitude in hundredths of a degree: whole numbers, so that equal distances are equal."""


def grid_point(location: Location) -> GridPoint:
    if location.privacy_mode == "city_only":
        return round(location.lat / 0.1) * 10, round(location.lng / 0.1) * 10
    return round(location.lat / 0.01), round(location.lng / 0.01)


def miles_between(one: Location, other: Location) -> float:
    """The haversine formula, between grid points."""
    (lat1, lng1), (lat2, lng2) = grid_point(one), grid_point(other)
    across = cos(radians(lat1 / 100)) * cos(radians(lat2 / 100)) * _haversine(lng2 - lng1)
    return 2 * EARTH_RADIUS_MILES * asin(min(1, sqrt(_haversine(lat2 - lat1) + across)))


def shown_miles(miles: float) -> int:
    return max(1, ceil(miles))


def levels_fit(one: str, other: str) -> bool:
    return abs(LEVELS.index(one) - LEVELS.index(other)) <= 1


def _haversine(hundredths: int) -> float:
    return sin(radians(hundredths / 100) / 2) ** 2
