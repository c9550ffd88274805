"""right under every configuration"""

from wingmanmatch.database.frozen_sql import run_revision

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_revision(__file__, "up")


def downgrade() -> None:
    run_revision(__file__, "down")
