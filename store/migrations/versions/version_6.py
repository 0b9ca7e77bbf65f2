"""What runs with a ceiling have spent."""

from alembic import op

revision = "6"
down_revision = "5"


def upgrade() -> None:
    """Add a table."""
    op.execute(
        """
        CREATE TABLE budgets (
            run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
            usd FLOAT NOT NULL,
            calls BIGINT NOT NULL,
            tokens BIGINT NOT NULL
        )"""
    )
