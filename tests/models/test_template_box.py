"""Chat templates have a budget: what never ends is refused, and what models use is as it was."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tiny_model import needs_torch, tiny_tokenizer

from benchmarks.hostile.model_parts import write_model
from benchmarks.hostile.model_templates import TEMPLATES
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.template_box import MAX_WORK, TemplateBox, TemplateTooMuchError

MESSAGES = [
    {"role": "system", "content": "Be <kind>."},
    {"role": "user", "content": "When was it lit?"},
    {"role": "assistant", "content": "In 1851."},
    {"role": "user", "content": "By whom?"},
]
SLOW = ("doubled lists", "doubled by a macro", "lists of lists")  # a second or two each
SOURCES = {
    name: spoil for name, spoil in TEMPLATES.items() if not name.startswith((*SLOW, "a time"))
}


def render(source: str, box: type[ImmutableSandboxedEnvironment] = TemplateBox) -> str:
    environment = box(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    return environment.from_string(source).render(messages=MESSAGES, add_generation_prompt=True)


@pytest.mark.parametrize("name", SOURCES)
def test_a_template_that_asks_for_too_much_is_refused(name: str, tmp_path: Path) -> None:
    SOURCES[name](write_model(tmp_path / "m"))
    file = tmp_path / "m" / "chat_template.jinja"
    if not file.exists() or name == "nothing":
        pytest.skip("no source of a template")
    with pytest.raises((TemplateError, OverflowError, RecursionError, TypeError)):
        render(file.read_text("utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages if m.role != 'user' %}{{ loop.index0 }}{{ m['role'] }}{% endfor %}",
        "{{ messages|map(attribute='content')|join(' - ')|upper }}",
        "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}"
        "{% if loop.last %}{% break %}{% endif %}{% endfor %}{{ ns.n ~ '/' ~ messages|length }}",
        "{{ messages[1:][::-1]|tojson(indent=2) }}",
        "{% macro say(m) %}<{{ m.role }}>{{ m.content.split(' ')[-1].strip('?') }}{% endmacro %}"
        "{% for m in messages %}{{ say(m) }}{% endfor %}",
        "{{ '%s: %d' % ('a', 7) }}{{ '{} {}'.format('a', 7) }}{{ [1, 2] + [3] }}{{ 2 ** 8 }}",
        "{% for m in messages[1:] recursive %}{{ loop.length }}{{ m.role }}{% endfor %}",
        "{% set text %}a{{ messages[0].content|replace('<', '&lt;') }}{% endset %}{{ text|trim }}",
        "{% for k, v in messages[0].items() %}{{ k }}={{ v }}{% endfor %}{{ missing }}",
    ],
)
def test_what_models_use_is_as_it_was(source: str) -> None:
    assert render(source) == render(source, ImmutableSandboxedEnvironment)


def test_a_budget_is_one_renders_own() -> None:
    source = "{% set x = 'a' * (" + str(MAX_WORK) + " * 2 // 3) %}"
    render(source)
    render(source)
    with pytest.raises(TemplateTooMuchError, match="more work"):
        render(source + source.replace("x", "y"))


@needs_torch
@pytest.mark.filterwarnings("ignore")  # the libraries' own
def test_transformers_renders_in_the_box(tmp_path: Path) -> None:
    importlib.import_module("colloquia.models.local.weights")
    prompts = importlib.import_module("colloquia.models.local.chat_prompts").ChatPrompts
    with pytest.raises(ModelError, match=r"m: its chat template .* more work than any chat needs"):
        prompts(tiny_tokenizer("{{ messages[0].content * 10**9 }}"), name="m")
    with pytest.raises(ModelError, match="leaves the question out"):
        prompts(tiny_tokenizer("<user>"))


@needs_torch
@pytest.mark.filterwarnings("ignore")  # the libraries' own
def test_templates_of_known_models_are_rendered_as_before() -> None:
    importlib.import_module("colloquia.models.local.weights")
    utils: Any = importlib.import_module("transformers.utils.chat_template_utils")
    trl: Any = importlib.import_module("trl")
    files = sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja"))
    assert len(files) > 20

    def both(box: Any) -> list[str]:
        utils.ImmutableSandboxedEnvironment = box
        return [_said(utils._cached_compile_jinja_template, file) for file in files]

    try:
        plain = both(ImmutableSandboxedEnvironment)
    finally:
        utils.ImmutableSandboxedEnvironment = TemplateBox
    assert both(TemplateBox) == plain


def _said(compiled: Any, file: Path) -> str:
    try:
        template = compiled(file.read_text("utf-8"))
        return str(template.render(messages=MESSAGES, add_generation_prompt=True, tools=None))
    except Exception as error:  # some take no system message
        return str(error)
