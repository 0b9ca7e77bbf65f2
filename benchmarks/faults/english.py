"""Imported by a nursery that is to have read English once, as every command would have to.

It is imported by that name, from beside the nursery's own file; see `Variant.imports`.
"""

import contextlib
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from colloquia.cli import main

_TEXT = "The mill at Aldreth was built in 1851 by Ann Hart. It ground oats until 1903."

with TemporaryDirectory() as _folder, contextlib.redirect_stderr(io.StringIO()) as _told:
    here = Path(_folder)
    here.joinpath("a.jsonl").write_text(json.dumps({"text": _TEXT}), "utf-8")
    here.joinpath("recipe.yaml").write_text(f"snippets: {here}/a.jsonl\n", "utf-8")
    with contextlib.redirect_stdout(_told):
        _code = main(["run", f"{here}/recipe.yaml", "--store", f"{here}/a.db", "--quiet"])
    assert _code == 0, _told.getvalue()
