"""The two endpoints of the design documents, with their models."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class MatchResponseRequest(BaseModel):
    """Request model for responding to buddy match"""

    user_id: str = Field(..., description="User ID responding to the match")
    match_id: str = Field(..., description="ID of the wingman match to respond to")
    action: str = Field(..., description="User action: 'accept' or 'decline'", pattern="^(accept|decline)$")


class MatchResponseResponse(BaseModel):
    """Response model for buddy match response"""

    success: bool = Field(..., description="Whether the response was processed successfully")
    message: str = Field(..., description="Success or error message")
    match_status: str | None = Field(None, description="Current status of the match after response")
    next_match: dict[str, Any] | None = Field(None, description="Next available match if declined")


class SessionConfirmCompletionRequest(BaseModel):
    """Request model for confirming session completion"""

    session_id: UUID = Field(..., description="UUID of the session to confirm completion")


class SessionConfirmCompletionResponse(BaseModel):
    """Response model for session completion confirmation"""

    success: bool = Field(..., description="Whether completion confirmation was successful")
    message: str = Field(..., description="Success or error message")
    session_status: str = Field(..., description="Updated session status")
    both_confirmed: bool = Field(..., description="Whether both participants have confirmed completion")
    reputation_updated: bool = Field(..., description="Whether reputation was updated for both users")
    user_reputation_delta: int = Field(..., description="Reputation points gained by current user")
