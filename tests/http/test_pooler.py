"""Behind a pooler in transaction mode, where each call may get another backend."""

from pathlib import Path

import httpx
from harness import People, login_url, server_url
from psycopg import Connection
from serving import Serve, Token, bearer
from tools.pooler import pooler


def test_calls_go_through_a_pooler_of_transactions(
    db: Connection, people: People, serve: Serve, token: Token
) -> None:
    everybody = [people.add(name) for name in ("Ana", "Bo", "Cy")]
    with pooler(Path(db.info.host), by_transaction=True) as directory:
        url = login_url(server_url(f"postgresql://@/?host={directory}", db.info.dbname), "authenticator")
        with httpx.Client(base_url=serve(database_url=url, prepare=False, pool_size=2)) as client:
            for person in everybody * 8:
                answer = client.post("/api/get-profile", headers=bearer(token(person)))
                assert (answer.status_code, answer.json()["user_id"]) == (200, str(person))
