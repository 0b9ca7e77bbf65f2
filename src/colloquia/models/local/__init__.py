"""Models of one's own in this process: what may be loaded, and how it answers."""
