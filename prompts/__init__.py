"""Floor 1: the packaged prompt templates, and their loader, renderer and linter."""

if __name__ == "prompts":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.prompts, not prompts", name="prompts")
