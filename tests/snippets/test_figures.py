"""No reader changes or loses a figure, in whatever kind of file it stands."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_snippets_as import KINDS, read_as, text_of

from colloquia.snippets.report import SnippetReport
from colloquia.snippets.values import read_values

_digits = st.integers(0, 99_999).map(str)
_small = st.integers(1, 99).map(str)
_year = st.integers(1000, 2099).map(str)


def _joined(mark: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(mark.join)


figures = st.one_of(
    st.builds("{}:{:02d} a.m.".format, st.integers(1, 12), st.integers(0, 59)),
    st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59)),
    _joined(":", _small, _small),  # ratios, verses
    _joined("^", _small, _small),
    _joined("/", _small, _small),
    _joined("–", _year, _year),
    _joined("-", _small, _small),
    st.integers(1_000, 9_999_999).map("{:,}".format),
    st.decimals(0, 999, places=2).map(str),
    _digits.map("${}".format),
    _digits.map("€{}".format),
    _digits.map("£{} million".format),
    _small.map("{}%".format),
    _small.map("−{} °C".format),
    _small.map("-{} dB".format),
    _small.map("> {} mm".format),
    _small.map("~{} kg".format),
    st.sampled_from(["1st", "22nd", "33rd", "114th", "10⁶", "m²", "½", "3½", "1 260", "2×10^-3"]),
    _joined(" * ", _small, _small),
    _joined("*", _small, _small, _small),
    _joined("_", _small, _small),
    st.builds("[{}, {}]".format, _small, _small),
    st.builds(r"\({}^{} * x_1\)".format, _small, _small),
    st.builds(r"\[ {}_{} \]".format, _small, _small),
)
words = st.sampled_from(["the", "of", "holds", "from", "about", "to", "pump", "dock", "near"])
sentences = st.lists(st.one_of(words, figures), min_size=6, max_size=24).map(
    lambda parts: f"The pump holds {' '.join(parts)} in all."
)


@pytest.mark.parametrize("kind", KINDS)
@given(sentences)
def test_a_sentence_with_figures_is_read_as_it_stands(kind: str, sentence: str) -> None:
    with TemporaryDirectory() as folder:
        assert text_of(kind, sentence, Path(folder)) == sentence


@pytest.mark.parametrize("kind", ["md", "txt"])
@given(sentences, st.data())
def test_a_line_break_anywhere_changes_no_figure(
    kind: str, sentence: str, data: st.DataObject
) -> None:
    # Behind `> ` or a bullet Markdown itself has something else begin.
    gaps = [gap.start() for gap in re.finditer(r" (?![>*+-] )", sentence)]
    at = data.draw(st.sampled_from(gaps))
    broken = f"{sentence[:at]}\n{sentence[at + 1 :]}"
    with TemporaryDirectory() as folder:
        assert text_of(kind, broken, Path(folder)) == sentence


@pytest.mark.parametrize("kind", ["md", "txt"])
@given(st.lists(sentences, min_size=2, max_size=8), st.sampled_from(["- ", "* ", "{}. ", "({}) "]))
def test_a_list_keeps_all_figures_in_their_order(kind: str, items: list[str], bullet: str) -> None:
    lines = [f"{bullet.format(number)}{item}" for number, item in enumerate(items, 1)]
    with TemporaryDirectory() as folder:
        text = text_of(kind, "It is done so:\n\n" + "\n".join(lines), Path(folder))
    assert [text.count(item) >= 1 for item in items] == [True] * len(items)
    plain = re.sub(r"\(\d+\) (?=The pump)", "", text)
    assert plain == " ".join(["It is done so:", *items])


@given(st.lists(st.tuples(figures, figures, figures), min_size=1, max_size=6))
def test_a_table_keeps_every_cell(rows: list[tuple[str, str, str]]) -> None:
    table = "\n".join(f"| Pump | {' | '.join(row)} |" for row in rows)
    head = "| Name | Held | Fed | Lost |\n|---|--:|:-:|---|\n"
    with TemporaryDirectory() as folder:
        text = text_of("md", head + table, Path(folder))
    for row in rows:
        for cell in row:
            assert f"is {cell}" in text


@pytest.mark.parametrize("kind", KINDS)
@given(_small, _small, st.sampled_from(["", "-", "−"]))
def test_a_power_in_tags_is_never_another_number(
    kind: str, base: str, power: str, sign: str
) -> None:
    with TemporaryDirectory() as folder:
        text = f"The tank holds {base}<sup>{sign}{power}</sup> litres of it."
        read = text_of(kind, text, Path(folder))
    assert read == f"The tank holds {base}^{sign}{power} litres of it."


SCRIPTS = {
    "10<sup>6</sup> litres": "10^6 litres",
    "2<sup>3</sup>.": "2^3.",
    "2<sup>n+1</sup> ways": "2^(n+1) ways",
    "2<sup>2<sup>3</sup></sup> ways": "2^(2^3) ways",
    "x<sup>2</sup>y": "x^(2)y",
    "6<sup>2</sup>4": "6^(2)4",
    "kg m<sup>-1</sup> s<SUP>−2</SUP>": "kg m^-1 s^−2",
    "Ca<sup>2+</sup> ions": "Ca^2+ ions",
    "H<sub>2</sub>O and CO<sub>2</sub>": "H2O and CO2",
    "101<sub>2</sub> is 5": "101_2 is 5",
    "101<sub>2</sub>5": "101_(2)5",
    "x<sub>1</sub>2": "x_(1)2",
    "V<sub>max</sub> of it": "V_max of it",
    "the 21<sup>st</sup> of May": "the 21st of May",
    "Lumo<sup>TM</sup> lamps": "Lumo™ lamps",
    "20<sup>o</sup>C": "20°C",
    "<sup>14</sup>C dating": "14C dating",
    "<sup>3</sup>/<sub>4</sub> inch": "3/4 inch",
    "5<sup>3</sup>/<sub>4</sub> inch": "5 3/4 inch",
    "it was so.<sup>3</sup> Then": "it was so. Then",
    "it was so<sup>[3]</sup> then": "it was so then",
    '10<sup class="x">6</sup>': "10^6",
}
CHARACTERS = {
    "salt &amp; lime": "salt & lime",
    "100&nbsp;&euro; a day": "100 € a day",
    "3 &lt; 5 &#8804; 7 &#x2264; 9": "3 < 5 ≤ 7 ≤ 9",
    "20&deg;C &plusmn; 2": "20°C ± 2",
    "water&shy;fall": "waterfall",
    "1&frasl;2 &times; 3": "1⁄2 × 3",
    "AT&T and R&D; Q&A": "AT&T and R&D; Q&A",
    "a&b;c": "a&b;c",
    "&lt;sup&gt; is a tag": "<sup> is a tag",
}
CITATIONS = {
    "in plants [13][14]; then": "in plants; then",
    "in plants[13][14]; then": "in plants; then",
    "in plants.[13] Then": "in plants. Then",
    "in 1851[2] it": "in 1851 it",
    "of 3 m[15] each": "of 3 m each",
    "rare [citation needed].": "rare.",
    "from [0, 1] to [3, 20]": "from [0, 1] to [3, 20]",
    "the value a[13] is": "the value a[13] is",
    "the set [5] is": "the set [5] is",
    "with list[3] = 5 the": "with list[3] = 5 the",
}
WRITTEN = SCRIPTS | CHARACTERS | CITATIONS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("written", WRITTEN)
def test_typesetting_is_read_alike_in_every_kind_of_file(
    kind: str, written: str, tmp_path: Path
) -> None:
    read = text_of(kind, f"They found that {written} and so on.", tmp_path)
    assert read == f"They found that {WRITTEN[written]} and so on."


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        r"The sum \(a_1 * b_1 * c\) is \(10^6\), and \[ x = \frac{1}{2} \] is less.",
        'He wrote: "It is the \'box\' of the "rear" man", and left at 9:30.',
        "“She said ‘a 3:20 “mix” by volume’ twice,” he wrote in 1851.",
        "Doors open at 9:30 a.m. (see Gen. 3:16, p. 212:4), or at 22:15.",
        "If p <q and r> s then the lamp is lit for 5 < x > 3 hours.",
        "Write <year> for the year and <name> for the name of it.",
    ],
)
def test_formulas_nested_quotes_and_comparisons_stay(kind: str, text: str, tmp_path: Path) -> None:
    assert text_of(kind, text, tmp_path) == text


MARKDOWN = {
    "in `a*b*c` and `__init__`": "in a*b*c and __init__",
    r"a \*star\* and \_line\_": "a *star* and _line_",
    r"the mark \[13\] in it": "the mark [13] in it",
    "**bold with *nested* words**": "bold with nested words",
    "1810<br>1811": "1810 1811",
    "[a mill](http://x.test/a_(b)) turns": "a mill turns",
    "http://x.test/_a_/b*c* is": "http://x.test/_a_/b*c* is",
    "costs $5 and $10": "costs $5 and $10",
    "so $a_1 * b_1 * c_1$ is": "so $a_1 * b_1 * c_1$ is",
    "in plants[^1]; then": "in plants; then",
    "in plants [^1]; then": "in plants; then",
    "[2010][1] and [a b][c]": "2010 and a b",
    "a`&amp;`b <!-- no --> c": "a&amp;b c",
    'it<sup><a href="#f1">1</a></sup> is': "it is",
    "10<sup>*n*</sup> ways": "10^n ways",
}


@pytest.mark.parametrize("written", MARKDOWN)
def test_the_marks_of_markdown_go_and_nothing_else(written: str, tmp_path: Path) -> None:
    text = f"They found that {written} and so on."
    assert text_of("md", text, tmp_path) == f"They found that {MARKDOWN[written]} and so on."


def test_a_title_is_read_as_its_text_is(tmp_path: Path) -> None:
    marked, read = "Salt &amp; 10<sup>6</sup>", "Salt & 10^6"
    (of_markdown,), _ = read_as("md", f"# {marked}\n\nThe pump is lit at dusk.", tmp_path)
    (of_python,) = read_values(
        [{"title": marked, "text": "The pump is lit at dusk."}], report=SnippetReport()
    )
    assert [of_markdown.title, of_python.title] == [read, read]
