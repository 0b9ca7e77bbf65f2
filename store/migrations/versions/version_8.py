"""Heartbeats go by the field's name for them."""

from alembic import op

revision = "8"
down_revision = "7"


def upgrade() -> None:
    """Rename a table and its column."""
    op.rename_table("pulses", "heartbeats")
    op.execute("ALTER TABLE heartbeats RENAME COLUMN pulse TO heartbeat")
