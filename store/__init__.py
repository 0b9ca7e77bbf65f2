"""Floor 1: the tables, and a repository that takes and returns core values."""

if __name__ == "store":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.store, not store", name="store")
