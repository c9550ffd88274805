"""Who may talk to the process: whoever could read the address, once, and then the page that it opened."""

import hmac
import secrets
import threading

from wingmanmatch.admin.problems import Problem


class Secrets:
    """The secret in the address, which opens once, and the one that the page then sends with each call."""

    def __init__(self) -> None:
        self.once = secrets.token_urlsafe(32)
        """The secret in the address."""
        self._session = secrets.token_urlsafe(32)
        self._is_used = False
        self._lock = threading.Lock()

    def opened_by(self, given: str | None) -> str:
        """The page's secret, in exchange for the one in the address.

        Raises:
            Problem: that is another one, or was used before.
        """
        if not _same(given, self.once):
            raise unauthorized()
        with self._lock:
            if self._is_used:
                raise Problem(
                    401,
                    "address_used",
                    "This address was opened before",
                    "An address opens one page. Start wingman admin again for another.",
                )
            self._is_used = True
        return self._session

    def knows(self, given: str | None) -> bool:
        """Whether it is the page's secret."""
        return _same(given, self._session)


def unauthorized() -> Problem:
    """A call without the page's secret."""
    return Problem(
        401,
        "unauthorized",
        "This page has no access",
        "Start wingman admin again, and use the address that it opens.",
    )


def _same(given: str | None, secret: str) -> bool:
    return hmac.compare_digest((given or "").encode(), secret.encode())
