"""What ``wingman serve`` has refused, from its metrics."""

from collections import Counter
from time import monotonic
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

_SECONDS: Final = 2.0
_MOST_BYTES: Final = 4_000_000
_CALLS: Final = "wingman_http_calls_total"


def refusals_at(serve_url: str) -> dict[str, Any]:
    """The refusals since the server's start, by name, the most frequent first, or why they are not known."""
    if not serve_url:
        return {"refusals": None, "error": None}
    try:
        counts = _counted(_metrics(f"{serve_url.rstrip('/')}/metrics"))
    except (httpx.HTTPError, httpx.InvalidURL):
        return {"refusals": None, "error": "wingman serve cannot be reached"}
    except ValueError:
        return {"refusals": None, "error": "What answers there is not wingman serve"}
    return {
        "refusals": [{"error": name, "count": count} for name, count in counts.most_common()],
        "error": None,
    }


def _metrics(url: str) -> str:
    deadline = monotonic() + _SECONDS
    with httpx.stream("GET", url, timeout=_SECONDS, trust_env=False) as answer:
        answer.raise_for_status()
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES:
                raise ValueError("longer than metrics are")
            if monotonic() > deadline:
                raise httpx.ReadTimeout("longer than metrics take")
    return body.decode()


def _counted(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    is_known = False
    for family in text_string_to_metric_families(text):
        is_known = is_known or family.name == _CALLS.removesuffix("_total")
        for sample in family.samples:
            if sample.name == _CALLS and sample.labels.get("outcome", "ok") != "ok":
                counts[sample.labels["outcome"]] += int(sample.value)
    if not is_known:
        raise ValueError("other metrics")
    return counts
