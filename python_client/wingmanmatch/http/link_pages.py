"""The pages behind the links in e-mails: each says one thing, and may have a button."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_LANGUAGES: Final = ("en", "de")
_RANGE: Final = re.compile(r"\s*([a-z]{1,8})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", re.I)
"""What the header Accept-Language lists: a language, and how much it is wanted."""

_STYLE: Final = """\
:root { color-scheme: light dark }
body { font: 1.125rem/1.5 system-ui, sans-serif; margin: 0 }
main { max-width: 32rem; margin: 0 auto; padding: 3rem 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
button { font: inherit; padding: 0.75rem 1.5rem }
"""
# the form's own address is the page's, which ends with the token
_FORM: Final = """
<form method="post"><button type="submit">{label}</button></form>"""
_PAGE: Final = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - WingmanMatch</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>{form}
</main>
</body>
</html>
"""
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    # the address holds the token
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says."""

    title: str
    text: str
    button: str | None = None


Page = Mapping[str, Words]
"""A page in each language."""


def language_of(accepted: str) -> str:
    """The language that a header Accept-Language asks for, if there are pages in it; else English."""
    found = [_RANGE.fullmatch(part) for part in accepted.split(",")]
    wanted = {match[1].lower(): float(match[2] or 1) for match in reversed(found) if match}
    return max(_LANGUAGES, key=lambda language: wanted.get(language, 0.0))


def shown(
    page: Page, language: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page as a response."""
    words = page[language]
    content = _PAGE.format(
        language=language,
        title=escape(words.title),
        text=escape(words.text),
        style=_STYLE,
        form=_FORM.format(label=escape(words.button)) if words.button else "",
    )
    return HTMLResponse(content, status, {**_HEADERS, "Content-Language": language, **(headers or {})})


CONFIRM: Final[Page] = {
    "en": Words(
        "Confirm your e-mail address",
        "If you asked WingmanMatch to send messages to this address, confirm that it is yours."
        " If you did not, close this page: nothing will be sent.",
        "Confirm",
    ),
    "de": Words(
        "E-Mail-Adresse bestätigen",
        "Wenn WingmanMatch Nachrichten an diese Adresse schicken soll, bestätige, dass sie dir gehört."
        " Wenn nicht, schließ diese Seite: Dann wird nichts geschickt.",
        "Bestätigen",
    ),
}
CONFIRMED: Final[Page] = {
    "en": Words(
        "Your e-mail address is confirmed",
        "From now on, WingmanMatch will send its messages to this address. You can close this page.",
    ),
    "de": Words(
        "Deine E-Mail-Adresse ist bestätigt",
        "WingmanMatch schickt seine Nachrichten ab jetzt an diese Adresse. Du kannst diese Seite schließen.",
    ),
}
CONFIRM_OVER: Final[Page] = {
    "en": Words(
        "This link no longer works",
        "It has expired, or the address has since been changed or removed."
        " You can ask for a new link in the app.",
    ),
    "de": Words(
        "Dieser Link gilt nicht mehr",
        "Er ist abgelaufen, oder die Adresse wurde inzwischen geändert oder entfernt."
        " In der App kannst du einen neuen Link anfordern.",
    ),
}
UNSUBSCRIBE: Final[Page] = {
    "en": Words(
        "Unsubscribe from e-mails",
        "Do you want to stop all e-mails from WingmanMatch? You will still find everything in the app.",
        "Unsubscribe",
    ),
    "de": Words(
        "E-Mails abbestellen",
        "Möchtest du keine E-Mails mehr von WingmanMatch? In der App findest du weiterhin alles.",
        "Abbestellen",
    ),
}
UNSUBSCRIBED: Final[Page] = {
    "en": Words(
        "You are unsubscribed",
        "WingmanMatch will not send you any more e-mails. You can change this in the app at any time.",
    ),
    "de": Words(
        "Du bekommst keine E-Mails mehr",
        "WingmanMatch schickt dir keine E-Mails mehr. In der App kannst du das jederzeit ändern.",
    ),
}
UNSUBSCRIBE_OVER: Final[Page] = {
    "en": Words(
        "This link no longer works",
        "The account that it belongs to no longer exists, so no e-mails are sent.",
    ),
    "de": Words(
        "Dieser Link gilt nicht mehr",
        "Das Konto, zu dem er gehört, gibt es nicht mehr. Es werden keine E-Mails geschickt.",
    ),
}
INVALID: Final[Page] = {
    "en": Words(
        "This link is not valid",
        "Part of it may be missing. Open it from the e-mail again, or copy the whole link.",
    ),
    "de": Words(
        "Dieser Link ist ungültig",
        "Vielleicht fehlt ein Teil davon. Öffne ihn noch einmal aus der E-Mail,"
        " oder kopiere den ganzen Link.",
    ),
}
FAILED: Final[Page] = {
    "en": Words("That did not work", "Please open the link again in a few minutes."),
    "de": Words("Das hat nicht geklappt", "Bitte öffne den Link in ein paar Minuten noch einmal."),
}
