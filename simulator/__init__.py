"""Floor 3: the agent graph, the pure policy that walks it, and the runner of many dialogues."""

if (
    __name__ == "simulator"
):  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.simulator, not simulator", name="simulator")
