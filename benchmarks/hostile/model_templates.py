"""Chat templates that would run code, never end, or fill memory."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.hostile.model_configs import Spoil
from benchmarks.hostile.model_parts import TEMPLATE, change_json

_TWICE_OFTEN = "{%% set ns = namespace(x=%s) %%}{%% for _ in range(60) %%}%s{%% endfor %%}"


def _jinja(source: str | Callable[[], str], *, after: bool = True) -> Spoil:
    """Write a template, which goes on as a good one does."""

    def spoil(folder: Path) -> None:
        made = source if isinstance(source, str) else source()
        (folder / "chat_template.jinja").write_text(made + TEMPLATE * after, "utf-8")

    return spoil


def _field(value: object) -> Spoil:
    return lambda folder: change_json(folder / "tokenizer_config.json", chat_template=value)


def _often(start: str, step: str) -> Spoil:
    return _jinja(_TWICE_OFTEN % (start, step))


_LOOP = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
_FILE = "open('ran', 'w')"
TEMPLATES: dict[str, Spoil] = {
    "loops in loops": _jinja(_LOOP),
    "loops in loops that print": _jinja(_LOOP.replace("%}{% endfor", "%}lamp{% endfor", 1)),
    "a range of 10^9": _jinja("{% for a in range(10**9) %}{% endfor %}"),
    "a text 10^9 times": _jinja("{% set x = 'a' * 10**9 %}"),
    "a list 10^9 times": _jinja("{% set x = [1] * 10**9 %}"),
    "a message 10^9 times": _jinja("{{ messages[0].content * 10**9 }}"),
    "10 to the 10 to the 10": _jinja("{{ 10 ** (10 ** 10) }}"),
    "squares of squares": _often("9", "{% set ns.x = ns.x * ns.x %}"),
    "doubled by +": _often("'a'", "{% set ns.x = ns.x + ns.x %}"),
    "doubled by ~": _often("'a'", "{% set ns.x = ns.x ~ ns.x %}"),
    "doubled lists": _often("[1]", "{% set ns.x = ns.x + ns.x %}"),
    "lists of lists, printed": _jinja(
        "{% set ns = namespace(x=[1]) %}{% for _ in range(40) %}{% set ns.x = [ns.x, ns.x] %}"
        "{% endfor %}{{ ns.x }}"
    ),
    "lists of lists, compared": _jinja(
        "{% set ns = namespace(x=[1], y=[1]) %}{% for _ in range(40) %}"
        "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}"
        "{{ ns.x == ns.y }}"
    ),
    "doubled by a block": _often(
        "'a'", "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"
    ),
    "doubled by a macro": _jinja(
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% else %}lamp{% endif %}"
        "{% endmacro %}{{ m(60) }}"
    ),
    "a macro that calls itself": _jinja("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
    "a loop that calls itself": _jinja(
        "{% for x in [[1]] recursive %}{{ loop([x, x]) }}{% endfor %}"
    ),
    "center": _jinja("{{ 'a'|center(10**9) }}"),
    "indent": _jinja("{{ 'a\nb'|indent(10**9) }}"),
    "format": _jinja("{{ '%1000000000d'|format(1) }}"),
    "percent": _jinja("{{ '%1000000000d' % 1 }}"),
    "percent of a given width": _jinja("{{ '%*d' % (10**9, 1) }}"),
    "str.format": _jinja("{{ '{:1000000000}'.format(1) }}"),
    "str.format of a given width": _jinja("{{ '{:{}}'.format(1, 10**9) }}"),
    "ljust": _jinja("{{ 'a'.ljust(10**9) }}"),
    "zfill": _jinja("{{ 'a'.zfill(10**9) }}"),
    "expandtabs": _jinja("{{ '\t'.expandtabs(10**9) }}"),
    "replace": _jinja("{% set x = 'a' * 99999 %}{{ x.replace('a', x) }}"),
    "replace as a filter": _jinja("{% set x = 'a' * 99999 %}{{ x|replace('a', x) }}"),
    "join": _jinja("{% set x = 'a' * 99999 %}{{ x.join(x) }}"),
    "join as a filter": _jinja("{% set x = 'a' * 99999 %}{{ x|join(x) }}"),
    "a map of center": _jinja("{{ ['a']|map('center', 10**9)|list }}"),
    "a filter over a block": _jinja("{% filter center(10**9) %}a{% endfilter %}"),
    "batch": _jinja("{{ [1]|batch(10**9, 0)|list }}"),
    "slice": _jinja("{{ [1]|slice(10**9)|list }}"),
    "tojson": _jinja("{{ [1]|tojson(indent=10**9) }}"),
    "wordwrap": _jinja("{% set x = 'a' * 99999 %}{{ x|wordwrap(1, true, x) }}"),
    "lipsum": _jinja("{{ lipsum(n=10**8) }}"),
    "a time of 10^9": _jinja("{{ strftime_now('%1000000000d' ~ '%Y' * 10**8) }}"),
    "a sum of lists": _jinja("{{ ([[1] * 99999] * 99999)|sum(start=[])|length }}"),
    "another file": _jinja("{% include '/etc/passwd' %}"),
    "an import": _jinja("{% import 'os' as os %}{{ os.system('touch ran') }}"),
    "what Python keeps": _jinja("{{ ''.__class__.__mro__[1].__subclasses__() }}"),
    "the globals of a function": _jinja(f"{{{{ lipsum.__globals__['__builtins__'].{_FILE} }}}}"),
    "the globals of raise_exception": _jinja(
        f"{{{{ raise_exception.__globals__['__builtins__'].{_FILE} }}}}"
    ),
    "the attribute filter": _jinja("{{ (''|attr('__class__')).mro() }}"),
    "10 MB": _jinja(lambda: "a" * 10_000_000),
    "10^5 brackets": _jinja(lambda: "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}"),
    "10^5 loops deep": _jinja(
        lambda: "{% for a in [1] %}" * 20_000 + "{% endfor %}" * 20_000,
    ),
    "10^5 additions": _jinja(lambda: "{{ 1" + " + 1" * 100_000 + " }}"),
    "no Jinja": _jinja("{% for %}"),
    "escapes in what it says": _jinja("{{ raise_exception('\x1b]0;t\x07\u202e') }}"),
    "nothing": _jinja("", after=False),
    "a number": _field(7),
    "a list of numbers": _field([1, 2]),
    "an object of objects": _field({"default": {"a": 1}}),
}
