"""The one gate to torch, transformers, TRL and peft: are they there, and do they keep quiet.

They are imported behind it, inside functions, so that `colloquia --help` costs nothing.
"""

import importlib.util
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from colloquia.core.errors import UserError
from colloquia.models.local.hub import offline
from colloquia.models.local.model_folder import INSTALL

_NEEDED = ("accelerate", "datasets", "peft", "safetensors", "torch", "transformers", "trl")

_QUIET = {
    # Nothing is fetched or told to anyone while they work: a base from the Hub is here by then.
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}


def require_libraries() -> None:
    """Check that the extra `finetune` is installed.

    Raises:
        UserError: something of it is missing; the line has the command that installs it.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"training needs {', '.join(missing)}; install with: {INSTALL}")


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Import the libraries offline and keep their bars, banners and warnings away for a while.

    Whatever they say that a user should know is said by us, in one line.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    with offline(), warnings.catch_warnings():  # which the libraries ask when they are imported
        warnings.simplefilter("ignore")
        import datasets
        import transformers
        import trl  # noqa: F401  # its logger is set up on import

        loggers = [
            logging.getLogger(name) for name in ("transformers", "trl", "accelerate", "peft")
        ]
        before = [logger.level for logger in loggers]
        bars = datasets.are_progress_bars_disabled()
        transformers_bars = transformers.utils.logging.is_progress_bar_enabled()
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        datasets.disable_progress_bars()
        transformers.utils.logging.disable_progress_bar()
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
            if not bars:
                datasets.enable_progress_bars()
            if transformers_bars:
                transformers.utils.logging.enable_progress_bar()
