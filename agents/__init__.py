"""The five roles, reviewers of your own, guests, and the evidence check."""

# The folder was put on sys.path: two copies of every class would follow.
if __name__ == "agents":
    raise ModuleNotFoundError("import colloquia.agents, not agents", name="agents")
