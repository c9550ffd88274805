"""The settings of the worker."""

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from wingmanmatch.http.settings import UnsafeSettingsError, check_secret

CHANNELS: Final = ("email", "web_push", "webhook", "realtime")


@dataclass(frozen=True)
class Settings:
    """How the worker runs. Its printed form leaves secrets out."""

    database_url: str = field(repr=False)
    """The database's URL, with a login that is a member of ``wingman_worker``, or that role itself."""
    channels: tuple[str, ...] = ("webhook", "realtime")
    """What is sent."""
    at_once: int = 128
    """The most attempts at once, of each channel."""
    poll_seconds: float = 0.1
    """How often to look for what is due, while nothing is."""
    smtp_url: str = field(default="", repr=False)
    """The mail server."""
    mail_connections: int = 8
    """The most connections to it."""
    mail_from: str = ""
    """The sender of e-mails."""
    app_url: str = ""
    """Where the button of an e-mail leads."""
    public_url: str = ""
    """Where users reach ``wingman serve``, for the links in e-mails."""
    link_key: str = field(default="", repr=False)
    """The secret that signs these links, the same as that of ``wingman serve``."""
    vapid_key: str = field(default="", repr=False)
    """The private key that signs web push."""
    vapid_contact: str = ""
    """Whom push services can write to."""

    def __post_init__(self) -> None:
        if "email" in self.channels:
            self._check_email()
        if "web_push" in self.channels and not (self.vapid_key and self.vapid_contact):
            raise UnsafeSettingsError("Web push needs a VAPID key and a VAPID contact")

    def _check_email(self) -> None:
        if not self.smtp_url:
            raise UnsafeSettingsError("E-mail needs the URL of a mail server")
        address = parseaddr(self.mail_from)[1]
        if not (address.isascii() and address.partition("@")[0] and address.partition("@")[2]):
            raise UnsafeSettingsError('E-mail needs a sender, such as "WingmanMatch <hello@wingman.example>"')
        for name, url in (("app", self.app_url), ("public", self.public_url)):
            if not is_web_url(url):
                raise UnsafeSettingsError(f"E-mail needs the {name} URL: https://…")
        if not self.link_key:
            raise UnsafeSettingsError("E-mail needs the link key of wingman serve")
        check_secret("link key", self.link_key)


def is_web_url(text: str) -> bool:
    """Whether a text is the URL of a website."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and not set(text) & set(' <>"')
    except ValueError:
        return False
