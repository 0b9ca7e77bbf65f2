"""Everything wrong with a template at once, and what its own tests say."""

from pathlib import Path

from colloquia.authoring.problems import Problem
from colloquia.authoring.prompts.library import template_name
from colloquia.authoring.prompts.reading import TemplateReading, read_template
from colloquia.core.errors import PromptError
from colloquia.core.strict_yaml import StrictYamlError, meaning_elsewhere, read_text


def lint_prompt(source: str, name: str) -> list[Problem]:
    """Return the problems of a template's source, by line; `name` is what they call its file."""
    reading = read_template(source, name=template_name(Path(name)), file=name)
    problems = [*reading.problems, *_surprises(reading, name), *_failed_tests(reading, name)]
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


def _failed_tests(reading: TemplateReading, file: str) -> list[Problem]:
    """Run the template's own tests; a test fails on its line in the front matter."""
    template, document = reading.template, reading.front_matter
    if template is None or document is None:
        return []
    problems = []
    for at, test in enumerate(template.tests):
        try:
            failure = test.expect.failure(template.render(test.given))
        except PromptError as error:
            failure = str(error)
        if failure:
            message = f"test {at + 1} fails: {failure}; mend the template or the test"
            line = document.line_of(("tests", at))
            problems.append(Problem(file=file, line=line, code="P401", message=message))
    return problems
