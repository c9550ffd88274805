"""Texts that come from a database, for a terminal.

A terminal obeys control characters: an escape sequence in somebody's name can retitle the window, hide what
follows or type a reply, and a bidirectional control can make one name look like another.
"""

import re

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""The text with each control character but tab and line feed as an escape, for example ``\u001b``.

    The escapes are those of JSON, so JSON stays the same value.
    """
    return _CONTROLS.sub(lambda control: rf"\u{ord(control[0]):04x}", text)
