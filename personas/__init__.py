"""The packaged persona cards: YAML files to read and to copy."""

# The folder was put on sys.path: two copies of every class would follow.
if __name__ == "personas":
    raise ModuleNotFoundError("import colloquia.personas, not personas", name="personas")
