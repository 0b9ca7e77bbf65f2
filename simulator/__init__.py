"""The agent graph, the pure policy that walks it, and the runner of many dialogues."""

# The folder was put on sys.path: two copies of every class would follow.
if __name__ == "simulator":
    raise ModuleNotFoundError("import colloquia.simulator, not simulator", name="simulator")
