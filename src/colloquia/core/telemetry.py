"""Nobody is told what a user does: what other libraries would report by themselves is off.

Each variable is read by its library when that is imported, so this comes before any such import. A
value that the user has set stays.
"""

import os

OFF = {
    "DO_NOT_TRACK": "1",  # the common convention; huggingface_hub follows it too
    "HF_HUB_DISABLE_TELEMETRY": "1",  # TRL reports every trainer that is made
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else importing litellm fetches a price table
    "WANDB_MODE": "disabled",  # transformers reports to it wherever it is installed
}


def switch_off() -> None:
    """Switch off reports and downloads that nobody asked for, in this process and its children."""
    for name, value in OFF.items():
        os.environ.setdefault(name, value)
