"""What the machine may choose: people, places, moments and arguments, good and bad."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

PEOPLE = [UUID(int=number) for number in range(0xA, 0x12)]
STRANGER = UUID(int=0x99)
"""Has no account."""
UNKNOWN = UUID("01900000-0000-7000-8000-000000000000")
"""The id of nothing."""

# Around one town. Two distances are either equal or clearly different, so that rounding decides nothing.
PLACES = [
    {"lat": 38.7223, "lng": -9.1393},
    {"lat": 38.7181, "lng": -9.1412},  # the town's grid cell as well
    {"lat": 38.77, "lng": -9.14},  # 3.5 miles north
    {"lat": 38.67, "lng": -9.14},  # and as far south: a tie
    {"lat": 38.72, "lng": -9.10},  # 2.2 miles east
    {"lat": 38.87, "lng": -9.14},  # 10.4 miles: within 11
    {"lat": 39.08, "lng": -9.14},  # 24.9 miles: within the default of 25
    {"lat": 39.10, "lng": -9.14},  # 26.3 miles: beyond it
    {"lat": 41.15, "lng": -8.61},  # 170 miles: out of reach
]
BETWEEN_TWO = [PLACES[0], PLACES[2], PLACES[3]]


class Via(Enum):
    """How somebody makes a call. The last two are refused."""

    TOKEN = "as a user"
    TOKEN_AND_NAME = "as a user who names itself"
    SERVICE = "through the service"
    FOR_ANOTHER = "as a user who names somebody else"
    SERVICE_FOR_NOBODY = "through the service, which names nobody"


people = st.sampled_from(PEOPLE)
anybody = st.sampled_from([*PEOPLE, STRANGER])
vias = st.sampled_from(
    [Via.TOKEN] * 12
    + [Via.TOKEN_AND_NAME] * 2
    + [Via.SERVICE] * 4
    + [Via.FOR_ANOTHER, Via.SERVICE_FOR_NOBODY]
)


confirmations = st.sampled_from(["erase"] * 6 + ["Erase", None])


def given(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments, each of which may be left out."""
    return st.fixed_dictionaries({}, optional=strategies)


profiles = st.builds(
    lambda place, required, optional, city: {**place, **required, **optional, **city},
    st.sampled_from(PLACES),
    st.fixed_dictionaries(
        {
            "first_name": st.sampled_from(["Ana", "Zoë"]),
            "experience_level": st.sampled_from(["intermediate", "beginner", "advanced"]),
        }
    ),
    given(
        max_travel_miles=st.sampled_from([100, 25, 11, 3]),
        bio=st.just("Likes museums."),
        photo_url=st.just("https://example.org/a.jpg"),
        confidence_archetype=st.sampled_from(["Naturalist", None]),
    ),
    st.sampled_from([{}, {"city": "Lisboa"}, {"city": "Lisboa", "privacy_mode": "city_only"}]),
)
matchable_profiles = st.fixed_dictionaries(
    {
        "first_name": st.just("Ana"),
        "experience_level": st.sampled_from(["intermediate", "intermediate", "beginner", "advanced"]),
        "max_travel_miles": st.sampled_from([100, 25, 11, 11]),
    }
).flatmap(lambda profile: st.sampled_from(PLACES[:7]).map(lambda place: profile | place))
"""People who mostly fit each other."""

good_radii = given(max_radius_miles=st.sampled_from([100, 25, 11, 10, 3, 1, None]))
radii = good_radii | st.sampled_from([{"max_radius_miles": 0}, {"max_radius_miles": 101}])
actions = st.sampled_from(["accept", "decline", "accept", "decline", "decline", "maybe", None])

# Lengths of time which do not add up to one another: where they did, milliseconds would decide what comes
# next, and Hypothesis could not tell the same story twice.
times_ahead = st.sampled_from(
    [
        timedelta(minutes=29),
        timedelta(minutes=31),
        timedelta(minutes=121),
        timedelta(days=3, minutes=7),
        timedelta(days=89, minutes=11),
    ]
)
times_to_try = times_ahead | st.sampled_from([timedelta(minutes=-1), timedelta(days=91)])
session_texts = st.fixed_dictionaries(
    {"venue_name": st.sampled_from(["Café Central", "x" * 200])},
    optional={"notes": st.sampled_from(["By the fountain", None])},
)
reasons = given(reason=st.sampled_from(["Rain", None, "x" * 501]))

times_to_move_to = times_ahead | st.sampled_from([timedelta(minutes=-1), timedelta(days=91), None])
other_venues = given(venue_name=st.sampled_from(["Miradouro", "Café Central", None, "x" * 201]))
acceptances = st.sampled_from(["both", "both", "either"])

