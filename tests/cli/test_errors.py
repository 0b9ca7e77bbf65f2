"""Every error is one line that says what to do, with the exit code that goes with it."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from command import Command

from colloquia.agents.evidence import EvidenceCheck
from colloquia.cli.view.errors import explain_error, report_error
from colloquia.core import errors
from colloquia.models.faults.redactor import Redactor


def _tree(kind: type[errors.ColloquiaError]) -> list[type[errors.ColloquiaError]]:
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in _tree(child))]


@pytest.mark.parametrize("kind", _tree(errors.ColloquiaError))
def test_an_error_of_ours_ends_with_its_own_exit_code_and_words(
    kind: type[errors.ColloquiaError],
) -> None:
    explained = explain_error(kind("recipe.yaml:3: seed: too small"))
    assert (explained.exit_code, explained.message) == (
        kind.exit_code,
        "recipe.yaml:3: seed: too small",
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UserError("x"), 2),
        (errors.StoreError("x"), 4),
        (errors.WrongStore("x"), 2),
        (errors.RunOwned("x"), 75),
        (typer.BadParameter("x"), 2),
        (KeyboardInterrupt(), 130),
        (PermissionError(13, "Permission denied", "a.db"), 4),
        (OSError(errno.ENAMETOOLONG, "File name too long", "a" * 9999), 2),
        (ZeroDivisionError("x"), 1),
        (SystemExit(0), 2),
    ],
)
def test_exit_codes_are_those_of_the_documentation(error: BaseException, code: int) -> None:
    assert explain_error(error).exit_code == code


def test_an_error_is_one_safe_line_even_if_its_text_is_not() -> None:
    explained = explain_error(errors.UserError("first\nsecond \x1b[31mred\x1b[0m"))
    assert explained.message == r"first second \x1b[31mred\x1b[0m"


def test_what_is_wrong_with_a_name_without_end_is_still_said() -> None:
    explained = explain_error(OSError(errno.ENAMETOOLONG, "File name too long", "a" * 9999))
    assert explained.message == "a" * 59 + "…: the name is too long; choose another"
    assert explained.exit_code == 2


def test_an_option_without_end_is_cut_and_still_says_where_it_is_explained() -> None:
    message = explain_error(typer.BadParameter("a" * 9999)).message
    assert len(message) < 2100
    assert message.endswith("…; see colloquia --help")


def test_an_unexpected_error_says_how_to_see_where_it_comes_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report_error(KeyError("seed"), ["status"]) == 1
    assert capsys.readouterr().err == (
        "error: unexpected KeyError: 'seed'; add -v -v to see where it comes from\n"
    )


@pytest.mark.parametrize("options", [["-v", "-v"], ["-vv"], ["--verbose", "-v"], ["-qvv"]])
def test_two_v_show_the_traceback(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    report_error(_raised(), ["status", *options])
    assert "Traceback" in capsys.readouterr().err


def test_a_variable_shows_the_traceback_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLLOQUIA_DEBUG", "1")
    report_error(_raised(), ["status"])
    assert "Traceback" in capsys.readouterr().err


def test_one_v_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(_raised(), ["status", "-v", "--verbatim"])
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["status", "--nonsense"],
        ["run"],
        ["ls", "--min-score", "2"],
        ["show", "a", "b"],
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(
    colloquia: Command, arguments: list[str]
) -> None:
    result = colloquia(*arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("error: ") and result.err.endswith(" --help\n")
    as_json = colloquia(*arguments, "--json")
    assert as_json.err == ""
    assert as_json.document == {"error": result.err[7:-1], "exit_code": 2}


def test_a_program_that_somebody_elses_code_ends_has_not_done_its_work(
    colloquia: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colloquia.cli.application.Signals", lambda: sys.exit(0))
    result = colloquia("--version")
    told = "error: code of a plug-in or library ended the program (SystemExit: 0); it may raise"
    assert (result.code, result.out, result.err) == (2, "", f"{told} an error instead\n")


def test_a_mistyped_command_gets_a_suggestion(colloquia: Command) -> None:
    assert "'status'" in colloquia("statsu").err


def test_a_reader_that_leaves_early_is_no_error(finished_store: Path) -> None:
    ls, show = (
        f"{sys.executable} -m colloquia {c} --store {finished_store}" for c in ("ls", "show")
    )
    piped = subprocess.run(
        ["bash", "-c", f"set -eo pipefail; {ls} | head -n 1; {ls} | true; {show} | true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.returncode, piped.stderr) == (0, "")
    assert piped.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("status > /dev/full", 4, "error: No space left on device\n"),
        ("status --json > /dev/full", 4, "error: No space left on device\n"),
        ("status > /dev/full 2> /dev/full", 4, ""),
        ("status --json >&-", 0, ""),
        ("show none >&- 2>&-", 2, ""),
    ],
)
def test_output_that_nothing_takes_ends_in_a_line_at_most(
    finished_store: Path, command: str, code: int, said: str
) -> None:
    line = f"{sys.executable} -m colloquia {command}".replace(
        " >", f" --store {finished_store} >", 1
    )
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", said)


@pytest.mark.parametrize("columns", ["9" * 18, "9" * 5_000, "-5", "x"])
@pytest.mark.parametrize("command", [["show"], ["show", "--help"]])
def test_a_terminal_of_no_width_that_screens_have_gets_the_default(
    colloquia: Command,
    finished_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    command: list[str],
) -> None:
    for name in ("COLUMNS", "LINES", "TERMINAL_WIDTH"):
        monkeypatch.setenv(name, columns)
    assert colloquia(*command, "--store", finished_store).code == 0


@pytest.mark.parametrize(
    "command",
    [
        ["ls", "--limit", "9" * 30, "--store", "STORE"],
        ["render", "answerer", "--snippet", "a.txt:" + "9" * 30],
        ["lint", "a" * 5_000],
        ["render", "answerer", "--set", "snippet.title=" + "[" * 100_000],
    ],
)
def test_numbers_and_names_beyond_all_measure_are_told_or_taken(
    colloquia: Command, finished_store: Path, workplace: Path, command: list[str]
) -> None:
    (workplace / "a.txt").write_text("The lamp of the Harrow lighthouse was lit in 1851.")
    done = colloquia(*(str(finished_store) if word == "STORE" else word for word in command))
    assert done.code in (0, 2), done.err
    assert len(done.err) < 400


def _raised() -> Exception:
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        return error


def test_a_key_in_an_error_is_not_shown_even_where_the_line_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-canary-0123456789"
    monkeypatch.setattr("colloquia.cli.view.errors.redact", redact := Redactor())
    redact.learn(key)
    padding = "x" * 280
    try:
        raise RuntimeError(f"{padding} {key}")
    except RuntimeError as error:
        report_error(error, ["run", "-vv"])
        report_error(error, ["run", "--json"])
    shown = "".join(capsys.readouterr())
    assert "[key]" in shown and "Traceback" in shown
    assert key[:8] not in shown


def test_a_key_in_a_library_s_log_is_not_shown(tmp_path: Path) -> None:
    code = """
