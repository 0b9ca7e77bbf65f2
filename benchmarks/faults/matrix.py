"""The same fault at every provider: the matrix of `tests/models/test_fault_matrix.py`, counted."""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.faults.finding import Finding

ROOT = Path(__file__).parents[2]
MATRIX = "tests/models/test_fault_matrix.py"


def matrix(*, routes: str) -> list[Finding]:
    """Run the matrix.

    Args:
        routes: which tests, as pytest's `-k` takes it; empty for all.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", MATRIX, "-k", routes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = done.stdout.splitlines()[-1] if done.stdout else done.stderr
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (\w+)", told)}
    passed, failed = counts.get("passed", 0), counts.get("failed", 0)
    skipped = counts.get("skipped", 0)
    return [
        Finding(
            promise="the same fault has the same cause and costs the same requests everywhere",
            fault="14 faults at 4 providers: by our client, by litellm's, with our retries",
            n=passed + failed,
            unit="cases",
            broken=failed,
            figures=f"{skipped} left out: litellm's own reader can't tell them apart at Ollama",
            met=done.returncode == 0,
        )
    ]
