"""Why a match was made, and why none was."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from model_matches import REMATCH_AFTER, Matches
from model_state import Answer
from refusals import refuse, require
from search import miles_between, shown_miles

AN_HOUR = timedelta(hours=1)
UNAVAILABLE = {"paused", "has_pending_match", "found_often", "blocked"}
"""A block looks like any other absence."""


class Explanations(Matches):
    def explain_match(self, me: UUID, match_id: UUID) -> Answer:
        require(match_id=match_id)
        match = self._own_match(me, match_id)
        search = self.searches[match_id]
        searched = match.searched_by == me
        mine = search.radius_miles if searched else search.candidate_travel_miles
        details = {
            "available": "Both of you were free and not paused",
            "distance": f"At most {match.distance_miles} miles apart, within your {mine} miles "
            "and as far as your buddy goes",
            "level": f"Experience levels {search.level_difference} apart, {search.level_tolerance} allowed",
            "exposure": "Your buddy had not been found by too many others lately"
            if searched
            else f"You had been found {search.candidate_exposures} times lately, "
            f"at most {search.exposure_limit} are allowed",
            "met_recently": f"You two had not been matched in the {REMATCH_AFTER // AN_HOUR} hours before",
            "partners": "You two had no accepted match that was still open",
            "blocked": "Neither of you had blocked the other",
        }
        first = (
            "Nobody nearer met all rules"
            if searched
            else "You were the nearest who met all rules of your buddy's search"
        )
        return {
            "match_id": match_id,
            "created_at": match.created_at,
            "searched_by_me": searched,
            "distance_miles": match.distance_miles,
            "level_difference": search.level_difference,
            "rules": [{"rule": rule, "passed": True, "detail": text} for rule, text in details.items()],
            "came_first_because": f"{first}; of people equally near, who has waited longest comes first",
        }

    def why_no_match(self, me: UUID, max_radius_miles: int | None = None) -> Answer:
        if max_radius_miles is not None and not 1 <= max_radius_miles <= 100:
            refuse("invalid_radius")
        if me not in self.locations:
            refuse("profile_incomplete")
        radius = max_radius_miles or self.locations[me].max_travel_miles
        obstacles = self._obstacles_near(me, radius)
        rules = Counter("unavailable" if rule in UNAVAILABLE else rule for rule in obstacles if rule)
        return {
            "radius_miles": radius,
            "people_near": _coarse(len(obstacles)),
            "removed": [{"rule": rule, "people": _coarse(people)} for rule, people in sorted(rules.items())],
            "suggestions": self._suggestions(me, radius, set(rules)),
        }

    def _obstacles_near(self, me: UUID, radius: int) -> list[str | None]:
        """What keeps each person within the radius from being offered to me: a block before all else."""
        here = self.locations[me]
        near = [o for o in self.seekers if o != me and miles_between(here, self.locations[o]) <= radius]
        return [
            "blocked" if self._is_blocked(me, other) else self._obstacle(me, other, radius) for other in near
        ]

    def _suggestions(self, me: UUID, radius: int, rules: set[str]) -> list[str]:
        suggestions = []
        if self.seekers[me].pending_match_id:
            suggestions.append("Answer your pending match: until then there is no other one")
        if self.seekers[me].paused:
            suggestions.append("Resume matching")
        if self._nearest(me, radius):
            return [*suggestions, "Search now: somebody within this radius fits"]
        found = self._nearest(me, 100)
        if found:
            wider = (shown_miles(found[0]) + 9) // 10 * 10
            people = _coarse(self._obstacles_near(me, wider).count(None))
            suggestions.append(f"Search wider: {people} people within {wider} miles")
        if "unavailable" in rules:
            suggestions.append("Search again later: some people near you are busy at the moment")
        if "met_recently" in rules:
            suggestions.append(
                f"Search again later: after {REMATCH_AFTER // AN_HOUR} hours you can be matched again "
                "with people whom you were matched with"
            )
        return suggestions


def _coarse(people: int) -> int:
    """A number that reveals no single person."""
    return -(-people // 3) * 3
