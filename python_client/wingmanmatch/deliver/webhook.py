"""Webhooks for the operators' systems: Standard Webhooks 1.0, with ids only."""

import binascii
import json
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from wingmanmatch.deliver.delivery import SENT, Delivery, Result, gone, retry
from wingmanmatch.deliver.posting import EXPECTED, Poster, code_of

_DISABLED: Final = 410
"""What a receiver answers that wants to hear no more."""


class WebhookChannel:
    """Sends to the operators' systems, which may be in a private network."""

    name: Final = "webhook"

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def aclose(self) -> None:
        """Close the connections."""
        await self._poster.aclose()

    def host(self, delivery: Delivery) -> str | None:
        """The database sees to it that no webhook takes all the room."""
        return None

    async def send(self, delivery: Delivery) -> Result:
        """Make an attempt."""
        body = payload(delivery)
        try:
            url = httpx.URL(delivery.target["url"])
            headers = signed(delivery, body, datetime.now(UTC))
        except (httpx.InvalidURL, binascii.Error, EmptyWebhookSecretError):
            return retry("webhook_not_valid")
        if url.scheme not in ("http", "https"):
            return retry("webhook_not_valid")
        try:
            answer = await self._poster.post(url, headers, body.encode())
        except EXPECTED as error:
            return retry(code_of(error))
        if answer.is_success:
            return SENT
        return gone(answer.code) if answer.status == _DISABLED else answer.retry()


def payload(delivery: Delivery) -> str:
    """The body of the request, the same at each attempt."""
    data: dict[str, Any] = {
        "notification_id": _text(delivery.notification_id),
        "user_id": _text(delivery.user_id),
        "match_id": _text(delivery.match_id),
        "session_id": _text(delivery.session_id),
    }
    at = delivery.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": delivery.kind, "timestamp": at, "data": data}, separators=(",", ":"))


def signed(delivery: Delivery, body: str, at: datetime) -> dict[str, str]:
    """The headers with which the receiver can check who has sent it, and when.

    There is a signature for each secret, so that a receiver may know the old one or the new one.
    """
    message_id = str(delivery.id)
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in delivery.target["secrets"]]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
