"""Draws demo.svg beside this file: an animation of ``wingman demo`` as it runs now. For ``make recording``.

The picture says which sources told the story, so that a test notices when it is out of date.
"""

import hashlib
import tempfile
from collections.abc import Callable
from io import StringIO
from itertools import accumulate, groupby
from pathlib import Path
from xml.sax.saxutils import escape

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from wingmanmatch.demo import run

RECORDING = Path(__file__).with_name("demo.svg")
TELLING = ("fair_play.py", "narrator.py", "run.py", "story.py")
USERS, SEED = 5_000, 1
COLUMNS, ROWS = 100, 30
LETTER, LINE, MARGIN = 8, 18, 14
WIDTH, HEIGHT = COLUMNS * LETTER + 2 * MARGIN, ROWS * LINE + 2 * MARGIN
# seconds until the next line comes
AT_CHAPTER, AT_TEXT, AT_ANSWER, AT_CALL, AT_ROW = 0.8, 0.7, 0.3, 0.15, 0.05

STYLE = """
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
text { fill: #1f2328; }
.ground { fill: #f6f8fa; }
.bold { font-weight: bold; }
.dim { fill: #59636e; }
.cyan { fill: #0969a8; }
.green { fill: #116329; }
.magenta { fill: #7a3e9d; }
.yellow { fill: #7d4e00; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .ground { fill: #161b22; }
  .dim { fill: #9198a1; }
  .cyan { fill: #56d4dd; }
  .green { fill: #56d364; }
  .magenta { fill: #d2a8ff; }
  .yellow { fill: #e3b341; }
}
"""


def digest() -> str:
    """What the sources of the story are now."""
    folder = Path(run.__file__).parent
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in TELLING)).hexdigest()


def lines_of_the_story() -> list[list[Segment]]:
    """What ``wingman demo`` prints, as styled lines."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), highlight=False, color_system="standard")
    with tempfile.TemporaryDirectory(prefix="wingman-recording-") as directory:
        run.run(console, Path(directory), USERS, SEED)
    segments = [segment for segment in console._record_buffer if not segment.control]
    return list(Segment.split_lines(segments))


def animation(lines: list[list[Segment]]) -> str:
    """The SVG: all lines below each other, moved up a line at a time behind a screen."""
    texts = ["".join(segment.text for segment in line).rstrip() for line in lines]
    # a line appears together with the one before it that takes no time
    times = list(accumulate((seconds_after(text) for text in texts), initial=0.0))
    total = times[-1]
    frames = [(times[shown] / total, shown + 1) for shown in range(len(lines))]
    drawn = "\n".join(drawn_line(number, line) for number, line in enumerate(lines) if texts[number])
    last = len(lines)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">
<!-- demo sha256:{digest()} -->
<title>wingman demo</title>
<style>{STYLE}
.lines {{ transform: translateY({scrolled(last)}px); animation: lines {total:.1f}s step-end; }}
.cover {{ transform: translateY({last * LINE}px); animation: cover {total:.1f}s step-end; }}
@keyframes lines {{ {keyframes(frames, scrolled)} }}
@keyframes cover {{ {keyframes(frames, lambda shown: shown * LINE)} }}
@media (prefers-reduced-motion: reduce) {{ .lines, .cover {{ animation: none; }} }}
</style>
<clipPath id="screen"><rect x="0" y="{MARGIN}" width="{WIDTH}" height="{ROWS * LINE}"/></clipPath>
<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
<g clip-path="url(#screen)"><g class="lines">
{drawn}
<rect class="ground cover" x="0" y="{MARGIN}" width="{WIDTH}" height="{ROWS * LINE}"/>
</g></g>
</svg>
"""


def seconds_after(text: str) -> float:
    """How long a reader needs for a line."""
    words = text.split()
    if not words:
        return 0.0
    if text[0].isdigit():
        return AT_CHAPTER
    if words[0] in "→✗":
        return AT_ANSWER
    if words[-1] == "ms":
        return AT_CALL
    return AT_ROW if text[0] == " " or len(words[0]) == 1 else AT_TEXT


def scrolled(shown: int) -> int:
    """How far the lines have moved when so many lines are shown."""
    return -max(0, shown - ROWS) * LINE


def keyframes(frames: list[tuple[float, int]], at: Callable[[int], int]) -> str:
    """A frame for each moment; lines of the same moment make one."""
    last_of_each = [list(same)[-1] for _, same in groupby(frames, key=lambda frame: frame[0])]
    return " ".join(
        f"{100 * when:.2f}%{{transform:translateY({at(shown)}px)}}" for when, shown in last_of_each
    )


def drawn_line(number: int, line: list[Segment]) -> str:
    """A line of text, each part where its first letter belongs."""
    parts, column = [], 0
    for segment in Segment.simplify(line):
        text = segment.text
        start = column + len(text) - len(text.lstrip())
        column += len(text)
        if stripped := text.strip():
            names = classes(segment.style)
            styled = f' class="{names}"' if names else ""
            place = f'x="{MARGIN + start * LETTER}" textLength="{len(stripped) * LETTER}"'
            parts.append(f"<tspan {place}{styled}>{escape(stripped)}</tspan>")
    return f'<text y="{MARGIN + number * LINE + 13}">{"".join(parts)}</text>'


def classes(style: Style | None) -> str:
    """The names of a style."""
    if style is None:
        return ""
    colour = style.color.name if style.color and style.color.name in STYLE else ""
    return " ".join(
        name for name in ("bold" if style.bold else "", "dim" if style.dim else "", colour) if name
    )


if __name__ == "__main__":
    RECORDING.write_text(animation(lines_of_the_story()), encoding="utf-8")
    print(f"Drew docs/pictures/{RECORDING.name}")
