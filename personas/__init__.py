"""Floor 1: the packaged persona cards, and their loader, sampler and linter."""

if __name__ == "personas":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.personas, not personas", name="personas")
