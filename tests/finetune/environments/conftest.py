"""Commands need a sandbox, which not every machine has."""

import pytest

from colloquia.core.errors import UserError
from colloquia.finetune.environments.terminal.sandbox import require_sandbox


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Skip, and say so, where the kernel gives none; CI's has one."""
    try:
        require_sandbox()
    except UserError as error:
        pytest.skip(str(error))
