"""``wingman token``: an access token to try the HTTP API with."""

from typing import Annotated
from uuid import UUID

import typer

from wingmanmatch.tools.cli.failures import MisuseError

User = Annotated[UUID | None, typer.Argument(help="The user whose token it is.", show_default=False)]
Email = Annotated[str, typer.Option(help="The e-mail address of the user's account.", show_default="none")]
Service = Annotated[bool, typer.Option("--service", help="Make a token of service_role instead.")]
JwtSecret = Annotated[
    str, typer.Option(envvar="WINGMAN_JWT_SECRET", show_default=False, help="The secret of wingman serve.")
]
Minutes = Annotated[int, typer.Option(min=1, help="How long it is valid.")]


def token(
    user_id: User = None,
    email: Email = "",
    service: Service = False,
    jwt_secret: JwtSecret = "",
    minutes: Minutes = 60,
) -> None:
    """Print an access token to try the API with.

    It is signed with HS256, as by Supabase. Anybody who knows the secret can act as any user: in production,
    let Supabase issue the tokens.
    """
    from datetime import UTC, datetime, timedelta

    import jwt

    from wingmanmatch.http.settings import MIN_SECRET_BYTES

    if len(jwt_secret.encode()) < MIN_SECRET_BYTES:
        raise MisuseError(f"Set WINGMAN_JWT_SECRET, or give --jwt-secret: at least {MIN_SECRET_BYTES} bytes")
    if (user_id is None) is not service:
        raise MisuseError("Name the user whose token it is, or give --service for one of service_role")
    if service and email:
        raise MisuseError("Only a user has an e-mail address")
    now = datetime.now(UTC)
    claims: dict[str, object] = {"role": "service_role", "iat": now, "exp": now + timedelta(minutes=minutes)}
    if user_id is not None:
        claims |= {"role": "authenticated", "aud": "authenticated", "sub": str(user_id)}
    if email:
        claims["email"] = email
    typer.echo(jwt.encode(claims, jwt_secret, "HS256"))
