"""Batches of requests that were handed in to a provider."""

from alembic import op

revision = "10"
down_revision = "9"


def upgrade() -> None:
    """Add two tables."""
    op.execute(
        "CREATE TABLE batches (run_id TEXT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, "
        "remote_id TEXT, asked_at FLOAT NOT NULL, requests INTEGER NOT NULL, "
        "ended BOOLEAN NOT NULL, PRIMARY KEY (run_id, id), "
        "FOREIGN KEY(run_id) REFERENCES runs (id))"
    )
    op.execute(
        "CREATE TABLE batch_lines (run_id TEXT NOT NULL, batch_id TEXT NOT NULL, "
        "key TEXT NOT NULL, usd FLOAT NOT NULL, tokens BIGINT NOT NULL, reply TEXT, "
        "PRIMARY KEY (run_id, batch_id, key), "
        "FOREIGN KEY(run_id, batch_id) REFERENCES batches (run_id, id))"
    )
