"""Floor 1: the offline teacher, which plays every role by rule: no key, no network, no weights."""

if __name__ == "offline":  # the folder was put on sys.path: two copies of every class would follow
    raise ModuleNotFoundError("import colloquia.offline, not offline", name="offline")
