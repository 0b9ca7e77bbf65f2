"""Whether a new run was meant to be an old one: a port or a file name that changed begins anew.

A run is found by its recipe's hash, which doesn't say how near two recipes are; the manifests do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Value
from colloquia.corpus.manifest import Origin
from colloquia.models.faults.redactor import redact

FEW = 3  # settings that differ; with more, another recipe is meant


class NearRun(Value):
    """A run that would have gone on, but for a setting or two."""

    run: str
    """Its id."""
    differences: tuple[str, ...]
    """What differs, in words."""

    def __str__(self) -> str:
        """Say what differs, and how the other run goes on."""
        return (
            f"a new run beside {self.run}: {', '.join(self.differences)}; set it back to go on "
            "with that one"
        )


def nearest(new: RunManifest, runs: Iterable[RunManifest]) -> NearRun | None:
    """Return the run that a new one differs from least, the latest of several.

    None where the new one is among them, or none of them is near.
    """
    near: list[NearRun] = []
    for run in runs:
        if run.id == new.id:
            return None
        told = tuple(_differences(Origin.of(new), Origin.of(run)))
        differences = told or ("the graph, an agent or a model's files differ",)
        if len(differences) <= FEW:
            near.append(NearRun(run=run.id, differences=differences))
    return min(reversed(near), key=lambda found: len(found.differences), default=None)


def _differences(new: Origin, old: Origin) -> Iterator[str]:
    settings, earlier = dict(_flat(new.recipe)), dict(_flat(old.recipe))
    changed = defaultdict[tuple[str, str], list[str]](list)
    for name in dict.fromkeys((*settings, *earlier)):
        here, there = _shown(settings.get(name)), _shown(earlier.get(name))
        if here != there:
            changed[here, there].append(name)
    for (here, there), names in changed.items():  # --model changes five settings alike
        more = f" (and {len(names) - 1} more)" if names[1:] else ""
        yield f"{names[0]}{more} is {here}, there {there}"
    for name in _unlike(new.prompts, old.prompts):
        yield f"the template of {name} differs"
    if new.recipe["personas"] == old.recipe["personas"]:
        for name in _unlike(new.personas, old.personas):
            yield f"the card {name} differs"
    if new.code_version != old.code_version:
        yield f"colloquia is {new.code_version}, there {old.code_version}"


def _flat(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings by their path, `models.cheap.api_base`."""
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _shown(value: Any) -> str:
    return redact("not set" if value is None else repr(value))


def _unlike(new: Mapping[str, str], old: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys((*new, *old)) if new.get(name) != old.get(name)]
