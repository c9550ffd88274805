"""operators and personal data"""

from wingmanmatch.database.frozen_sql import run_revision

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_revision(__file__, "up")


def downgrade() -> None:
    run_revision(__file__, "down")
