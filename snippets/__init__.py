"""Floor 1: snippets from files and folders of them, streamed."""

if __name__ == "snippets":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.snippets, not snippets", name="snippets")
