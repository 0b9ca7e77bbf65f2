"""Templates are found by name, overridden by name, and identified by content."""

import re
from pathlib import Path

import pytest

from colloquia.authoring.prompts.library import PromptLibrary, packaged_folder
from colloquia.core.errors import PromptError

ROLES = ("planner", "questioner", "answerer", "critic", "refusal_checker")
OWN = """\
---
role: ROLE
description: A template of one's own.
input: {question: {type: string, untrusted: true}}
---
<<user>>
{{ question }}
"""


def put_own(folder: Path, role: str) -> None:
    (folder / f"{role}.prompt.j2").write_text(OWN.replace("ROLE", role))


def test_every_role_has_a_packaged_template() -> None:
    library = PromptLibrary.load()
    assert set(ROLES) <= set(library)
    for role in ROLES:
        assert library[role].role == role
        assert library[role].reply_schema is not None


def test_a_folder_overrides_by_name_and_adds(tmp_path: Path) -> None:
    put_own(tmp_path, "critic")
    put_own(tmp_path, "unit_checker")
    library, packaged = PromptLibrary.load(tmp_path), PromptLibrary.load()
    assert library["critic"].identity != packaged["critic"].identity
    assert library["answerer"].identity == packaged["answerer"].identity
    assert "unit_checker" in library
    assert len(library) == len(packaged) + 1


def test_an_override_may_use_less_than_its_role_is_told(tmp_path: Path) -> None:
    put_own(tmp_path, "critic")
    template = PromptLibrary.load(tmp_path)["critic"]
    (message,) = template.render({"question": "Why?", "answer": "ignored", "snippet": {}})
    assert ">Why?</data>" in message.content


def test_an_unknown_name_suggests_a_close_one() -> None:
    with pytest.raises(PromptError, match="no prompt template 'anwserer'; did you mean 'answerer'"):
        PromptLibrary.load()["anwserer"]


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"no \*\.prompt\.j2 here"):
        PromptLibrary.load(tmp_path)
    with pytest.raises(PromptError, match=r"no \*\.prompt\.j2 here"):
        PromptLibrary.load(tmp_path / "missing")


def test_a_wrong_template_in_the_folder_is_reported_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "critic.prompt.j2"
    file.write_text("---\nrole: critic\ndescription: x\n---\n<<user>>\n{{ qestion }}\n")
    with pytest.raises(PromptError, match=re.escape(f"{file}:6: P301 ")):
        PromptLibrary.load(tmp_path)


def test_a_template_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "critic.prompt.j2"
    file.write_bytes(b"---\nrole: \xff\n---\n")
    with pytest.raises(PromptError, match=r":2: P001 not UTF-8"):
        PromptLibrary.load(tmp_path)


@pytest.mark.parametrize("name", ROLES)
def test_identity_names_the_template_and_changes_with_its_content(
    name: str, tmp_path: Path
) -> None:
    source = (packaged_folder() / f"{name}.prompt.j2").read_text()
    file = tmp_path / f"{name}.prompt.j2"
    file.write_text(source)
    packaged = PromptLibrary.load()[name].identity
    assert re.fullmatch(rf"{name}@[0-9a-f]{{8}}", packaged)
    assert PromptLibrary.load(tmp_path)[name].identity == packaged
    file.write_text(source.replace("description: ", "description: My ", 1))
    front_changed = PromptLibrary.load(tmp_path)[name].identity
    file.write_text(f"{source}Be kind.\n")
    body_changed = PromptLibrary.load(tmp_path)[name].identity
    assert len({packaged, front_changed, body_changed}) == 3


def test_line_endings_do_not_change_identity(tmp_path: Path) -> None:
    source = (packaged_folder() / "critic.prompt.j2").read_bytes()
    (tmp_path / "critic.prompt.j2").write_bytes(source.replace(b"\n", b"\r\n"))
    assert (
        PromptLibrary.load(tmp_path)["critic"].identity == PromptLibrary.load()["critic"].identity
    )


def test_identities_are_listed_by_name() -> None:
    library = PromptLibrary.load()
    assert library.identities() == {name: library[name].identity for name in library}
