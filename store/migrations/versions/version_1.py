"""All tables. Stores have been made otherwise since, so there is nothing to do."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Begin the history."""
