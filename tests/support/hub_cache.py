"""A cache of the Hugging Face Hub with one model in it, laid out as huggingface_hub does."""

import importlib
from pathlib import Path

import pytest
from tiny_model import save_tiny_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "lamp/tiny-keeper"


def make_hub_cache(place: Path, monkeypatch: pytest.MonkeyPatch, *, window: int = 512) -> Path:
    """Write `lamp/tiny-keeper`, branch main and tag v1, and keep the Hub itself out of reach."""
    constants = importlib.import_module("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(place))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = place / f"models--{NAME.replace('/', '--')}"
    made = save_tiny_model(place / "made", window=window)
    snapshot, blobs, refs = (repository / name for name in (f"snapshots/{COMMIT}", "blobs", "refs"))
    for folder in (snapshot, blobs, refs):
        folder.mkdir(parents=True)
    for number, file in enumerate(sorted(made.iterdir())):
        blob = file.rename(blobs / f"{number:040x}")
        (snapshot / file.name).symlink_to(Path("../../blobs") / blob.name)
    for name in ("main", "v1"):
        (refs / name).write_text(COMMIT)
    made.rmdir()
    return snapshot
