"""growth"""

from wingmanmatch.database.frozen_sql import run_revision

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_revision(__file__, "up")


def downgrade() -> None:
    run_revision(__file__, "down")
