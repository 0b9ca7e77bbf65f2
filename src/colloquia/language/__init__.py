"""What can be read off texts, English ones above all: their words, figures, facts and questions."""
