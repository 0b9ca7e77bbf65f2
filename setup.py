"""Which folder is which package: rooms lie under src/colloquia, five of them at the top."""

from setuptools import find_packages, setup

# What users read, copy and extend first stands at the top. The links under src/colloquia are for
# editors and type checkers: a checkout without them builds the same.
TOP = {"agents", "personas", "prompts", "simulator", "store"}


def _is_at_top(name: str) -> bool:
    return name.split(".")[0] in TOP


rooms = [name for name in find_packages("src/colloquia") if not _is_at_top(name)]
rooms += filter(_is_at_top, find_packages("."))
setup(
    packages=["colloquia", *(f"colloquia.{name}" for name in sorted(rooms))],
    package_dir={"colloquia": "src/colloquia"} | {f"colloquia.{name}": name for name in TOP},
)
