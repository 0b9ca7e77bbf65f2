"""Commands that choose snippets before a run."""
