"""How English is read: the pipeline and its parses, sentences, words and their forms."""
