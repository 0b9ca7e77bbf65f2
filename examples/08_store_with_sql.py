"""Reading the store with plain SQL: it is an ordinary SQLite file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia

REFUSALS = """
    select t.text, s.title
    from turns t
    join dialogues d on d.run_id = t.run_id and d.id = t.dialogue_id
    join snippets s on s.id = d.snippet_id
    where t.declined = 1
    order by s.title
"""
TURNED_DOWN = """
    select r.reviewer, r.rationale, t.text
    from reviews r
    join turns t on t.run_id = r.run_id and t.id = r.subject_id
    where r.verdict <> 'accept'
    order by r.reviewer, t.id
"""

with TemporaryDirectory() as folder:
    recipe = colloquia.load(Path(__file__).parent / "recipes" / "quickstart.yaml")
    colloquia.run(recipe, store=f"{folder}/store.db")
    with closing(sqlite3.connect(f"{folder}/store.db")) as database:
        print("Where the answerer declined:")
        for text, title in database.execute(REFUSALS):
            print(f"  [{title}] {text}")
        print("What reviewers turned down:")
        for reviewer, rationale, text in database.execute(TURNED_DOWN):
            print(f"  {reviewer}: {rationale}\n    {text}")
