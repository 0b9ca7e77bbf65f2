"""What a snippet leaves open, and what it contradicts."""
