"""Tool calls and their results."""

from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add columns: what is there already has none."""
    for table in ("calls", "messages"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN tool_calls TEXT NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE messages ADD COLUMN tool_call_id TEXT")
