"""The Python client's generated files: its callers, models and exceptions."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from textwrap import indent, wrap
from typing import Final

from wingmanmatch.catalog.errors import CataloguedError
from wingmanmatch.catalog.functions import Argument, Attribute, Catalog, Composite, Function
from wingmanmatch.catalog.value_sets import ValueSets
from wingmanmatch.database import paths

_HEADER: Final = "# Generated from the database's catalog by `make regenerate`: change the SQL instead.\n"
_WIDTH: Final = 110

_SCALARS: Final[Mapping[str, str]] = {
    "boolean": "bool",
    "date": "date",
    "double precision": "float",
    "integer": "int",
    "jsonb": "dict[str, Any]",
    "text": "str",
    "timestamp with time zone": "datetime",
    "uuid": "UUID",
}
_IN_ARGUMENTS: Final[Mapping[str, str]] = {**_SCALARS, "uuid": "Id"}

_BASES: Final[Mapping[str, str]] = {"busy": "PassingError", "rate_limited": "LimitError"}
"""The exceptions with a base class other than the usual one."""
_OUTSIDE_THE_CATALOGUE: Final = ("ConnectionLost", "InvalidInput", "PermissionDenied", "StatementTimeout")

_MODELS: Final = """\
The answers of the functions. Times carry their offset from UTC.

A client may be older than its database: attributes and values that a newer one adds do no harm.
"""
_CALLER: Final = """\
The functions, called as one user or service. Made by a client; cheap and immutable.

An argument left out takes the database's default, and ``None`` is SQL's null.

Every method that writes has ``idempotency_key``: the same call with the same key has one effect and one
answer, however often it is made. If you leave it out, the client makes a key; ``None`` sends none.
Answers and errors carry the key as ``idempotency_key``, and an answer says in ``replayed`` whether it was
given before.

