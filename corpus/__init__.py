"""Floor 4: from accepted dialogues to training files, with a card and a manifest that adds up."""

if __name__ == "corpus":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.corpus, not corpus", name="corpus")
