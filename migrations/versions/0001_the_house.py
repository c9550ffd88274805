"""the house"""

from wingmanmatch.database.frozen_sql import run_revision

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_revision(__file__, "up")


def downgrade() -> None:
    run_revision(__file__, "down")
