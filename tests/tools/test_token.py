"""``wingman token``: access tokens to try the HTTP API with."""

from uuid import uuid4

import jwt
import pytest
from tools.conftest import fails_in_one_line

SECRET = "a secret for tests, long enough for HS256"


def claims_in(done):
    assert (done.returncode, done.stderr) == (0, "")
    return jwt.decode(done.stdout.strip(), SECRET, algorithms=["HS256"], audience="authenticated")


def test_a_persons_token_is_as_supabase_issues_it(wingman):
    user_id = str(uuid4())
    claims = claims_in(wingman("token", user_id, "--jwt-secret", SECRET, "--minutes", "5"))
    assert (claims["sub"], claims["role"]) == (user_id, "authenticated")
    assert claims["exp"] - claims["iat"] == 300


def test_that_of_the_service_must_be_asked_for(wingman):
    done = wingman("token", "--service", "--jwt-secret", SECRET)
    claims = jwt.decode(done.stdout.strip(), SECRET, algorithms=["HS256"])
    assert claims["role"] == "service_role"
    assert "sub" not in claims


def test_it_has_the_address_of_the_account(wingman):
    user_id = str(uuid4())
    claims = claims_in(wingman("token", user_id, "--email", "ana@a.example", "--jwt-secret", SECRET))
    assert (claims["sub"], claims["email"]) == (user_id, "ana@a.example")
    assert "email" not in claims_in(wingman("token", user_id, "--jwt-secret", SECRET))
    arguments = ["--service", "--email", "ana@a.example", "--jwt-secret", SECRET]
    assert "e-mail" in fails_in_one_line(wingman("token", *arguments), 2)


@pytest.mark.parametrize("whose", [[], [str(uuid4()), "--service"]], ids=["nobody's", "both"])
def test_it_is_of_one_of_the_two(wingman, whose):
    # an empty variable of the shell must not end in a token that may do everything
    said = fails_in_one_line(wingman("token", *whose, "--jwt-secret", SECRET), 2)
    assert "--service" in said


def test_without_a_secret_there_is_none(wingman):
    said = fails_in_one_line(wingman("token", str(uuid4()), WINGMAN_JWT_SECRET=""), 2)
    assert "WINGMAN_JWT_SECRET" in said
