"""Blocks are split on the source: what a line says decides, wherever values come to stand."""

from hypothesis import given
from hypothesis import strategies as st

from colloquia.authoring.prompts.blocks import split

FRONT = "---\nrole: mine\n---\n"
LINES = st.lists(
    st.sampled_from(
        ["<<system>>", "<<user>>", "<<assistant>>", "<<nope>>", "text", "", " <<user>>"]
    )
)


def kinds(source: str) -> list[str]:
    return [block.kind for block in split(source, file="f").blocks]


def codes(source: str) -> list[str]:
    return [problem.code for problem in split(source, file="f").problems]


def test_a_block_runs_to_the_next_marker() -> None:
    parts = split(FRONT + "<<system>>\na\n\n<<user>>\nb", file="f")
    assert [(block.kind, block.line, block.source) for block in parts.blocks] == [
        ("system", 5, "a\n"),
        ("user", 8, "b"),
    ]
    assert parts.front_matter == "role: mine"
    assert parts.problems == ()


def test_a_marker_inside_a_line_is_text() -> None:
    assert kinds(FRONT + "<<user>>\nwrite <<system>> here\n <<system>>") == ["user"]


def test_a_template_needs_front_matter() -> None:
    assert codes("<<user>>\nhi") == ["P002"]
    assert codes("---\nrole: mine\n<<user>>\nhi") == ["P002"]
    assert codes("") == ["P002"]


def test_text_before_the_first_block_is_a_mistake() -> None:
    assert codes(FRONT + "hello\n<<user>>\nhi") == ["P101"]


def test_an_unknown_marker_is_a_mistake() -> None:
    assert codes(FRONT + "<<user>>\nhi\n<<usr>>\nho") == ["P102"]


def test_a_chat_starts_with_its_only_system_block_and_ends_with_the_user() -> None:
    assert codes(FRONT + "<<user>>\na\n<<system>>\nb\n<<user>>\nc") == ["P103"]
    assert codes(FRONT + "<<user>>\na\n<<assistant>>\nb") == ["P103"]
    assert codes(FRONT + "<<system>>\na") == ["P103"]
    assert codes(FRONT) == ["P103"]


def test_history_holds_no_text_and_comes_once() -> None:
    assert codes(FRONT + "<<history>>\ntext\n<<user>>\na") == ["P103"]
    assert codes(FRONT + "<<history>>\n<<history>>\n<<user>>\na") == ["P103"]


@given(lines=LINES)
def test_every_marker_line_makes_a_block_and_every_other_line_stays_text(lines: list[str]) -> None:
    parts = split(FRONT + "\n".join(["<<user>>", *lines]), file="f")
    rebuilt: list[str] = []
    for block in parts.blocks:
        rebuilt += [f"<<{block.kind}>>", *(block.source.split("\n") if block.source else [])]
    known = [line for line in ["<<user>>", *lines] if line and line != "<<nope>>"]
    if "<<nope>>" not in lines:
        assert [line for line in rebuilt if line] == known
    assert (len(parts.problems) > 0) >= ("<<nope>>" in lines)


@given(lines=LINES)
def test_each_block_is_found_again_on_its_line(lines: list[str]) -> None:
    source = FRONT + "\n".join(lines)
    for block in split(source, file="f").blocks:
        assert source.split("\n")[block.line - 2] == f"<<{block.kind}>>"
        assert source.split("\n", block.line - 1)[-1].startswith(block.source) or not block.source


def test_a_template_has_a_bounded_number_of_blocks() -> None:
    assert codes(FRONT + "<<user>>\nx\n" * 64) == []
    assert codes(FRONT + "<<user>>\nx\n" * 65) == ["P103"]
