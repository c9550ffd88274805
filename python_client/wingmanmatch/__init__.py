"""WingmanMatch: the thin Python client of a business that lives in PostgreSQL.

The client holds no rule. It calls the functions of the database, which ``WingmanClient`` and its twin for
asyncio, ``AsyncWingmanClient``, offer as methods; answers are the models of ``wingmanmatch.models``, refusals
the exceptions of ``wingmanmatch.errors``::

    with WingmanClient.connect("postgresql://authenticator@localhost/wingman") as client:
        ana = client.as_user("0198b9a4-7a8e-7c3e-9b1e-3f5f4f0d6a11")
        match = ana.create_automatic_match()
"""

from ._async.caller import AsyncCaller
from ._async.client import AsyncWingmanClient
from ._rpc import DEFAULT, Default
from ._sync.caller import Caller
from ._sync.client import WingmanClient
from .errors import (
    ActingForAnother,
    ActiveSessionExists,
    AlreadyConfirmed,
    BuddyNotInSession,
    Busy,
    ConnectionLost,
    InvalidAction,
    InvalidArgument,
    InvalidInput,
    InvalidRadius,
    InvalidSchedule,
    InvalidSessionState,
    MatchAlreadyResolved,
    MatchExpired,
    MatchingPaused,
    MatchNotAccepted,
    MatchNotFound,
    MissingArgument,
    NotAuthenticated,
    NotMatchParticipant,
    NotSessionParticipant,
    PermissionDenied,
    ProfileIncomplete,
    ReadOnlyTransaction,
    ReputationNotVisible,
    SelfConfirmation,
    SessionNotConfirmable,
    SessionNotFound,
    SessionNotStarted,
    StatementTimeout,
    TooEarly,
    UnsupportedIsolation,
    UserNotFound,
    WingmanError,
)
from .models import (
    AutomaticMatch,
    BuddyProfile,
    MatchDetails,
    MatchResponse,
    NextMatch,
    ProfileDetails,
    Reputation,
    SessionConfirmation,
    SessionDetails,
)

__all__ = [
    "DEFAULT",
    "ActingForAnother",
    "ActiveSessionExists",
    "AlreadyConfirmed",
    "AsyncCaller",
    "AsyncWingmanClient",
    "AutomaticMatch",
    "BuddyNotInSession",
    "BuddyProfile",
    "Busy",
    "Caller",
    "ConnectionLost",
    "Default",
    "InvalidAction",
    "InvalidArgument",
    "InvalidInput",
    "InvalidRadius",
    "InvalidSchedule",
    "InvalidSessionState",
    "MatchAlreadyResolved",
    "MatchDetails",
    "MatchExpired",
    "MatchNotAccepted",
    "MatchNotFound",
    "MatchResponse",
    "MatchingPaused",
    "MissingArgument",
    "NextMatch",
    "NotAuthenticated",
    "NotMatchParticipant",
    "NotSessionParticipant",
    "PermissionDenied",
    "ProfileDetails",
    "ProfileIncomplete",
    "ReadOnlyTransaction",
    "Reputation",
    "ReputationNotVisible",
    "SelfConfirmation",
    "SessionConfirmation",
    "SessionDetails",
    "SessionNotConfirmable",
    "SessionNotFound",
    "SessionNotStarted",
    "StatementTimeout",
    "TooEarly",
    "UnsupportedIsolation",
    "UserNotFound",
    "WingmanClient",
    "WingmanError",
]
