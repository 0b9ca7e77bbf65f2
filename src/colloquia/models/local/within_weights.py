"""No model is built larger than its weights, whatever its configuration says.

transformers builds a model without memory first, and takes the memory when all of it is there; so
whatever is too much shows in between.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch.nn.modules import module as registration

from colloquia.models.faults.errors import ModelError
from colloquia.models.local.safetensors_header import WeightsSize

_PARTS_PER_TENSOR, _LEAST_PARTS = 4, 2000
_LEAST_NUMBERS = 2**22
_BUFFERS_PER_WEIGHT, _LEAST_BUFFERS = 4, 2**28  # bytes; a mask for each layer, or tables of angles


@contextmanager
def within_weights(held: WeightsSize, *, name: str) -> Iterator[None]:
    """Refuse to build more modules, weights or buffers than these weights account for.

    Args:
        held: how much the files hold.
        name: the model's, for the message.

    Raises:
        ModelError: one line.
    """
    parts = _Limit(_PARTS_PER_TENSOR * held.tensors + _LEAST_PARTS, "modules", name)
    # Twice: what is tied stands there by itself first.
    numbers = _Limit(2 * held.numbers + _LEAST_NUMBERS, "weights", name)
    buffers = _Limit(_BUFFERS_PER_WEIGHT * held.numbers + _LEAST_BUFFERS, "bytes of tables", name)

    # What is loaded takes the place of what was built, which then is gone.
    def on_parameter(module: Any, key: str, made: Any) -> None:
        numbers.add(_numbers(made) - _numbers(module._parameters.get(key)))

    def on_buffer(module: Any, key: str, made: Any) -> None:
        buffers.add(_bytes(made) - _bytes(module._buffers.get(key)))

    with ExitStack() as hooks:
        for handle in (
            registration.register_module_module_registration_hook(lambda *_: parts.add(1)),
            registration.register_module_parameter_registration_hook(on_parameter),
            registration.register_module_buffer_registration_hook(on_buffer),
        ):
            hooks.callback(handle.remove)
        yield


def _numbers(tensor: Any) -> int:
    return 0 if tensor is None else int(tensor.numel())


def _bytes(tensor: Any) -> int:
    return 0 if tensor is None else int(tensor.numel() * tensor.element_size())


class _Limit:
    """Counts what is built."""

    def __init__(self, most: int, what: str, name: str) -> None:
        self._left, self._most, self._what, self._name = most, most, what, name

    def add(self, count: int) -> None:
        """Count some more, or fewer.

        Raises:
            ModelError: that is too many.
        """
        self._left -= count
        if self._left < 0:
            raise ModelError(
                f"{self._name}: its config.json asks for the memory of more than {self._most:,} "
                f"{self._what}, which its weights don't have; copy both again"
            )
