"""Which snippets are worth teaching from: labels, a classifier learnt from them, and a filter."""
