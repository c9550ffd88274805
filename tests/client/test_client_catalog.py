"""The client against the catalog: methods are the functions, models the types, exceptions the catalogue."""

import inspect
from collections.abc import Sequence
from datetime import date, datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
import wingmanmatch
from harness import Connection
from pydantic import BaseModel
from wingmanmatch import AsyncCaller, AsyncWingmanClient, Caller, Default, WingmanClient, errors, models

FUNCTIONS = """
    select
        p.proname as name,
        (select array_agg(a.name::text order by a.place)
            from unnest(p.proargnames) with ordinality as a(name, place)) as arguments,
        (select array_agg(format_type(t.type, null) order by t.place)
            from unnest(p.proargtypes) with ordinality as t(type, place)) as types,
        p.pronargdefaults as defaults,
        p.proretset as returns_set,
        (select t.typname::text from pg_type as t where t.oid = p.prorettype) as returns
    from pg_proc as p
    where p.pronamespace = 'public'::regnamespace
    order by 1
"""

ATTRIBUTES = """
    select
        c.relname as type,
        a.attname as name,
        format_type(a.atttypid, null) as kind,
        coalesce(col_description(c.oid, a.attnum) like '%(nullable)', false) as nullable
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'c'
    order by c.relname, a.attnum
"""

PYTHON_TYPES: dict[str, Any] = {
    "boolean": bool,
    "date": date,
    "double precision": float,
    "integer": int,
    "jsonb": dict[str, Any],
    "text": str,
    "timestamp with time zone": datetime,
    "uuid": UUID,
}


def python_type(kind: str) -> Any:
    if kind.endswith("[]"):
        return list[python_type(kind.removesuffix("[]"))]  # type: ignore[misc]
    return PYTHON_TYPES.get(kind) or getattr(models, camel_case(kind))


def camel_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def methods(caller: type) -> dict[str, Any]:
    return {name: method for name, method in vars(caller).items() if not name.startswith("_")}


def argument_type(hint: Any) -> Any:
    """The one type of an argument: without null, the mark of a left-out argument, and text for ids."""
    kinds = {plain(kind) for kind in members(hint)} - {Default, type(None)}
    if UUID in kinds:
        kinds -= {str}
    (kind,) = kinds
    return kind


def members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def plain(kind: Any) -> Any:
    """A type of the database's: a set of texts is text, and any sequence a list."""
    if get_origin(kind) in (list, Sequence):
        (element,) = get_args(kind)
        return list[plain(element)]  # type: ignore[misc]
    return str if get_origin(kind) is Literal else kind


@pytest.mark.parametrize("caller", [Caller, AsyncCaller])
def test_methods_are_the_functions(db: Connection, caller: type) -> None:
    functions = {row["name"]: row for row in db.execute(FUNCTIONS)}
    assert methods(caller).keys() == functions.keys()
    for name, method in methods(caller).items():
        function = functions[name]
        parameters = list(inspect.signature(method).parameters.values())[1:]
        assert [parameter.name for parameter in parameters] == function["arguments"], name
        hints = get_type_hints(method)
        assert [argument_type(hints[argument]) for argument in function["arguments"]] == [
            python_type(kind) for kind in function["types"]
        ], name
        optional = [parameter.default is not inspect.Parameter.empty for parameter in parameters]
        required = len(parameters) - function["defaults"]
        assert optional == [False] * required + [True] * function["defaults"], name
        assert all(parameter.default is Default.DEFAULT for parameter in parameters[required:]), name
        result = python_type(function["returns"])
        assert hints["return"] == (list[result] if function["returns_set"] else result), name


def attribute_type(hint: Any) -> Any:
    """The type of an attribute, where a set of texts is text."""
    first, *null = map(plain, members(hint))
    return first | None if null else first


def test_models_are_the_composite_types(db: Connection) -> None:
    attributes: dict[str, list[Any]] = {}
    for row in db.execute(ATTRIBUTES):
        kind = python_type(row["kind"])
        attributes.setdefault(camel_case(row["type"]), []).append(
            (row["name"], kind | None if row["nullable"] else kind)
        )
    fields = {
        name: [(field, attribute_type(get_type_hints(model)[field])) for field in model.model_fields]
        for name, model in vars(models).items()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == models.__name__
    }
    assert fields == attributes


def test_exceptions_are_the_catalogue(db: Connection) -> None:
    names = {row["name"] for row in db.execute("select name from wingman.error_catalogue()")}
    assert errors.CATALOGUED.keys() == names
    for name, error_class in errors.CATALOGUED.items():
        assert error_class.__name__ == camel_case(name)


def test_only_busy_is_retryable_in_the_catalogue() -> None:
    retryable = {name for name, error_class in errors.CATALOGUED.items() if error_class.retryable}
    assert retryable == {"busy"}


def test_everything_public_is_exported_and_documented() -> None:
    own = {
        name
        for module in (errors, models)
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and thing.__module__ == module.__name__ and not name.startswith("_")
    }
    assert own < set(wingmanmatch.__all__)
    for name in wingmanmatch.__all__:
        assert inspect.getdoc(getattr(wingmanmatch, name)), name
    for caller in (Caller, AsyncCaller, WingmanClient, AsyncWingmanClient):
        for name, method in methods(caller).items():
            assert inspect.getdoc(method), name
    for name in own & vars(models).keys():
        for field, details in getattr(models, name).model_fields.items():
            assert details.description, f"{name}.{field}"


@pytest.mark.parametrize("method", methods(Caller).values(), ids=methods(Caller))
def test_docstring_tells_every_argument(method: Any) -> None:
    documentation = inspect.getdoc(method) or ""
    for name in list(inspect.signature(method).parameters)[1:]:
        assert f"\n    {name}: " in documentation


@pytest.mark.parametrize(
    ("sync", "asynchronous"), [(Caller, AsyncCaller), (WingmanClient, AsyncWingmanClient)]
)
def test_both_flavours_have_one_face(sync: type, asynchronous: type) -> None:
    assert methods(sync).keys() == methods(asynchronous).keys()
    for name in methods(sync):
        method, twin = getattr(sync, name), getattr(asynchronous, name)
        assert inspect.getdoc(method) == inspect.getdoc(twin)
        assert inspect.signature(method).parameters == inspect.signature(twin).parameters