Any method may raise, besides the errors in its own description:
"""
_OF_ANY_CALL: Final = (
    "- InvalidInput, PermissionDenied, StatementTimeout, ConnectionLost: the call did not complete."
)


def python(catalog: Catalog, errors: Iterable[CataloguedError]) -> dict[str, str]:
    """The files, by their paths in the package.

    Raises:
        KeyError: there is no Python type here for a type of PostgreSQL.
    """
    texts = {
        "_async/caller.py": _callers(catalog, {error.name: error for error in errors}),
        "errors.py": _exceptions(errors),
        "models.py": _models(catalog),
    }
    return {name: formatted(text) for name, text in texts.items()}


def formatted(text: str) -> str:
    """A Python file's text as ruff writes it: with its imports sorted, and without unused ones."""
    for command in (["check", "--fix", "--select=F401,I,RUF022"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--quiet", "-"]
        done = subprocess.run(ruff, input=text, text=True, check=True, capture_output=True, cwd=paths.ROOT)
        text = done.stdout
    return text


def class_name(name: str) -> str:
    """The Python class of a type, an error or a set: ``MatchDetails`` for ``match_details``."""
    return "".join(word.capitalize() for word in name.split("_"))


def _models(catalog: Catalog) -> str:
    """``models.py``."""
    sets = [_value_set(name, values) for name, values in catalog.value_sets.items()]
    models = [_model(composite, catalog) for composite in _in_order_of_need(catalog)]
    body = "\n\n\n".join(["\n\n".join(sets), *models])
    names = map(class_name, [*catalog.types, *catalog.value_sets])
    return "\n".join(
        [
            f'{_HEADER}"""{_MODELS}"""',
            "",
            "from datetime import date, datetime",
            "from typing import Annotated, Any, Literal, TypeAlias",
            "from uuid import UUID",
            "",
            "from ._answers import OPEN, Answer, Response",
            "",
            _all(names),
            "",
            f"{body}\n",
        ]
    )


def _value_set(name: str, values: Iterable[str]) -> str:
    literal = ", ".join(f'"{value}"' for value in values)
    return f"{class_name(name)}: TypeAlias = Annotated[Literal[{literal}], OPEN]"


def _in_order_of_need(catalog: Catalog) -> Iterator[Composite]:
    """The types, each after the types of its attributes."""
    needs = {
        name: [attribute.type for attribute in composite.attributes if attribute.type in catalog.types]
        for name, composite in catalog.types.items()
    }
    return (catalog.types[name] for name in TopologicalSorter(needs).static_order())


def _model(composite: Composite, catalog: Catalog) -> str:
    base = "Answer" if composite.name in catalog.answers else "Response"
    fields = "\n".join(
        f"{attribute.name}: {_attribute_type(attribute)}\n{_docstring([attribute.comment])}"
        for attribute in composite.attributes
    )
    body = f"{_docstring([composite.comment])}\n\n{fields}"
    return f"class {class_name(composite.name)}({base}):\n{indent(body, '    ')}"


def _attribute_type(attribute: Attribute) -> str:
    kind = class_name(attribute.value_set) if attribute.value_set else _type(attribute.type)
    kind = f"list[{kind}]" if attribute.is_array else kind
    return f"{kind} | None" if attribute.nullable else kind


def _type(sql_type: str) -> str:
    if sql_type in _SCALARS:
        return _SCALARS[sql_type]
    if " " in sql_type:
        raise KeyError(sql_type)
    return class_name(sql_type)


def _exceptions(errors: Iterable[CataloguedError]) -> str:
    """``errors.py``."""
    classes = "\n\n\n".join(map(_exception, errors))
    names = [class_name(error.name) for error in errors]
    catalogued = "\n".join(f'    "{error.name}": {class_name(error.name)},' for error in errors)
    hand_written = [*_OUTSIDE_THE_CATALOGUE, *_BASES.values(), "WingmanError"]
    return "\n".join(
        [
            f'{_HEADER}"""What can go wrong: an exception for each name in the catalogue, and four more."""',
            "",
            "from collections.abc import Mapping",
            "from typing import Final",
            "",
            f"from ._errors import {', '.join(hand_written)}",
            "",
            _all([*names, *_OUTSIDE_THE_CATALOGUE, "WingmanError"]),
            "",
            "",
            classes,
            "",
            "",
            f"CATALOGUED: Final[Mapping[str, type[WingmanError]]] = {{\n{catalogued}\n}}",
            '"""The class of every catalogued error, by the error\'s name."""',
            "",
        ]
    )


def _exception(error: CataloguedError) -> str:
    facts = ", ".join(f"``{fact}``" for fact in error.context)
    told = [_words(error), error.hint, f"``context`` has {facts}." if facts else ""]
    body = f"{_docstring(told)}\n\nstatus = {error.status}"
    base = _BASES.get(error.name, "WingmanError")
    return f"class {class_name(error.name)}({base}):\n{indent(body, '    ')}"


def _words(error: CataloguedError) -> str:
    """An error's message; angle brackets mark what differs from one call to the next."""
    return re.sub(r"\{(\w+)\}", r"<\1>", error.message)


def _callers(catalog: Catalog, errors: Mapping[str, CataloguedError]) -> str:
    """``_async/caller.py``."""
    functions = catalog.functions.values()
    of_all = _met_by_all(functions)
    of_writing = _met_by_all(function for function in functions if function.writes)
    shared = "\n".join(
        [
            *_bullet("", of_all),
            *_bullet("Where it writes: ", [name for name in of_writing if name not in of_all]),
            _OF_ANY_CALL,
        ]
    )
    methods = [
        _method(
            function,
            catalog.value_sets,
            [
                errors[name]
                for name in function.errors
                if name not in of_all and not (function.writes and name in of_writing)
            ],
        )
        for function in functions
    ]
    inside = "\n".join([f'"""{_CALLER}\n{shared}\n"""', "", *methods])
    body = f"class AsyncCaller(AsyncBaseCaller):\n{indent(inside, '    ')}"
    models = ", ".join(class_name(name) for name in [*catalog.types, *catalog.value_sets])
    return "\n".join(
        [
            f'{_HEADER}"""The functions of the database, one method each."""',
            "",
            "from collections.abc import Sequence",
            "from datetime import date, datetime",
            "",
            "from .._rpc import DEFAULT, Array, Default, Id, Time",
            f"from ..models import {models}",
            "from .base_caller import AsyncBaseCaller",
            "",
            "",
            body,
        ]
    )


def _met_by_all(functions: Iterable[Function]) -> list[str]:
    """The errors that all of the functions can raise."""
    first, *others = functions
    return [name for name in first.errors if all(name in other.errors for other in others)]


def _bullet(when: str, names: Iterable[str]) -> list[str]:
    return wrap(f"- {when}{', '.join(map(class_name, names))}.", _WIDTH - 4, subsequent_indent="  ")


def _method(function: Function, sets: ValueSets, errors: Iterable[CataloguedError]) -> str:
    required = [_parameter(argument) for argument in function.arguments if argument.required]
    optional = [_parameter(argument) for argument in function.arguments if not argument.required]
    parameters = ", ".join(["self", *required, *(["*", *optional] if optional else [])])
    model = class_name(function.result.name)
    result = f"list[{model}]" if function.returns_set else model
    perform = "_write" if function.writes else "_many" if function.returns_set else "_one"
    passed = ", ".join(f"{argument.name}={_passed(argument)}" for argument in function.arguments)
    body = "\n".join(
        [
            _method_docstring(function, errors),
            f'return await self.{perform}({model}, "{function.name}", {passed})',
        ]
    )
    return f"async def {function.name}({parameters}) -> {result}:\n{indent(body, '    ')}\n"


def _passed(argument: Argument) -> str:
    if argument.is_array:
        return f"Array.of({argument.name})"
    return f"Time.of({argument.name})" if argument.is_time else argument.name


def _parameter(argument: Argument) -> str:
    kind = class_name(argument.value_set) if argument.value_set else _IN_ARGUMENTS[argument.type]
    if argument.is_array:
        kind = f"Sequence[{kind}]"
    if argument.required:
        return f"{argument.name}: {kind}"
    return f"{argument.name}: {kind} | Default{' | None' * argument.takes_null} = DEFAULT"


def _method_docstring(function: Function, errors: Iterable[CataloguedError]) -> str:
    summary, _, rest = function.summary.partition(". ")
    sections = {
        "Args": [f"{argument.name}: {_sentence(argument.comment)}" for argument in function.arguments],
        "Returns": [_sentence(function.result_comment)],
        "Raises": [f"{class_name(error.name)}: {_sentence(_words(error))}" for error in errors],
    }
    told = [
        "\n".join(
            [
                f"{heading}:",
                *(
                    line
                    for item in items
                    for line in wrap(item, _WIDTH - 8, initial_indent="    ", subsequent_indent="        ")
                ),
            ]
        )
        for heading, items in sections.items()
        if items
    ]
    return _docstring([summary, rest], told)


def _docstring(paragraphs: Iterable[str], sections: Iterable[str] = ()) -> str:
    first, *others = (_sentence(text) for text in paragraphs if text)
    told = [wrap(f'"""{first}', _WIDTH - 8), *(wrap(text, _WIDTH - 8) for text in others)]
    text = "\n\n".join([*map("\n".join, told), *sections])
    is_short = "\n" not in text and len(text) <= _WIDTH - 11
    return f'{text}"""' if is_short else f'{text}\n"""'


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _all(names: Iterable[str]) -> str:
    listed = "".join(f'    "{name}",\n' for name in names)
    return f"__all__ = [\n{listed}]"
