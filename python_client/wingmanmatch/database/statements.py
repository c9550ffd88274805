"""Reads the statements of a ``sql/`` file: what they make, how to drop it, whether they can run again."""

import re

_TOKEN = re.compile(
    r"""
      --[^\n]* | /\*.*?\*/                          # comments
    | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*'   # literals
    | "(?:[^"]|"")*"                                # quoted names
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$               # dollar-quoted bodies
    | \bbegin\ atomic\b.*?;\s*end(?=\s*;)           # SQL-standard ones
    | ;
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*", re.DOTALL)

# Once the old triggers and policies are dropped, running these again gives the state that the file describes.
_REPEATABLE = re.compile(
    r"create or replace |create trigger |create policy |comment on |grant |revoke |set local role "
)

_FUNCTION = re.compile(r"create or replace function ([\w.]+)\s*\((.*?)\s+language ", re.DOTALL)
_SIGNATURE = re.compile(r"comment on function ([\w.]+)\s*\(([^)]*)\) is", re.DOTALL)
_TABLE = re.compile(r"create table ([\w.]+)")
_VIEW = re.compile(r"create or replace view ([\w.]+)")
_DERIVED = re.compile(r"^-- derived: ", re.MULTILINE)
_UNREPLACEABLE = (
    (
        re.compile(r"create (?:or replace )?trigger (\w+)\s.*?\son ([\w.]+)", re.DOTALL),
        r"drop trigger \1 on \2;",
    ),
    (re.compile(r"create policy (\w+)\s+on ([\w.]+)"), r"drop policy \1 on \2;"),
)
_OTHERS = (
    (re.compile(r"create (?:unique )?index (\w+)\s+on (\w+)\.\w+"), r"drop index \2.\1;"),
    (re.compile(r"alter table ([\w.]+)\s+add constraint (\w+)"), r"alter table \1 drop constraint \2;"),
    (re.compile(r"create (table|type|schema|sequence) ([\w.]+)"), r"drop \1 \2;"),
    (re.compile(r"create or replace (view) ([\w.]+)"), r"drop \1 \2;"),
)


def split(text: str) -> list[str]:
    """The statements of an SQL text, without their semicolons and the comments before them."""
    statements, start = [], 0
    for token in _TOKEN.finditer(text):
        if token[0] == ";":
            statements.append(text[start : token.start()])
            start = token.end()
    stripped = [_LEADING.sub("", statement, count=1).rstrip() for statement in [*statements, text[start:]]]
    return [statement for statement in stripped if statement]


def is_repeatable(text: str) -> bool:
    """Whether a changed file can simply be run again: functions, triggers, policies, comments, grants."""
    return all(_REPEATABLE.match(statement) for statement in split(text))


def obsolete(before: str, after: str) -> str:
    """What must be dropped of a repeatable text before another one replaces it, never with CASCADE.

    These are triggers, policies, functions whose arguments or result changed, and views that lose a column:
    replacing one of those would fail or leave an overload behind.
    """
    kept = _functions(after).items()
    drops = [_drop(statement, _UNREPLACEABLE) for statement in split(before)]
    drops += [
        f"drop function {name};" for name, header in _functions(before).items() if (name, header) not in kept
    ]
    drops += [
        f"drop view {view};"
        for view, columns in _views(before).items()
        if not columns <= _columns(view, after)
    ]
    return "\n".join(drop for drop in drops if drop)


def removal(text: str) -> str:
    """The statements that drop a file's objects, last made first; empty if there are none to drop."""
    signatures = {signature.partition("(")[0]: signature for signature in _functions(text)}
    drops = []
    for statement in reversed(split(text)):
        function = _FUNCTION.match(statement)
        drops.append(
            f"drop function {signatures[function[1]]};"
            if function
            else _drop(statement, _UNREPLACEABLE + _OTHERS)
        )
    return "\n".join(drop for drop in drops if drop)


def precious_tables(text: str) -> list[str]:
    """The tables that a file makes and leaves empty: whatever they hold later is users' data.

    None for a file with a line ``-- derived: …``: the content of its tables can be derived from other tables.
    """
    if _DERIVED.search(text):
        return []
    statements = split(text)
    tables = [table[1] for statement in statements if (table := _TABLE.match(statement))]
    filled = {statement.split()[2] for statement in statements if statement.startswith("insert into ")}
    return [table for table in tables if table not in filled]


def _functions(text: str) -> dict[str, str]:
    """Each function's signature, as its comment spells it, with its header: arguments and result."""
    statements = split(text)
    signatures = {
        found[1]: f"{found[1]}({found[2]})" for one in statements if (found := _SIGNATURE.match(one))
    }
    functions = {}
    for statement in statements:
        if function := _FUNCTION.match(statement):
            if function[1] not in signatures:
                raise ValueError(
                    f"Function {function[1]} needs its comment in the same file: it gives the signature"
                )
            functions[signatures[function[1]]] = " ".join(function[2].split())
    return functions


def _views(text: str) -> dict[str, set[str]]:
    """Each view with its columns."""
    views = [view[1] for statement in split(text) if (view := _VIEW.match(statement))]
    return {view: _columns(view, text) for view in views}


def _columns(relation: str, text: str) -> set[str]:
    """The columns of a relation, each of which has a comment."""
    return set(re.findall(rf"^comment on column {re.escape(relation)}\.(\w+) is", text, re.MULTILINE))


def _drop(statement: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    found = ((rule.match(statement), drop) for rule, drop in rules)
    return next((match.expand(drop) for match, drop in found if match), "")
