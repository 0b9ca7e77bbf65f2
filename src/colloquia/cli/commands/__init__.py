"""The commands, a file each, and what they have in common."""
