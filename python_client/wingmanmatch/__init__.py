"""WingmanMatch: the thin Python client of a business that lives in PostgreSQL.

The client contains no rules. ``WingmanClient``, and ``AsyncWingmanClient`` for asyncio, offer the functions
of the database as methods. Answers are models of ``wingmanmatch.models``, refusals are exceptions of
``wingmanmatch.errors``::

    with WingmanClient.connect("postgresql://authenticator@localhost/wingman") as client:
        ana = client.as_user("0198b9a4-7a8e-7c3e-9b1e-3f5f4f0d6a11")
        match = ana.create_automatic_match()

    with WingmanClient.over_http("https://project.supabase.co", apikey=key) as client:
        match = client.with_token(access_token).create_automatic_match()
"""

from importlib.metadata import version as _version

from . import errors, models
from ._async.caller import AsyncCaller
from ._async.client import AsyncWingmanClient
from ._async.http_client import AsyncWingmanHttpClient
from ._retries import Retries
from ._rpc import DEFAULT, Default
from ._sync.caller import Caller
from ._sync.client import WingmanClient
from ._sync.http_client import WingmanHttpClient
from .errors import *  # noqa: F403
from .models import *  # noqa: F403

__all__ = [
    "DEFAULT",
    "AsyncCaller",
    "AsyncWingmanClient",
    "AsyncWingmanHttpClient",
    "Caller",
    "Default",
    "Retries",
    "WingmanClient",
    "WingmanHttpClient",
    "__version__",
]
__all__ += errors.__all__
__all__ += models.__all__

__version__ = _version("wingmanmatch")
