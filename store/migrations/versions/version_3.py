"""Requests to stop, and heartbeats, which were called pulses."""

from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add a column and a table."""
    op.execute("ALTER TABLE owners ADD COLUMN stop_asked BOOLEAN NOT NULL DEFAULT FALSE")
    op.execute(
        """
        CREATE TABLE pulses (
            run_id TEXT NOT NULL REFERENCES runs (id),
            token TEXT NOT NULL,
            at FLOAT NOT NULL,
            pulse TEXT NOT NULL,
            PRIMARY KEY (run_id, token)
        )"""
    )
