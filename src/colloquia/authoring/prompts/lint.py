"""Everything wrong with a template at once, and what its own tests say."""

from collections.abc import Iterator
from pathlib import Path

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.contract import ROLE_INPUTS, contract_of, output_fault
from colloquia.authoring.prompts.library import template_name
from colloquia.authoring.prompts.reading import TemplateReading, read_template
from colloquia.authoring.prompts.sandbox import MAX_WORK
from colloquia.core.errors import PromptError
from colloquia.core.strict_yaml import StrictYamlError, meaning_elsewhere, read_text
from colloquia.core.types import Verdict
from colloquia.core.wording import did_you_mean


def lint_prompt(source: str, name: str) -> list[Problem]:
    """Return the problems of a template's source, by line; `name` is what they call its file."""
    reading = read_template(source, name=template_name(Path(name)), file=name)
    problems = [
        *reading.problems,
        *_surprises(reading, name),
        *_unfit_for_any(reading, name),
        *_failed_tests(reading, name),
    ]
    return sorted(problems, key=lambda problem: problem.line)


def lint_prompt_file(path: Path) -> list[Problem]:
    """Return the problems of a template file."""
    try:
        return lint_prompt(read_text(path), str(path))
    except StrictYamlError as error:
        return [Problem(file=error.file, line=error.line or 1, code="P001", message=error.what)]


def _surprises(reading: TemplateReading, file: str) -> list[Problem]:
    surprises = reading.front_matter.surprises if reading.front_matter else ()
    what = "{} is text here but {} elsewhere; put it in quotes"
    return [
        Problem(
            file=file, line=line, code="P005", message=what.format(word, meaning_elsewhere(word))
        )
        for line, word in surprises
    ]


def _unfit_for_any(reading: TemplateReading, file: str) -> Iterator[Problem]:
    """Hold a template of a role of the user's own against what any agent is told and reads.

    Which class it belongs to is known in Python alone; there it is held against that class's types.
    """
    template, document = reading.template, reading.front_matter
    if template is None or document is None or template.role in ROLE_INPUTS:
        return
    told = {name: types for role in ROLE_INPUTS for name, types in contract_of(role).items()}
    for name in template.input.keys() - told.keys():
        hint = did_you_mean(name, told) or f"; a reviewer knows {', '.join(contract_of('critic'))}"
        line, what = document.line_of(("input", name)), f"no agent is ever told {name!r}{hint}"
        yield Problem(file=file, line=line, code="P303", message=what)
    if template.reply_schema is None:
        what = f"{output_fault(None, Verdict)} where a reviewer reads the reply"
        yield Problem(file=file, line=2, code="P304", message=what)


def _failed_tests(reading: TemplateReading, file: str) -> list[Problem]:
    """Run the template's own tests, which share one budget; each fails on its line."""
    template, document = reading.template, reading.front_matter
    if template is None or document is None:
        return []
    problems, work = [], MAX_WORK // max(1, len(template.tests))
    for at, test in enumerate(template.tests):
        try:
            failure = test.expect.failure(template.render(test.given, work=work))
        except PromptError as error:
            failure = str(error)
        if failure:
            message = f"test {at + 1} fails: {failure}; mend the template or the test"
            line = document.line_of(("tests", at))
            problems.append(Problem(file=file, line=line, code="P401", message=message))
    return problems
