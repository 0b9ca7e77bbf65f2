"""Commands need a sandbox, which not every machine has."""

import pytest

from colloquia.finetune.environments.terminal.sandbox import has_sandbox


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Skip, and say so, where the kernel gives none; CI's has one."""
    if not has_sandbox():
        pytest.skip("no sandbox for commands on this machine")
