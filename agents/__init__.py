"""Floor 2: the five roles as AutoGen agents, and the evidence check, which needs no model."""

if __name__ == "agents":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.agents, not agents", name="agents")
