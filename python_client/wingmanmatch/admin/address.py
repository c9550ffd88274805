"""The page's address, in a file that only its owner can read: a command line would show it to everybody."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Final

_FILE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>WingmanMatch</title>
<p><a href="{address}" rel="noreferrer">Open the operators' page</a></p>
</html>
"""


@contextmanager
def address_file(url: str, secret: str) -> Iterator[Path]:
    """A file that leads a browser to the page. It is gone in the end, if ``forget`` was not called before."""
    directory = Path(tempfile.mkdtemp(prefix="wingman-"))
    path = directory / "admin.html"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_FILE.format(address=escape(f"{url}/#{secret}")))
        yield path
    finally:
        forget(path)


def forget(path: Path) -> None:
    """Remove such a file."""
    shutil.rmtree(path.parent, ignore_errors=True)
