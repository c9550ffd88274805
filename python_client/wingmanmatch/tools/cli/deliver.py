"""``wingman deliver``: sends what users are told outside the app."""

from typing import Annotated

import typer

from wingmanmatch.tools.cli.failures import MisuseError
from wingmanmatch.tools.cli.options import DatabaseUrl, LinkKey

Channel = Annotated[
    list[str] | None,
    typer.Option(
        help="email, web_push, webhook or realtime; repeat it for more than one.",
        show_default="all for which the options are given",
    ),
]
SmtpUrl = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_SMTP_URL",
        show_default=False,
        help="The mail server: smtp://USER:PASSWORD@HOST:587 with STARTTLS, smtps://… with TLS from the"
        " start, or smtp://HOST:25?starttls=never without TLS; safer in the environment.",
    ),
]
MailConnections = Annotated[
    int,
    typer.Option(
        min=1, max=100, help="The most connections to the mail server, and so the most e-mails at once."
    ),
]
MailFrom = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_MAIL_FROM",
        show_default=False,
        help="The sender: 'WingmanMatch <hello@wingman.example>'.",
    ),
]
AppUrl = Annotated[
    str,
    typer.Option(envvar="WINGMAN_APP_URL", show_default=False, help="Where the button in an e-mail leads."),
]
PublicUrl = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_PUBLIC_URL",
        show_default=False,
        help="Where users reach wingman serve, for the links in e-mails.",
    ),
]
VapidKey = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_VAPID_KEY",
        show_default=False,
        help="The private key for web push: P-256, base64url or PEM; safer in the environment.",
    ),
]
VapidContact = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_VAPID_CONTACT",
        show_default=False,
        help="How push services can contact you: mailto:… or https://….",
    ),
]
AtOnce = Annotated[
    int, typer.Option(min=1, max=1000, help="The most attempts at once, for web push and for webhooks each.")
]
Poll = Annotated[
    float,
    typer.Option(min=0.01, max=60, help="How many seconds to wait before looking again when nothing is due."),
]
MetricsHost = Annotated[str, typer.Option(help="The address for /metrics, /healthz and /readyz.")]
MetricsPort = Annotated[
    int | None,
    typer.Option(min=0, max=65_535, help="The port for them; 0 takes any free one.", show_default="none"),
]


def deliver(
    database_url: DatabaseUrl = "",
    channel: Channel = None,
    smtp_url: SmtpUrl = "",
    mail_connections: MailConnections = 8,
    mail_from: MailFrom = "",
    app_url: AppUrl = "",
    public_url: PublicUrl = "",
    link_key: LinkKey = "",
    vapid_key: VapidKey = "",
    vapid_contact: VapidContact = "",
    at_once: AtOnce = 128,
    poll: Poll = 0.1,
    metrics_host: MetricsHost = "127.0.0.1",
    metrics_port: MetricsPort = None,
) -> None:
    """Send e-mails, web push, webhooks and Realtime messages.

    It claims the messages that are due in the database, sends them and settles them, until SIGTERM or SIGINT;
    then it finishes the attempts in progress. Several workers can run at once. If one is killed, nothing is
    lost: another sends what it had not settled, with the same id. The login must be a member of
    wingman_worker.
    """
    from contextlib import ExitStack

    from wingmanmatch.deliver.process import deliver as deliver_until_told
    from wingmanmatch.deliver.settings import CHANNELS, Settings
    from wingmanmatch.http.listening import listen

    if unknown := {*(channel or ())} - {*CHANNELS}:
        raise MisuseError(f"There is no channel {min(unknown)}: give {', '.join(CHANNELS)}")
    possible = {"email": bool(smtp_url), "web_push": bool(vapid_key)}
    settings = Settings(
        database_url,
        channels=tuple(one for one in CHANNELS if (one in channel if channel else possible.get(one, True))),
        at_once=at_once,
        poll_seconds=poll,
        smtp_url=smtp_url,
        mail_connections=mail_connections,
        mail_from=mail_from,
        app_url=app_url,
        public_url=public_url,
        link_key=link_key,
        vapid_key=vapid_key,
        vapid_contact=vapid_contact,
    )
    with ExitStack() as stack:
        listener = None
        if metrics_port is not None:
            listener = stack.enter_context(listen(metrics_host, metrics_port, "--metrics-port"))
        deliver_until_told(settings, listener)
