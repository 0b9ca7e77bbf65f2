"""Word lists written as running text, which reads better than a hundred quoted words."""


def word_set(*texts: str) -> frozenset[str]:
    """Return the set of the words of some texts, cut at white space."""
    return frozenset(word for text in texts for word in text.split())
