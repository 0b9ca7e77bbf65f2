"""The packaged prompt templates: files to read and to copy."""

# The folder was put on sys.path: two copies of every class would follow.
if __name__ == "prompts":
    raise ModuleNotFoundError("import colloquia.prompts, not prompts", name="prompts")
