"""The ways of a call from the client to the database, behind one interface, so that one test covers all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from serving import claims_of, signed
from wingmanmatch import Retries


@dataclass
class Way:
    """One transport in one flavour."""

    flavour: Any
    transport: str
    """``pool``, ``connection`` or ``http``."""
    where: str
    """The database's URL, or the server's."""

    @contextmanager
    def connect(self, **options: Any) -> Iterator[Any]:
        """A client over it, with ``as_user`` and ``as_service``.

        Over PostgreSQL's protocol statements are not prepared, so that each call shows on a proxy.
        """
        if self.transport == "http":
            with self.flavour.over_http(self.where, **options) as client:
                yield HttpUsers(client)
        elif self.transport == "pool":
            with self.flavour.connect(self.where, max_size=1, prepare=False, **options) as client:
                yield client
        else:
            with self.flavour.connection(self.where, autocommit=True, prepare_threshold=None) as connection:
                yield self.flavour.client(connection=connection, **options)


class HttpUsers:
    """A client over HTTP, with people's tokens at hand."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def as_user(self, user_id: UUID | str, **claims: Any) -> Any:
        return self._client.with_token(signed(claims_of(user_id, **claims)))

    def as_service(self) -> Any:
        return self._client.with_token(signed(claims_of(role="service_role")))


AT_ONCE = Retries(attempts=5, base=0)
OFF = Retries(attempts=1)
