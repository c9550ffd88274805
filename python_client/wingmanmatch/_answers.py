"""What the models of all answers have in common: the part that is not made from the database."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, PrivateAttr
from pydantic_core import CoreSchema, core_schema

from ._rpc import Receipt


class Response(BaseModel):
    """A composite type of the database. Attributes that a newer database adds are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)


class Answer(Response):
    """The answer of a function that writes; a function that reads may use the same type."""

    _receipt: Receipt = PrivateAttr(default_factory=Receipt)

    def model_post_init(self, context: Any, /) -> None:
        """Take the receipt, which the client gives as the context of the validation."""
        if isinstance(context, Receipt):
            self._receipt = context

    @property
    def idempotency_key(self) -> str | None:
        """The key that the call was made with; None without a key, as for a call that only reads."""
        return self._receipt.idempotency_key

    @property
    def replayed(self) -> bool:
        """Whether this is a replay: the answer of an earlier call with the same key."""
        return self._receipt.replayed


class _Open:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema()


OPEN: Final = _Open()
"""Marks a set of values that a newer database may extend: unknown values are accepted, too."""
