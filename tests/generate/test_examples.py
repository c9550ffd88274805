"""The examples are answers as callers get them."""

from pydantic import TypeAdapter
from wingmanmatch import models


def test_every_function_and_every_refusal_has_one(contract, db):
    names = {row["name"] for row in db.execute("select name from wingman.error_catalogue()")}
    assert contract.examples.calls.keys() == contract.catalog.functions.keys()
    assert contract.examples.refusals.keys() == names


def test_the_client_reads_the_answers(contract):
    for name, examples in contract.examples.calls.items():
        function = contract.catalog.functions[name]
        model = getattr(models, "".join(word.capitalize() for word in function.result.name.split("_")))
        kind = TypeAdapter(list[model] if function.returns_set else model)
        for example in examples:
            read = kind.dump_python(kind.validate_python(example.answer))
            told = read if function.returns_set else [read]
            answers = example.answer if function.returns_set else [example.answer]
            assert [row.keys() for row in told] == [row.keys() for row in answers]


def test_arguments_are_those_of_the_function(contract):
    for name, examples in contract.examples.calls.items():
        function = contract.catalog.functions[name]
        required = {argument.name for argument in function.arguments if argument.required}
        for example in examples:
            assert required <= example.arguments.keys() <= function.by_argument.keys()


def test_messages_are_the_templates_filled_in(contract):
    for refusal in contract.examples.refusals.values():
        assert refusal.message == refusal.template.format(**refusal.context), refusal.name
