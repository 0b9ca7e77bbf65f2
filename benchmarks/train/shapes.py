"""What a training costs by arithmetic: weights, operations per token, bytes on the card."""

from dataclasses import dataclass

LORA_RANK = 16  # the runner's default, on all linear layers
BYTES_TRAINED = 16  # per weight in 32 bits: itself, its gradient and Adam's two moments
BYTES_FROZEN = 2  # bfloat16
ROOM = 0.9  # of the card; the rest is torch's own and fragmentation


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A Llama by its numbers; the defaults are those of the runner's model from nothing."""

    name: str
    hidden: int
    layers: int
    heads: int
    key_value_heads: int
    intermediate: int
    vocabulary: int
    tied: bool = True

    @property
    def linear(self) -> tuple[tuple[int, int], ...]:
        """In and out of the linear layers of one block."""
        narrow = self.hidden // self.heads * self.key_value_heads
        return (
            (self.hidden, self.hidden),
            (self.hidden, narrow),
            (self.hidden, narrow),
            (self.hidden, self.hidden),
            (self.hidden, self.intermediate),
            (self.hidden, self.intermediate),
            (self.intermediate, self.hidden),
        )

    @property
    def multiplied(self) -> int:
        """Weights that each token is multiplied with: the blocks and the head, no look-up."""
        block = sum(one * other for one, other in self.linear)
        return self.layers * block + self.hidden * self.vocabulary

    @property
    def weights(self) -> int:
        """All of them, norms included."""
        embedding = 0 if self.tied else self.hidden * self.vocabulary
        return self.multiplied + embedding + self.hidden * (2 * self.layers + 1)

    @property
    def adapters(self) -> int:
        """Weights of LoRA on all linear layers of the blocks."""
        return self.layers * LORA_RANK * sum(one + other for one, other in self.linear)


TINY = Shape(
    name="tiny",
    hidden=128,
    layers=2,
    heads=4,
    key_value_heads=4,
    intermediate=384,
    vocabulary=2048,
)
SMALL = Shape(
    name="26M",
    hidden=512,
    layers=8,
    heads=8,
    key_value_heads=8,
    intermediate=1376,
    vocabulary=2048,
)
#: Of Llama 3.2 1B and 3B, and of Phi-4 (arXiv 2412.08905, and its published configuration).
ON_GPU = (
    Shape(
        name="1.2B",
        hidden=2048,
        layers=16,
        heads=32,
        key_value_heads=8,
        intermediate=8192,
        vocabulary=128256,
    ),
    Shape(
        name="3.2B",
        hidden=3072,
        layers=28,
        heads=24,
        key_value_heads=8,
        intermediate=8192,
        vocabulary=128256,
    ),
    Shape(
        name="14.7B",
        hidden=5120,
        layers=40,
        heads=40,
        key_value_heads=10,
        intermediate=17920,
        vocabulary=100352,
        tied=False,
    ),
)
SHAPES = {shape.name: shape for shape in (TINY, SMALL, *ON_GPU)}


def operations_per_token(shape: Shape, *, lora: bool) -> int:
    """Return the floating-point operations that training on one token needs.

    2 per weight forwards, 2 for the gradient of what went in, 2 for the weight's own: 6 N in all.
    Frozen weights have no gradient of their own: 4 N, and 6 per weight of the adapters. Attention's
    scores and what is computed twice to save memory aren't counted.
    """
    if lora:
        return 4 * shape.multiplied + 6 * shape.adapters
    return 6 * shape.multiplied


def bytes_needed(shape: Shape, *, lora: bool, tokens: int) -> int:
    """Return roughly what a step on so many tokens takes of the card's memory.

    Weights and optimizer; what each block was given, in 32 bits, and one block's insides, since
    gradients are recomputed; the logits three times.
    """
    kept = (
        BYTES_FROZEN * shape.weights + BYTES_TRAINED * shape.adapters
        if lora
        else BYTES_TRAINED * shape.weights
    )
    inside = 4 * (6 * shape.hidden + 4 * shape.intermediate)
    return kept + tokens * (4 * shape.layers * shape.hidden + inside + 12 * shape.vocabulary)


def fits(shape: Shape, *, lora: bool, tokens: int, card_bytes: int) -> bool:
    """Return whether a case is worth trying on a card."""
    return bytes_needed(shape, lora=lora, tokens=tokens) <= ROOM * card_bytes
