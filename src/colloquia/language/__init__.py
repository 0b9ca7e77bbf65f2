"""What can be read off English text: sentences, tags, facts, quotes."""
