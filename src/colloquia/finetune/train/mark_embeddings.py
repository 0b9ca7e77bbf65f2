"""Embeddings for tokens that a tokenizer has got and its model has never seen.

A new row begins as the mean of the rows of what the mark was written with before, `<`, `think` and
`>`: it means what these meant together, and lies where the model's embeddings lie. The same files
give the same rows, so a training that goes on has those it was begun with.
"""

from typing import Any

from colloquia.finetune.data.thought_marks import lacking_marks, pieces_of


def embed_marks(model: Any, tokenizer: Any, *, own: Any) -> list[int]:
    """Give a model embeddings for the marks of a thought that its own tokenizer lacks.

    Args:
        model: as its folder has it; changed in place, made larger where it has no row to spare.
        tokenizer: the one that it is trained with.
        own: the one that its folder has.

    Returns:
        The ids of the new tokens; none where it knows them.
    """
    import torch

    got = set(lacking_marks(own)) - set(lacking_marks(tokenizer))
    new = {pieces_of(mark, tokenizer)[0]: pieces_of(mark, own) for mark in sorted(got)}
    if not new:
        return []
    needed = max(new) + 1
    if needed > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(needed, mean_resizing=False)
    inputs, outputs = model.get_input_embeddings(), model.get_output_embeddings()
    tied = outputs is None or outputs.weight is inputs.weight
    with torch.no_grad():
        for layer in [inputs] if tied else [inputs, outputs]:
            for token, pieces in new.items():
                layer.weight[token] = layer.weight[pieces].mean(dim=0)
    return sorted(new)


def trained_rows(model: Any, tokens: list[int]) -> dict[str, list[int]] | None:
    """Return what low-rank adapters must train beside themselves: the new tokens' rows alone.

    All others stay frozen. By the names that peft knows layers by; None where nothing is new. Tied
    output embeddings follow their inputs.
    """
    if not tokens:
        return None
    inputs, outputs = model.get_input_embeddings(), model.get_output_embeddings()
    layers = [inputs]
    if outputs is not None and outputs.weight is not inputs.weight:
        layers.append(outputs)
    names = {id(module): name for name, module in model.named_modules()}
    return {names[id(layer)].rpartition(".")[2]: tokens for layer in layers}


def show_bias(model: Any) -> None:
    """Let the wrapper that peft puts around an output layer have its bias, which TRL reads."""
    head = model.get_output_embeddings()
    if head is not None and hasattr(head, "original_module"):
        head.bias = head.original_module.bias
