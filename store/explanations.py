"""What SQLite's short complaints mean here, and what to do about them."""

NO_DATABASE = "not a database"
"""What SQLite says of a file of another kind."""


def explained(where: str, problem: str) -> str:
    """Return the line that a user of the store at `where` is shown for a driver's complaint."""
    for sign, explanation in _EXPLANATIONS:
        if sign in problem:
            return explanation.format(where=where)
    return f"{where}: {' '.join(problem.split())}"


#: What SQLite says -> what it means here and what to do.
_EXPLANATIONS = (
    (
        "disk is full",
        "the disk is full: {where} takes no more; what was done is safe, free some space and run "
        "the same command again",
    ),
    (
        "disk I/O error",
        "{where} can't be read or written to the end: the disk fails or takes no larger file; what "
        "was done is safe, mend that and run the same command again",
    ),
    ("readonly database", "{where} is read-only; change its permissions or copy it"),
    ("unable to open", "{where} can't be opened; see that its folder exists and is writable"),
    (
        "database is locked",
        "{where} was kept locked by another program for more than 30 s; close it and run again",
    ),
    ("too big", "{where} is damaged: a row has more than any reply; put a backup in its place"),
    ("malformed", "{where} is damaged; put a backup in its place"),
    (NO_DATABASE, "{where} is no SQLite file; name another file with `store=`"),
    (
        "FOREIGN KEY",
        "{where} doesn't know the run, dialogue, snippet, persona or plan that a row belongs to; "
        "begin_run and add_dialogues come first",
    ),
)
