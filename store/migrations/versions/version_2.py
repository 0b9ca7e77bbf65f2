"""Indexes for the reading queries."""

from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Create them."""
    op.create_index("dialogues_by_outcome", "dialogues", ["run_id", "outcome", "reason"])
    op.execute(
        "CREATE INDEX dialogues_to_claim ON dialogues (run_id, position)"
        " WHERE outcome = 'pending' AND claimed_by IS NULL"
    )
    by_dialogue = ["run_id", "dialogue_id"]
    op.create_index("turns_by_dialogue", "turns", [*by_dialogue, "speaker", "parent_id"])
    op.create_index("reviews_by_dialogue", "reviews", by_dialogue)
    op.create_index("calls_by_dialogue", "calls", by_dialogue)
