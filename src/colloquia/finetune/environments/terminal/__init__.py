"""A shell in a sandbox, and tasks to do in it."""
