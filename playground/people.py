"""The people of the playground, as JSON: those of ``wingman seed``, and newcomers for "New people"."""

import json
import random
import sys
from typing import Final

from wingmanmatch.demo.cast import cast_of_three
from wingmanmatch.demo.people import people
from wingmanmatch.demo.seed import LOCATIONS, PROFILES, USERS
from wingmanmatch.http.demo import OPERATED, RULES, profile_of

COUNT: Final = 2_000
SEED: Final = 1
CASTS: Final = 40

rng = random.Random(f"newcomers of {SEED}")
json.dump(
    {
        "tables": [
            {
                "name": table.name,
                "columns": table.columns,
                "rows": [table.row(person) for person in people(COUNT, SEED)],
            }
            for table in (USERS, PROFILES, LOCATIONS)
        ],
        "casts": [[profile_of(person) for person in cast_of_three(rng)] for _ in range(CASTS)],
        "rules": RULES,
        "operated": sorted(OPERATED),
    },
    sys.stdout,
    default=str,
)
