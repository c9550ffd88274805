"""Makes a revision of what changed in ``sql/``: ``python -m wingmanmatch.database.revision "what changed"``.

Besides the small script that Alembic reads it writes ``<rev>_<slug>.up.sql`` and ``.down.sql``. New files,
and those that can simply be run again, are copied. You write changes of tables, types and indexes by hand:
until you have, the revision refuses to run.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from wingmanmatch.database import manifest, paths
from wingmanmatch.database.history import Change, Frozen, digest, parts, pending_changes
from wingmanmatch.database.statements import obsolete, precious_tables, removal
from wingmanmatch.database.upgrade import configuration

_ASKS = "Write here what the change of"


def make_revision(message: str) -> list[Path]:
    """Freeze what changed in ``sql/`` as the next revision; returns its files, none when nothing changed."""
    changes = pending_changes()
    if not changes:
        return []
    _refuse_moves_with_changes(changes)
    number = len(list(paths.VERSIONS.glob("*.up.sql"))) + 1
    script = command.revision(configuration(), message, rev_id=f"{number:04}")
    assert isinstance(script, Script)
    path = Path(script.path)
    up, down = path.with_suffix(".up.sql"), path.with_suffix(".down.sql")
    up.write_text(upgrade_sql(changes), encoding="utf-8")
    down.write_text(downgrade_sql(changes), encoding="utf-8")
    return [path, up, down]


def make_open_revision_anew() -> list[Path]:
    """Make the newest revision again from ``sql/`` as it is now, under its name; returns its files.

    What an author wrote by hand stays. If it fails, the files are left as they were.

    Raises:
        ValueError: it is released, or a file has changed since its part was written by hand.
    """
    script = _newest()
    path = Path(script.path)
    files = [path, path.with_suffix(".up.sql"), path.with_suffix(".down.sql")]
    if manifest.is_released(path.name):
        raise ValueError(f"{path.name} is released: make a new revision instead")
    before = {file: file.read_text(encoding="utf-8") for file in files}
    try:
        for file in files:
            file.unlink()
        made = make_revision(script.doc)
        for file in made[1:]:
            text = file.read_text(encoding="utf-8")
            file.write_text(with_parts_by_hand(text, before[file]), encoding="utf-8")
    except BaseException:
        for file, text in before.items():
            file.write_text(text, encoding="utf-8")
        raise
    return made


def bring_open_revision_up_to_date() -> list[Path]:
    """Make the open revision again, if there is one; returns its files.

    Raises:
        ValueError: ``sql/`` has changed and no revision is open, or the open one cannot be made again.
    """
    if not manifest.is_released(Path(_newest().path).name):
        return make_open_revision_anew()
    if changes := pending_changes():
        names = ", ".join(change.path for change in changes)
        raise ValueError(f'There are changes, but no revision is open: {names}. Run make migration m="…"')
    return []


def with_parts_by_hand(made: str, before: str) -> str:
    """A revision's text as made, with the parts that an author wrote in place of the requests for them.

    Raises:
        ValueError: such a part is missing, or belongs to another version of its file.
    """
    written = {heading: body for heading, body in parts(before) if not _asks(body)}
    known = {heading.partition(" sha256:")[0] for heading in written}
    pieces = []
    for heading, body in parts(made):
        if _asks(body) and heading in written:
            body = written[heading]
        elif _asks(body) and heading.partition(" sha256:")[0] in known:
            raise ValueError(f"Its file has changed since this part was written by hand: {heading}")
        pieces.append(f"{heading}{body}")
    return "".join(pieces)


def _newest() -> Script:
    script = ScriptDirectory.from_config(configuration()).get_revision("head")
    assert script is not None
    return script


def _asks(body: str) -> bool:
    """Whether a part of a revision still asks its author to write it."""
    return _ASKS in body


def upgrade_sql(changes: list[Change]) -> str:
    """New and changed files in install order, then what drops the removed ones, last one first."""
    removed = [change for change in changes if change.after is None]
    others = [change for change in changes if change.after is not None]
    return "\n".join(section for change in [*others, *reversed(removed)] for section in _upgrade(change))


def downgrade_sql(changes: list[Change]) -> str:
    """The guards of the data first, then the removed files again, then the others back, last one first."""
    made = [change.after for change in changes if change.before is None and change.after]
    guards = [_guard(table) for text in made for table in precious_tables(text)]
    removed = [_downgrade(change) for change in changes if change.after is None]
    others = [_downgrade(change) for change in reversed(changes) if change.after is not None]
    return "\n".join(part for part in guards + removed + others if part)


def _upgrade(change: Change) -> Iterator[str]:
    path, before, after = change.path, change.before, change.after
    if after is None:
        yield f"-- removed: {path}\n{_by_hand(path) if change.by_hand else removal(_text(before))}\n"
    elif change.moved_from:
        yield f"-- moved: {path} from {change.moved_from}\n"
    elif change.by_hand:
        yield f"-- file: {path} sha256:{digest(after)}\n{_by_hand(path)}\n"
    else:
        if before and (drops := obsolete(_text(before), after)):
            yield f"-- drop: {path}\n{drops}\n"
        yield f"-- file: {path}\n{after.strip()}\n"


def _downgrade(change: Change) -> str:
    before, after = change.before, change.after
    if change.moved_from:
        body = ""
    elif change.by_hand:
        body = _by_hand(change.path)
    elif before is None:
        body = removal(after or "")
    else:
        drops = obsolete(after, _text(before)) if after else ""
        body = "\n".join(part for part in (drops, _text(before)) if part)
    return f"-- file: {change.path}\n{body}\n" if body else ""


def _refuse_moves_with_changes(changes: list[Change]) -> None:
    # Dropping the removed file's objects would drop those of the new file, too: they have the same names.
    new = {line for change in changes if change.before is None for line in _drops(change.after)}
    for change in changes:
        if change.after is None and change.before and not new.isdisjoint(_drops(change.before.text)):
            raise ValueError(
                f"{change.path} was moved and changed: move it in one revision, change it in another"
            )


def _drops(text: str | None) -> list[str]:
    return removal(text or "").splitlines()


def _text(frozen: Frozen | None) -> str:
    assert frozen is not None and frozen.text is not None
    return frozen.text


def _by_hand(path: str) -> str:
    return f"""do $$ begin
    raise exception '{_ASKS} {path} needs, and delete this statement';
end $$;"""


def _guard(table: str) -> str:
    return f"""-- refuse to lose the rows of {table}
lock table {table} in access exclusive mode;
do $$ begin
    if exists (select from {table}) then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = 'This downgrade would lose the rows of {table}',
            hint = 'Save and delete them first, if they are to go.';
    end if;
end $$;
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make migration", description=make_revision.__doc__)
    parser.add_argument("message", nargs="?", help="what the revision is about; it names the files")
    parser.add_argument(
        "--release", action="store_true", help="freeze the revisions made so far in SHA256SUMS"
    )
    parser.add_argument(
        "--again", action="store_true", help="make the open revision again from sql/ as it is now"
    )
    arguments = parser.parse_args()
    if arguments.release:
        for name in manifest.release():
            print(f"Released {name}")
    elif not arguments.message and not arguments.again:
        parser.error('say what it is about: make migration m="…"')
    else:
        files = make_open_revision_anew() if arguments.again else make_revision(arguments.message)
        for file in files:
            print(f"Wrote {file.relative_to(paths.ROOT)}")
            if _asks(file.read_text(encoding="utf-8")):
                print("  by hand: write what it asks for; until then it refuses to run")
        if not files:
            print("Nothing to do: sql/ equals the frozen history")


if __name__ == "__main__":
    main()
