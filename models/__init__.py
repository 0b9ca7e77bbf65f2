"""Floor 1: model backends behind one port, and the ledger of calls."""

if __name__ == "models":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.models, not models", name="models")
