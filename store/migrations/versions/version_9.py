"""Which planned exchange a turn belongs to: some are left out of a dialogue."""

from alembic import op

revision = "9"
down_revision = "8"


def upgrade() -> None:
    """Add a column: turns from before stand in the plan's order."""
    op.execute("ALTER TABLE turns ADD COLUMN exchange INTEGER")
