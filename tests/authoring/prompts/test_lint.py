"""The linter finds everything wrong at once, and the packaged templates have nothing wrong."""

from pathlib import Path

import pytest

from colloquia.authoring.prompts.library import packaged_folder
from colloquia.authoring.prompts.lint import lint_prompt, lint_prompt_file

GOOD = """\
---
role: mine
description: Asks back.
input:
  question: {type: string, untrusted: true}
output: QuestionerReply
tests:
  - given: {question: Why?}
    expect: {roles: [system, user], contains: [Why?], lacks: [How]}
---
<<system>>
Be brief.
<<user>>
{{ question }}
"""


def found(source: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in lint_prompt(source, "mine.prompt.j2")]


def test_a_good_template_has_no_problems() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    "path", sorted(packaged_folder().glob("*.prompt.j2")), ids=lambda p: p.name
)
def test_a_packaged_template_lints_clean_and_tests_itself(path: Path) -> None:
    assert lint_prompt_file(path) == []
    assert "\ntests:\n" in path.read_text()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("role: mine\n", "", (2, "P003")),
        ("role: mine", "role: My Role", (2, "P003")),
        ("role: mine", "role: [mine", (3, "P002")),
        ("role: mine", "role: &a mine", (2, "P002")),
        ("description", "desription", (3, "P004")),
        ("untrusted", "untrustd", (5, "P004")),
        ("lacks", "without", (9, "P004")),
        ("type: string", "type: text", (5, "P003")),
        ("Asks back.", "no", (3, "P005")),
        ("QuestionerReply", "QuestionReply", (6, "P304")),
        ("<<system>>", "<<sytem>>", (11, "P102")),
        ("<<system>>", "Hello.\n<<system>>", (11, "P101")),
        ("<<user>>\n{{ question }}", "{{ question }}", (1, "P103")),
        ("<<system>>\n", "<<history>>\n<<system>>\n", (11, "P103")),
        ("{{ question }}", "{{ question }", (14, "P201")),
        ("{{ question }}", "{{ question.upper() }}", (14, "P202")),
        ("{{ question }}", "{{ question|map('x') }}", (14, "P203")),
        ("{{ question }}", "{{ question.__class__ }}", (14, "P204")),
        ("{{ question }}", "{{ question }} {{ answer }}", (14, "P301")),
        ("{{ question }}", "Go on.", (5, "P302")),
        ("{{ question }}", "{{ question }} How?", (8, "P401")),
        ("given: {question: Why?}", "given: {}", (8, "P401")),
        ("roles: [system, user]", "roles: [user]", (8, "P401")),
        ("contains: [Why?]", "contains: [Where?]", (8, "P401")),
        ("    expect: {", "    expects: {}\n    expect: {", (9, "P004")),
        ("<<user>>", "<<history>>\n<<user>>", (13, "P103")),
    ],
)
def test_one_change_is_found_where_it_is(
    before: str, after: str, expected: tuple[int, str]
) -> None:
    assert before in GOOD
    assert expected in found(GOOD.replace(before, after, 1))


def test_front_matter_is_a_mapping() -> None:
    assert found("---\n- a list\n---\n<<user>>\nhi") == [(2, "P002")]


def test_a_questioners_history_needs_a_user_before_it() -> None:
    source = (
        "---\nrole: questioner\ndescription: x\n"
        "input: {transcript: {type: list, untrusted: true}}\n---\n<<history>>\n<<user>>\nAsk.\n"
    )
    assert found(source) == [(6, "P103")]
    assert found(source.replace("<<history>>", "<<user>>\nBegin.\n<<history>>")) == []
    assert found(source.replace("questioner", "answerer")) == []


def test_all_problems_are_told_at_once() -> None:
    source = GOOD.replace("Be brief.", "{{ a }} {{ b|map }}").replace("{{ question }}", "{{ c() }}")
    assert [code for _, code in found(source)] == ["P301", "P203", "P301", "P202", "P301"]


def test_a_typo_is_answered_with_a_suggestion() -> None:
    problems = lint_prompt(GOOD.replace("{{ question }}", "{{ qestion }}"), "mine.prompt.j2")
    assert [str(problem) for problem in problems] == [
        "mine.prompt.j2:14: P301 'qestion' is used but not declared; did you mean 'question'?"
    ]


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    (problem,) = lint_prompt_file(tmp_path / "none.prompt.j2")
    assert problem.code == "P001"


def test_an_overlong_source_is_refused() -> None:
    assert found(GOOD + "x" * 60_000) == [(1, "P001")]


def test_all_tests_of_a_template_share_one_budget() -> None:
    given = f"{{question: {'y' * 1500}, steps: {list(range(60))}}}"
    loops = (
        "{% for a in steps %}{% for b in steps %}{% if question|title == a %}{% endif %}"
        "{% endfor %}{% endfor %}"
    )

    def problems(number: int) -> list[str]:
        tests = f"  - given: {given}\n    expect: {{lacks: [How]}}\n" * number
        source = (
            "---\nrole: mine\ndescription: Asks back.\ninput:\n  question: {type: string}\n"
            f"  steps: {{type: list}}\noutput: QuestionerReply\ntests:\n{tests}---\n"
            f"<<user>>\n{loops}{{{{ question }}}}\n"
        )
        found = lint_prompt(source, "mine.prompt.j2")
        return [problem.message for problem in found if problem.code == "P401"]

    assert problems(1) == []
    assert any("more work than" in message for message in problems(20))
