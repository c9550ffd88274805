"""Behind a pooler in transaction mode, where each call may get another backend."""

from pathlib import Path

import httpx
import psycopg
from harness import People, login_url, server_url
from psycopg import Connection
from serving import Serve, Token, bearer
from tools.pooler import pooler
from wingmanmatch import Retries, WingmanClient


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


def prepares(client: WingmanClient) -> bool:
    """Whether a client's connection still prepares statements."""
    assert client._own_pool
    with client._own_pool.connection() as connection:
        return connection.prepare_threshold is not None


def test_clients_that_prepare_do_not_mind_each_other_s_statements(db: Connection, people: People) -> None:
    """Where one has prepared a statement on the server's connection, the other goes on without (42P05)."""
    everybody = [people.add(name) for name in ("Ana", "Bo", "Cy")]
    off = Retries(attempts=1)
    with pooler(Path(db.info.host), by_transaction=True) as directory:
        url = login_url(server_url(f"postgresql://@/?host={directory}", db.info.dbname), "authenticator")
        with WingmanClient.connect(url, max_size=1, retries=off) as one:
            for person in everybody:
                assert one.as_user(person).get_profile().user_id == person
            with WingmanClient.connect(url, max_size=1, retries=off) as other:
                for person in everybody:
                    assert other.as_user(person).get_profile().user_id == person
                    assert one.as_user(person).get_profile().user_id == person
                assert [prepares(client) for client in (one, other)] == [True, False]
        with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
            api = WingmanClient(connection=connection).as_user(everybody[0])
            for _ in range(3):
                assert api.get_profile().user_id == everybody[0]
