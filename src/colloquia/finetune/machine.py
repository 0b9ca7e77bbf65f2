"""What the machine offers a training, and how its failures read: one line, and the fix."""

import errno
from dataclasses import asdict, dataclass
from typing import Any

from colloquia.core.errors import ColloquiaError, UserError, WorldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and how the numbers are made; recorded with the model."""

    device: str
    """`cpu` or `cuda`, or `mps` on a Mac."""
    bf16: bool
    """Compute in bfloat16 under 32-bit weights; only on a GPU that has it."""
    optimizer: str
    """AdamW; its fused kernel on a GPU."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)


def find_machine() -> Machine:
    """Look at what torch sees.

    Raises:
        UserError: several GPUs; a training would be spread over them as TRL doesn't allow.
    """
    import torch

    if torch.cuda.is_available():
        if (number := torch.cuda.device_count()) > 1:
            raise UserError(
                f"{number} GPUs are visible and a training takes one; "
                "choose it with CUDA_VISIBLE_DEVICES=0"
            )
        bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
        return Machine(device="cuda", bf16=bf16, optimizer="adamw_torch_fused")
    device = "mps" if torch.backends.mps.is_available() else "cpu"
    return Machine(device=device, bf16=False, optimizer="adamw_torch")


def translated(error: Exception, *, doing: str, smaller: str) -> ColloquiaError | None:
    """Return a failure of the machine in our own words, or None where it is something else.

    Args:
        error: what a library raised.
        doing: what was going on, as `writing student`.
        smaller: which setting needs less memory, as `--batch-size 4`.
    """
    from colloquia.models.local.weights import is_out_of_memory

    if is_out_of_memory(error):
        return WorldError(f"out of memory while {doing}; try {smaller}")
    if _is_full_disk(error):
        return WorldError(f"the disk is full or limited while {doing}; make room")
    return None


def _is_full_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    # torch's and safetensors' writers raise classes of their own.
    signs = (
        *("No space left", "File too large", "quota exceeded", "PytorchStreamWriter failed"),
        "inline_container",  # where it is full before torch's writer has begun
    )
    return any(sign in str(error) for sign in signs)
