"""The Python client's files match the database, and read as well as if written by hand."""

import ast
import inspect
import re
from dataclasses import replace
from typing import get_args, get_type_hints

import pytest
from pydantic import TypeAdapter
from wingmanmatch import AsyncCaller, errors, models
from wingmanmatch._errors import WingmanError, error_name
from wingmanmatch.catalog.errors import CataloguedError
from wingmanmatch.tools.generate.python import class_name, formatted, python

PACKAGE = "python_client/wingmanmatch"


def names_in(text: str) -> set[str]:
    """The errors that a docstring names, by their classes."""
    classes = {name for name in re.findall(r"\b[A-Z]\w+\b", text) if hasattr(errors, name)}
    return {error_name(getattr(errors, name)) for name in classes}


def test_docstrings_name_all_errors(contract):
    of_any_call = names_in(inspect.getdoc(AsyncCaller))
    for function in contract.catalog.functions.values():
        told = inspect.getdoc(getattr(AsyncCaller, function.name)).partition("Raises:")[2]
        raised = names_in("\n".join(re.findall(r"^    (\w+): ", told, re.M)))
        assert raised <= set(function.errors), function.name
        assert raised.isdisjoint(of_any_call), function.name
        assert set(function.errors) <= raised | of_any_call, function.name


def test_docstrings_say_what_comments_say(contract):
    def in_one_line(text):
        return " ".join(text.split())

    for function in contract.catalog.functions.values():
        told = in_one_line(inspect.getdoc(getattr(AsyncCaller, function.name)))
        assert told.startswith(function.summary.removesuffix("."))
        for argument in function.arguments:
            assert f"{argument.name}: {argument.comment[:1].upper()}{argument.comment[1:]}" in told
    for composite in contract.catalog.types.values():
        model = getattr(models, class_name(composite.name))
        assert in_one_line(model.__doc__) == f"{composite.comment}."
        for attribute in composite.attributes:
            told = in_one_line(model.model_fields[attribute.name].description)
            assert told == f"{attribute.comment[:1].upper()}{attribute.comment[1:].removesuffix('.')}."


def test_lines_are_short_and_every_file_says_where_it_comes_from(made):
    texts = [text for name, text in made.items() if name.startswith(PACKAGE)]
    assert len(texts) == 3
    for text in texts:
        assert max(map(len, text.splitlines())) <= 110
        assert text.startswith("# Generated from the database's catalog by `make regenerate`")
        assert ast.get_docstring(ast.parse(text))
        assert formatted(text) == text


def test_sets_of_values_are_literals(contract):
    for name, values in contract.catalog.value_sets.items():
        literal = get_args(getattr(models, class_name(name)))[0]
        assert get_args(literal) == values
    hints = get_type_hints(AsyncCaller.list_matches)
    assert set(contract.catalog.value_sets["match_status"]) <= {
        value for kind in get_args(hints["status"]) for value in get_args(kind)
    }


def test_a_value_that_a_newer_database_adds_is_read_and_written():
    read = TypeAdapter(models.PeopleCount).validate_python({"rule": "of_tomorrow", "people": 3, "more": 1})
    assert read.rule == "of_tomorrow"
    assert read.model_dump_json() == '{"rule":"of_tomorrow","people":3}'


def test_each_error_has_its_class_with_its_status_and_words(contract):
    for error in contract.errors:
        error_class = errors.CATALOGUED[error.name]
        assert error_class.__name__ == class_name(error.name)
        assert issubclass(error_class, WingmanError)
        assert error_class.status == error.status
        assert error.hint.removesuffix(".") in " ".join(error_class.__doc__.split())
        for fact in error.context:
            assert f"<{fact}>" in error_class.__doc__


def test_an_error_more_is_a_class_more(contract):
    new = CataloguedError("of_tomorrow", 418, "No {drink} left", "Drink water.")
    text = python(contract.catalog, [*contract.errors, new])["errors.py"]
    assert 'class OfTomorrow(WingmanError):\n    """No <drink> left.\n\n    Drink water.\n' in text
    assert '    "of_tomorrow": OfTomorrow,\n' in text
    assert '    "OfTomorrow",\n' in text


def test_a_time_more_is_passed_on_as_one(contract):
    session = contract.catalog.functions["create_session"]
    more = [
        replace(session.by_argument[name], type="timestamp with time zone")
        for name in ("notes", "venue_name")
    ]
    arguments = [*session.arguments[:2], *more, *session.arguments[4:]]
    functions = {**contract.catalog.functions, "create_session": replace(session, arguments=tuple(arguments))}
    text = python(replace(contract.catalog, functions=functions), contract.errors)["_async/caller.py"]
    _, _, method = text.partition("async def create_session(")
    method, _, _ = method.partition("async def ")
    assert re.findall(r"(\w+)=Time\.of\((\w+)\)", method) == [
        (name, name) for name in ("scheduled_time", "notes", "venue_name")
    ]


def test_a_type_without_a_python_type_is_refused(contract):
    composite = contract.catalog.types["reputation"]
    object.__setattr__(composite.attributes[0], "type", "bit varying")
    try:
        with pytest.raises(KeyError, match="bit varying"):
            python(contract.catalog, contract.errors)
    finally:
        object.__setattr__(composite.attributes[0], "type", "uuid")
