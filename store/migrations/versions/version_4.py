"""The longest dialogues first."""

from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Add a column, and claim by it."""
    op.execute("ALTER TABLE dialogues ADD COLUMN expected_length BIGINT NOT NULL DEFAULT 0")
    op.drop_index("dialogues_to_claim")
    op.execute(
        "CREATE INDEX dialogues_to_claim ON dialogues (run_id, expected_length DESC, position)"
        " WHERE outcome = 'pending' AND claimed_by IS NULL"
    )
