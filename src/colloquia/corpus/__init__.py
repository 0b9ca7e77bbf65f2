"""From dialogues to files: rows, pairs, splits, formats, card and manifest, and their check."""