absences = st.sampled_from(["did_not_come"] * 6 + ["came_too_late", "left_early", "odd", None])
"""Why somebody is reported as a no-show."""
remarks = given(note=st.sampled_from(["I waited by the window", "x" * 2000, "x" * 2001, " ", None]))
statements = given(statement=st.sampled_from(["I was there", "x" * 2000, "x" * 2001, "", None]))
no_show_answers = st.sampled_from(["contest", "contest", "admit", "admit", "deny", None])
escapes = st.permutations(
    ["nothing"] * 3 + ["be waited for", "cancel", "end", "block", "erase", "suspend", "decide"]
)
"""What somebody who does not come does after the time of the session."""
outcomes = st.sampled_from(["uphold"] * 4 + ["dismiss"] * 2 + ["maybe", None])
ends_of_no_shows = st.permutations(["admit", "admit", "contest", "cancel", "erase", "nothing"])
ends_without_an_answer = st.permutations(["confirm", "mark", "withdraw"])
decisions_about_both = st.permutations(["dismiss", "dismiss", "uphold", "withdraw"])
decisions = st.permutations(["uphold", "uphold", "dismiss", "revert", "too late"])
lengths_of_a_suspension = st.sampled_from(
    [timedelta(hours=9, minutes=17), timedelta(days=2, minutes=19), None, None, timedelta(minutes=-1)]
)
often = st.sampled_from([True] * 3 + [False])

answers_of_the_second = st.permutations(["accept", "decline", "nothing"])
times_apart = st.sampled_from([timedelta(minutes=minutes) for minutes in (0, 59, -59, 61)])
who_was_absent = st.sampled_from(["accused"] * 5 + ["both", "reporter", "somebody", "stranger", "nobody"])
waits_for_an_answer = st.sampled_from(["contest", "long enough"] * 2 + ["too short", "no"])
seldom = st.sampled_from([False] * 5 + [True])

lapses = st.sampled_from(
    [
        timedelta(minutes=11, seconds=17),
        timedelta(hours=5, seconds=41),
        timedelta(hours=47, seconds=13),
        timedelta(hours=49, seconds=29),
        timedelta(days=7, seconds=53),
    ]
)
sides = st.sampled_from([timedelta(minutes=-1), timedelta(minutes=1)])
"""Just before a boundary, and just after it."""

page_sizes = st.sampled_from([20, 1, 2, 100, 0, 101, None])
match_pages = given(
    status=st.sampled_from(["pending", "accepted", "declined", "expired", "ended", None]),
    page_size=page_sizes,
)
session_pages = given(
    status=st.sampled_from(["scheduled", "in_progress", "completed", "cancelled", "no_show", "over", None]),
    page_size=page_sizes,
)

report_pages = given(page_size=page_sizes)
inbox_pages = given(page_size=page_sizes, unread_only=st.sampled_from([True, True, False, None]))

reader_pages = st.sampled_from([1000, 1000, 3, 7])
readings_apart = st.sampled_from([4, 12, 12, 40, 40])
"""How many calls gather before the readers read."""
notifications_per_day = st.sampled_from([20] * 4 + [3, 2, 1])
changes_of_an_appointment = st.permutations(
    ["agree", "agree", "nothing", "move", "move away and back", "cancel"]
)
looks = st.sampled_from(
    [
        (True,) * 4,
        (False, False, True, True),
        (False, False, True, False),
        (False, True, False, True),
        (False,) * 4,
    ]
)
"""Whether the readers read, one time after the other."""

pauses = st.sampled_from(["resume_matching", "resume_matching", "pause_matching"])
ends_of_a_pause = st.sampled_from(["pause_matching", "resume_matching", "create_automatic_match"])
complaints = st.sampled_from(["Never came", "x" * 2000, "x" * 2001, " ", None])

grounds = st.sampled_from(["Never met"] * 12 + ["x" * 500, "x" * 501, " ", None])
"""Why operators decide what they decide."""

_PROFILE = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.72, "lng": -9.14}
_SESSION = {
    "match_id": UNKNOWN,
    "scheduled_time": datetime(2999, 1, 1, tzinfo=UTC),
    "venue_name": "Café Central",
}
bad_requests = st.sampled_from(
    [
        *(
            ("complete_profile", _PROFILE | flaw)
            for flaw in (
                {"first_name": None},
                {"first_name": ""},
                {"first_name": "x" * 81},
                {"experience_level": None},
                {"experience_level": "expert"},
                {"lat": 90.01},
                {"lng": -180.01},
                {"lat": None},
                {"bio": "x" * 401},
                {"photo_url": "http://example.org/a.jpg"},
                {"max_travel_miles": 0},
                {"max_travel_miles": 101},
                {"privacy_mode": "secret"},
                {"privacy_mode": "city_only"},
                {"city": "x" * 101},
            )
        ),
        *(
            ("create_session", _SESSION | flaw)
            for flaw in (
                {},
                {"scheduled_time": datetime(2000, 1, 1, tzinfo=UTC)},
                {"scheduled_time": None},
                {"venue_name": ""},
                {"venue_name": "x" * 201},
                {"venue_name": None},
                {"notes": "x" * 2001},
                {"match_id": None},
            )
        ),
    ]
)
"""Functions and arguments that nobody can be served with."""

nothing = st.sampled_from([UNKNOWN, None])
