"""Calls made in vain are marked."""

from alembic import op

revision = "7"
down_revision = "6"


def upgrade() -> None:
    """Add a column."""
    op.execute("ALTER TABLE calls ADD COLUMN wasted BOOLEAN NOT NULL DEFAULT FALSE")
