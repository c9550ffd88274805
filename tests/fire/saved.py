"""What a run leaves to be judged again: its history and the rows at its end, in a folder.

``PYTHONPATH=tests:python_client python -m fire.saved FOLDER`` judges what WINGMAN_FIRE_FOLDER was given.
"""

import sys
from pathlib import Path

from fire.checker import judge
from fire.history import History, Operation, load
from fire.rows_at_the_end import Rows
from pydantic import TypeAdapter

_HISTORY, _ROWS = "history.jsonl", "rows.json"
_AS_JSON = TypeAdapter(Rows)


def save_history(folder: Path, history: History) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    history.save(folder / _HISTORY)


def save_rows(folder: Path, rows: Rows) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ROWS).write_bytes(_AS_JSON.dump_json(rows))


def load_saved(folder: Path) -> tuple[list[Operation], Rows]:
    """Read what both wrote."""
    return load(folder / _HISTORY), _AS_JSON.validate_json((folder / _ROWS).read_bytes())


def main(folder: Path) -> int:
    """Print every violation; 1 if there is one, or an order was given up."""
    judgement = judge(*load_saved(folder))
    for violation in judgement.violations:
        print(violation)
    for given_up in judgement.undecided:
        print(given_up)
    print(f"{judgement.steps} calls in {judgement.objects} orders: {len(judgement.violations)} violations")
    return bool(judgement.violations or judgement.undecided)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
