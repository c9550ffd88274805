"""Where the SQL sources, the migrations and the pages are, both in a checkout and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_BUNDLED = _PACKAGE / "_bundled"

ROOT: Path = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parents[1]
"""The directory that holds ``sql/``, ``migrations/`` and ``alembic.ini``."""

SQL: Path = ROOT / "sql"
INSTALL_SQL: Path = SQL / "install.sql"
BOOTSTRAP_SQL: Path = SQL / "kernel" / "bootstrap.sql"
VERSIONS: Path = ROOT / "migrations" / "versions"
FINGERPRINT: Path = ROOT / "migrations" / "fingerprint.json"
"""What a database at this release's newest revision contains."""
ALEMBIC_INI: Path = ROOT / "alembic.ini"
OPENAPI: Path = ROOT / "docs" / "openapi.json"
"""The OpenAPI document of the HTTP API."""
BENCH: Path = ROOT / "bench"
"""The SQL of the benchmark: its worlds, its calls, and what runs before and after a turn of them."""
SHARED_PAGE: Path = _PACKAGE / "shared_page"
"""What the demo's page and the operators' page share: served at ``/shared``."""