import logging
from colloquia.cli import main
from colloquia.models.faults.redactor import redact
redact.learn("sk-canary-0123456789")
main(["ls"])
try:
    raise OSError("sk-canary-0123456789")
except OSError:
    logging.getLogger("some.library").exception("it was %s", "sk-canary-0123456789")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "error: it was [key]" in done.stderr and "OSError: [key]" in done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_what_an_agent_raised_is_shown_with_its_traceback(
    project: Path, colloquia: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(*_: object) -> None:
        raise LookupError("no such unit")

    monkeypatch.setattr(EvidenceCheck, "judge", judge)
    result = colloquia("run", "recipe.yaml", "--quiet", "--concurrency", 1)
    assert result.code == 2
    *trace, last = result.err.splitlines()
    assert trace[0] == "Traceback (most recent call last):"
    assert trace[-1] == "LookupError: no such unit"
    assert any("in judge" in line for line in trace)
    assert last.startswith("error: 3 dialogues failed alike and none came through: LookupError")
    assert "planned 24 = accepted 0 + pending 24" in colloquia("status").out


def test_a_template_that_fails_needs_no_traceback(project: Path, colloquia: Command) -> None:
    prompt = project / "prompts" / "answerer.prompt.j2"
    prompt.write_text(prompt.read_text().replace("{{ snippet.text }}", "{{ snippet.text / 2 }}"))
    recipe = project / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "prompts: prompts\n")
    result = colloquia("run", "recipe.yaml", "--quiet")
    (line,) = result.err.splitlines()
    assert result.code == 2
    assert "prompts/answerer.prompt.j2:" in line and "unsupported operand" in line
