"""Hostile templates are refused or bounded; legitimate ones render."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloquia.authoring.prompts.reading import parse_template
from colloquia.core.errors import PromptError

VALUES: dict[str, Any] = {
    "text": "The lighthouse was built in 1874.",
    "count": 3,
    "ratio": 0.25,
    "flag": True,
    "missing": None,
    "names": ["Ada", "Grace", "Ada"],
    "lines": [{"speaker": "a", "text": "hello"}, {"speaker": "b", "text": "bye"}],
    "person": {"name": "Ada", "age": 36, "items": "two", "likes": ["maths"], "nested": {"x": "y"}},
}
_INPUT = """\
  text: {type: string}
  count: {type: integer}
  ratio: {type: number}
  flag: {type: boolean}
  missing: {type: string, optional: true}
  names: {type: list}
  lines: {type: list}
  person: {type: object}
"""
# Mentions every input, so that a test is about its own line alone.
_USES = "{% if [text, count, ratio, flag, missing, names, lines, person] %}{% endif %}"


def render(body: str) -> str:
    source = f"---\nrole: mine\ndescription: x\ninput:\n{_INPUT}---\n<<user>>\n{_USES}[{body}]\n"
    (message,) = parse_template(source, name="mine").render(VALUES)
    return message.content


HOSTILE = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ person.__init__ }}",
    "{{ text.__class__.__mro__[1].__subclasses__() }}",
    "{% autoescape true %}{{ text }}{% endautoescape %}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum() }}",
    "{{ range(10) }}",
    "{% for i in range(999999999) %}x{% endfor %}",
    "{{ text.upper() }}",
    "{{ text.format(1) }}",
    "{{ '{0.__class__}'|format(text) }}",
    "{{ text|attr('__class__') }}",
    "{{ lines|map(attribute='text')|join }}",
    "{{ lines|selectattr('text') }}",
    "{{ names|select('string') }}",
    "{{ text|replace('', 'xxxxxxxxxx') }}",
    "{{ text|center(1000000000) }}",
    "{{ text|indent(1000000000) }}",
    "{{ text|wordwrap(1) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ [0] * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 7 // 0 }}",
    "{{ 7 % 0 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 1 / 0 }}",
    "{% set x = 1 %}{{ x }}",
    "{% set x %}y{% endset %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'base' %}",
    "{% block b %}{% endblock %}",
    "{% with x = text %}{{ x }}{% endwith %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call text() %}x{% endcall %}",
    "{% for a in names %}" * 3 + "x" + "{% endfor %}" * 3,
    "{% for a in names recursive %}{{ loop(names) }}{% endfor %}",
    "{% for a in names %}{{ loop.__class__ }}{% endfor %}",
    "{% for a in names %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for a in names %}{{ loop.previtem }}{% endfor %}",
    "{% for text in names %}{{ text }}{% endfor %}",
    "{% for loop in names %}{{ loop }}{% endfor %}",
    "{% for c in text %}{{ c }}{% endfor %}",
    "{% for a in [" + "0," * 90 + "] %}{% for b in [" + "0," * 90 + "] %}x{% endfor %}{% endfor %}",
    "{{ " + "text ~ " * 200 + "text }}",
    "{{ [" + "text," * 200 + "]|join }}",
    "{{ names|join('" + "x" * 200 + "') }}",
    "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
    "{{ " + "-" * 300 + "1 }}",
    "{{ " + "[" * 60 + "]" * 60 + " }}",
    "{% if flag %}" * 60 + "{% endif %}" * 60,
    "{{ " + "9" * 5000 + " }}",
    "{{ 0x" + "f" * 8000 + " }}",
    "{{ 1e999 }}",
    "{{ text|sort }}",
    "{{ undeclared }}",
    "{{ undeclared|default('x') }}",
    "{{ person.nmae }}",
    "{{ person.items() }}",
    "{{ names[99] }}",
    "{{ missing }}",
    "{{ text is callable }}",
    "{{ text is filter }}",
    "{{ text",
    "{% if flag %}",
    "{% endfor %}",
    "{{ text|nosuch }}",
    "{% nosuch %}",
    "{{ (text, text)|pprint }}",
    "{{ text|_data('x') }}",
    "{{ namespace }}",
    "{{ joiner }}",
    "{{ text|default }}{{ person[flag] }}",
    "{{ person[names] }}",
    "{{ person.nmae.deeper }}",
    "{% for x in person.nmae %}{{ x }}{% endfor %}",
    "{% for x in missing %}{{ x }}{% endfor %}",
    "{% for x in names|items %}{{ x }}{% endfor %}",
    "{% if flag %}" * 20 + "{{ [[[[[[1]]]]]] }}" + "{% endif %}" * 20,
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_template_is_refused_in_one_line_that_names_its_place(body: str) -> None:
    with pytest.raises(PromptError, match=r"^mine\.prompt\.j2:\d+: P\d\d\d .+$") as refused:
        render(body)
    assert "\n" not in str(refused.value)


LEGITIMATE = {
    "{{ text }}": "The lighthouse was built in 1874.",
    "{{ text|upper }}": "THE LIGHTHOUSE WAS BUILT IN 1874.",
    "{{ text|lower|capitalize }}": "The lighthouse was built in 1874.",
    "{{ text|title }}": "The Lighthouse Was Built In 1874.",
    "{{ text|truncate(14) }}": "The...",
    "{{ text|wordcount }}": "6",
    "{{ text|length }}": "33",
    "{{ '  x '|trim }}": "x",
    "{{ text[:3] }}": "The",
    "{{ text[0] }}": "T",
    "{{ names[-1] }}": "Ada",
    "{{ names|join(', ') }}": "Ada, Grace, Ada",
    "{{ names|unique|join(', ') }}": "Ada, Grace",
    "{{ names|sort|join }}": "AdaAdaGrace",
    "{{ names|first }} {{ names|last }}": "Ada Ada",
    "{{ names|reverse|join(' ') }}": "Ada Grace Ada",
    "{{ names|max }} {{ names|min }}": "Grace Ada",
    "{{ names|count }}": "3",
    "{{ names }}": '["Ada","Grace","Ada"]',
    "{{ names|tojson }}": '["Ada","Grace","Ada"]',
    "{{ lines|join(' / ', attribute='text') }}": "hello / bye",
    "{% for line in lines %}{{ line.speaker }}: {{ line.text }};{% endfor %}": "a: hello;b: bye;",
    "{% for name in names %}{{ loop.index }}{{ name }}{% endfor %}": "1Ada2Grace3Ada",
    "{% for name in names %}{% if not loop.last %}{{ name }}{% endif %}{% endfor %}": "AdaGrace",
    "{% for a in names %}{% for b in names %}{{ a[0] }}{{ b[0] }} {% endfor %}{% endfor %}": (
        "AA AG AA GA GG GA AA AG AA "
    ),
    "{% for line in lines if line.speaker == 'b' %}{{ line.text }}{% endfor %}": "bye",
    "{% for x in [] %}{{ x }}{% else %}none{% endfor %}": "none",
    "{% for key, value in person.nested|items %}{{ key }}={{ value }}{% endfor %}": "x=y",
    "{{ person.name }}": "Ada",
    "{{ person['name'] }}": "Ada",
    "{{ person.items }}": "two",
    "{{ person.nested.x }}": "y",
    "{{ person.likes[0] }}": "maths",
    "{{ person.age + 1 }}": "37",
    "{{ person.age - 1 }}": "35",
    "{{ count / 2 }}": "1.5",
    "{{ -count }}": "-3",
    "{{ ratio|round(1) }}": "0.2",
    "{{ '3'|int + 1 }}": "4",
    "{{ flag }}": "true",
    "{{ 'yes' if flag else 'no' }}": "yes",
    "{{ missing or 'nobody' }}": "nobody",
    "{{ missing|default('nobody', true) }}": "nobody",
    "{% if missing is none %}none{% endif %}": "none",
    "{% if person.nmae is defined %}a{% else %}b{% endif %}": "b",
    "{% if 'Ada' in names and not missing %}in{% endif %}": "in",
    "{% if count > 2 %}many{% elif count == 2 %}two{% else %}few{% endif %}": "many",
    "{% if count is odd %}odd{% endif %}": "odd",
    "{{ text ~ ' ' ~ count }}": "The lighthouse was built in 1874. 3",
    "{{ {'a': 1}.a }}": "1",
    "a{{ text if missing }}b": "ab",
    "a{# a note #}b": "ab",
    "{% raw %}{{ text }}{% endraw %}": "{{ text }}",
    "é ✓ 😀": "é ✓ 😀",
}


@pytest.mark.parametrize(("body", "expected"), LEGITIMATE.items(), ids=LEGITIMATE.keys())
def test_a_legitimate_template_renders(body: str, expected: str) -> None:
    assert render(body) == f"[{expected}]"


def test_python_objects_are_never_printed() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {thing: {type: list}}\n---\n<<user>>\n{{ thing }}",
        name="mine",
    )
    with pytest.raises(PromptError, match="P503 list is not plain JSON"):
        template.render({"thing": [object()]})


def test_an_attribute_of_a_python_object_is_out_of_reach() -> None:
    class Secret:
        key = "hidden"

    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {thing: {type: list}}\n---\n<<user>>\n"
        "{{ thing[0].key }}",
        name="mine",
    )
    with pytest.raises(PromptError, match="no field 'key' here"):
        template.render({"thing": [Secret()]})


def test_output_stops_at_its_cap() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {text: {type: string}, steps: {type: list}}\n---\n"
        "<<user>>\n{% for step in steps %}{{ text }}{% endfor %}",
        name="mine",
    )
    with pytest.raises(PromptError, match="P503 more than 4,000,000 characters"):
        template.render({"text": "x" * 100_000, "steps": [0] * 1000})


def test_loop_steps_are_counted_over_the_whole_block() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {steps: {type: list}}\n---\n"
        "<<user>>\nx{% for a in steps %}{% for b in steps %}{% endfor %}{% endfor %}",
        name="mine",
    )
    assert template.render({"steps": [0] * 60})[0].content == "x"
    with pytest.raises(PromptError, match="P503 more than 5,000 loop steps"):
        template.render({"steps": [0] * 80})


_LOOPS = "{% for a in steps %}{% for b in steps %}PART{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    "body",
    [
        _LOOPS.replace("PART", "{% if text|title == 1 %}{% endif %}" * 100),
        _LOOPS.replace("PART", "{% if 'z' in text %}{% endif %}" * 100),
        _LOOPS.replace("PART", "{% if text[::-1] %}{% endif %}" * 100),
        _LOOPS.replace("PART", "{% if (text ~ text)|length %}{% endif %}" * 100),
        _LOOPS.replace("PART", "{% if steps|sort|unique %}{% endif %}" * 60),
        "{{ text" + "|tojson" * 20 + "|length }}",
        "{{ [text, steps]|join(',')|upper }}" + "{{ holds_itself|join }}",
    ],
)
def test_work_that_prints_nothing_has_an_end_too(body: str) -> None:
    inputs = "{text: {type: string}, steps: {type: list}, holds_itself: {type: list}}"
    template = parse_template(
        f"---\nrole: mine\ndescription: x\ninput: {inputs}\n---\n"
        f"<<user>>\n{{% if [text, steps, holds_itself] %}}{{% endif %}}{body}",
        name="mine",
    )
    endless: list[Any] = []
    endless.append(endless)
    values = {"text": 'The "bell". ' * 1500, "steps": [*range(70)], "holds_itself": endless}
    with pytest.raises(PromptError, match="P503 more work than 20,000,000 characters"):
        template.render(values)


def test_ordinary_work_is_far_from_the_end() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {lines: {type: list}, text: {type: string}}\n---\n"
        "<<user>>\n{% for line in lines %}{% if line.text|trim|lower in text|lower and "
        "loop.index < lines|length %}{{ loop.index ~ '. ' ~ line.text|truncate(80) }}{% endif %}"
        "{% endfor %}",
        name="mine",
    )
    lines = [{"text": "It was built in 1874. " * 20}] * 100
    assert template.render({"lines": lines, "text": "It was built in 1874. " * 900})


def test_a_value_nested_without_end_is_told() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {deep: {type: list}}\n---\n"
        "<<system>>\n{{ deep }}\n<<user>>\nGo.",
        name="mine",
    )
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(PromptError, match="P503 list is not plain JSON"):
        template.render({"deep": deep})


def test_a_wrong_value_is_reported_on_the_line_that_prints_it() -> None:
    source = (
        "---\nrole: mine\ndescription: x\ninput: {person: {type: object}}\n---\n"
        "<<system>>\nHello.\n<<user>>\nfirst line\n{% if person %}\n{{ person.nmae }}\n"
        "{% endif %}\n"
    )
    template = parse_template(source, name="mine")
    with pytest.raises(PromptError, match=r"^mine\.prompt\.j2:11: P502 .*did you mean 'name'"):
        template.render({"person": {"name": "Ada"}})


_WORDS = """
text names person lines count missing flag loop self __class__ . [ ] ( ) { } {{ }} {% %} {# #}
| ~ + - * / % == < > and or not in is if else elif endif for endfor set macro raw endraw 1 0
1e9 'a' " ' , : upper join items sort default truncate tojson <<user>> <<system>>
"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n"])


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(_PIECES, max_size=14))
def test_any_jumble_of_jinja_is_refused_or_rendered(pieces: list[str]) -> None:
    for body in (" ".join(pieces), "{{ " + " ".join(pieces) + " }}"):
        try:
            render(body)
        except PromptError as refused:
            assert str(refused).startswith("mine.prompt.j2:")


def test_many_blocks_share_one_cap() -> None:
    template = parse_template(
        "---\nrole: mine\ndescription: x\ninput: {text: {type: string}}\n---\n"
        + "<<user>>\n{{ text }}\n" * 5,
        name="mine",
    )
    assert len(template.render({"text": "x" * 700_000})[0].content) > 3_500_000
    with pytest.raises(PromptError, match="P503 more than"):
        template.render({"text": "x" * 900_000})
