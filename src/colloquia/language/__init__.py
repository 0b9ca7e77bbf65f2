"""What can be read off text: its language, sentences, tags, facts, quotes."""
