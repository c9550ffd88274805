"""Why a match was made, and why none was."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from matching_rules import COUNTED_AS, Found, told
from model_matches import REMATCH_AFTER, Matches
from model_state import Answer
from refusals import refuse, require, utc_text
from search import miles_between, shown_miles

AN_HOUR = timedelta(hours=1)


class Explanations(Matches):
    def explain_match(self, me: UUID, match_id: UUID) -> Answer:
        require(match_id=match_id)
        match = self._own_match(me, match_id)
        search = self.searches.get(match_id)
        searched = match.searched_by == me
        if search is None:  # it went with one of the two
            return {
                "match_id": match_id,
                "created_at": match.created_at,
                "searched_by_me": searched,
                "distance_miles": match.distance_miles,
                "level_difference": None,
                "rules": [],
                "came_first_because": None,
            }
        found = Found(
            distance_miles=match.distance_miles,
            radius_miles=search.radius_miles,
            candidate_travel_miles=search.candidate_travel_miles,
            candidate_exposures=search.candidate_exposures,
            exposure_limit=search.exposure_limit,
            level_difference=search.level_difference,
            level_tolerance=search.level_tolerance,
            rematch_hours=search.rematch_after // AN_HOUR,
        )
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
            "rules": told(found, searched=searched),
            "came_first_because": f"{first}; of people equally near, who has waited longest comes first",
        }

    def why_no_match(self, me: UUID, max_radius_miles: int | None = None) -> Answer:
        if max_radius_miles is not None and not 1 <= max_radius_miles <= 100:
            refuse("invalid_radius")
        if me not in self.locations:
            refuse("profile_incomplete")
        radius = max_radius_miles or self.locations[me].max_travel_miles
        obstacles = self._obstacles_near(me, radius)
        rules = Counter(COUNTED_AS[rule] for rule in obstacles if rule)
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
        if self.seekers[me].is_suspended_at(self.now):
            return ["Ask the operators: this account is suspended"]
        if self.seekers[me].is_cooling_down_at(self.now):
            cooldown_until = self.seekers[me].cooldown_until
            assert cooldown_until
            return [f"Search again after your cooldown, from {utc_text(cooldown_until)} on"]
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
