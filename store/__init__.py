"""The tables, and a repository that takes and returns core values."""

# The folder was put on sys.path: two copies of every class would follow.
if __name__ == "store":
    raise ModuleNotFoundError("import colloquia.store, not store", name="store")
