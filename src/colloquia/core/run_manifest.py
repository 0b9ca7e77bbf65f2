"""What fixed a run, as the store keeps it."""

from pydantic import Field

from colloquia.core.recipe import Recipe
from colloquia.core.types import Named, Value


class RunManifest(Value):
    """What fixed a run: its recipe with every default written out, and the hashes of its parts."""

    id: str
    recipe_hash: str
    ordinal: int = Field(default=1, ge=1)
    """1 for the first run of this recipe in a store, then one more for each `--fresh`."""
    name: Named
    recipe: Recipe
    """With every default; it knows no folder, so its paths are as written."""
    seed: int
    code_version: str
    prompts: dict[str, str] = Field(default_factory=dict)
    """Role -> template identity."""
    personas: dict[str, str] = Field(default_factory=dict)
    """Name -> persona id."""
    created_at: str | None = None
    """ISO 8601, UTC; never part of an export."""
