"""Floor 0: what can be read off English text without a model: sentences, tags, facts, quotes."""

if __name__ == "language":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.language, not language", name="language")
