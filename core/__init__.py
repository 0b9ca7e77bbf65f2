"""Floor 0: the values everything else is made of, with the errors, ports and hashes they need."""

if __name__ == "core":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.core, not core", name="core")
