"""Models of the Hugging Face Hub, `ORG/NAME@REVISION`: their safetensors, through its cache.

Nothing else of a repository is fetched: no pickles, no Python. huggingface_hub decides where the
cache is and whether the network may be used (`HF_HOME`, `HF_HUB_CACHE`, `HF_HUB_OFFLINE`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from colloquia.core.model_options import HubName, hub_name
from colloquia.models.faults.causes import short
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.model_folder import ModelFolder, check_model_folder

FETCHED = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")
PASSED_OVER = ("*/*", "consolidated*")  # other formats, and the weights a second time


def find_model(name: str, *, base: Path = Path()) -> ModelFolder:
    """Return a model that may be loaded: a folder, a `.gguf` file, or a model of the Hub.

    What is here comes first: `ORG/NAME` is a model of the Hub where there is no such folder.

    Args:
        name: a path, or `ORG/NAME@REVISION`.
        base: where a relative path starts.

    Raises:
        ModelError: it isn't there, or could only be loaded by running what is in it.
    """
    place = base / Path(name).expanduser()
    on_hub = hub_name(name)
    if on_hub is None or place.exists():
        return check_model_folder(place)
    snapshot = fetch_snapshot(on_hub)
    pinned = replace(on_hub, revision=snapshot.name)
    return replace(check_model_folder(snapshot), hub=str(pinned))


def fetch_snapshot(name: HubName) -> Path:
    """Return the folder of a model in the Hub's cache, fetched where it isn't there yet.

    Its own name is the commit that the revision stands for. Where the network may not be used, or
    there is none, what the cache has for that revision is taken.

    Raises:
        ModelError: it isn't there and can't be had; one line with the fix.
    """
    from huggingface_hub import snapshot_download  # a second, and only for such models
    from huggingface_hub import utils as hub

    shown_before = not hub.are_progress_bars_disabled()
    if not sys.stderr.isatty():
        hub.disable_progress_bars()
    try:
        folder = snapshot_download(
            name.repository,
            revision=name.revision,
            allow_patterns=list(FETCHED),
            ignore_patterns=list(PASSED_OVER),
        )
    except Exception as error:  # of the Hub's, of its HTTP client's, of the disk's
        raise ModelError(_what_to_do(name, error)) from error
    finally:
        if shown_before:
            hub.enable_progress_bars()
    return Path(folder)


@contextmanager
def offline() -> Iterator[None]:
    """Keep the Hub from being asked for a while, whatever a model's files name."""
    from huggingface_hub import constants  # a second, and only where a model is loaded

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _what_to_do(name: HubName, error: Exception) -> str:
    from huggingface_hub import errors

    match error:
        case errors.GatedRepoError():
            return f"{name} is gated: ask for access on its page, then run: hf auth login"
        case errors.RevisionNotFoundError():
            return f"{name.repository} has no revision {name.revision!r} on the Hub"
        case errors.RepositoryNotFoundError():
            return (
                f"there is no folder {name.repository} here, and no model of that name on the Hub "
                "that may be read; if it is private, run: hf auth login"
            )
        case errors.LocalEntryNotFoundError() | ConnectionError():
            return _bring_it(name)
    return f"{name} can't be fetched: {short(str(error))}"


def _bring_it(name: HubName) -> str:
    revision = f", revision={name.revision!r}" if name.revision else ""
    return (
        f"{name} is neither a folder nor in the Hub's cache, and the Hub can't be asked; where it "
        f"can, run in Python: huggingface_hub.snapshot_download({name.repository!r}{revision}, "
        f"local_dir={name.short!r}, ignore_patterns=['*.bin', '*.pt', '*.pth', '*.py']); then "
        "bring that folder and name its path"
    )
