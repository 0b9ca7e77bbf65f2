"""Typesetting that stands in texts of every kind, as plain text: powers, indices, `&euro;`, `[13]`.

A power is written with `^`, never with raised digits: what normalises text (NFKC: tokenizers,
search) turns 10⁶ into 106. No two digits that stood apart come to stand side by side.
"""

import html
import re

# The innermost tag of a nest first; a bound on every repeat keeps hostile text linear.
_SCRIPT = re.compile(r"<(su[pb])(?:\s[^<>]{0,200})?>([^<>]{0,200})</\1\s?>", re.I)
_FRACTION = re.compile(
    r"<sup(?:\s[^<>]{0,200})?>(\d{1,9})</sup\s?>[ ]?(?:/|⁄|&frasl;)[ ]?"
    r"<sub(?:\s[^<>]{0,200})?>(\d{1,9})</sub\s?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SPACES = {"&nbsp;": " ", "&#160;": " ", "&shy;": "", "&#173;": ""}
_ORDINALS = frozenset({"st", "nd", "rd", "th", "er", "re", "ère", "ème"})
_SIGNS = {"tm": "™", "sm": "℠", "®": "®", "©": "©"}
_NOTE_MARK = re.compile(r"\[[^\[\]]{1,20}\]|[*†‡§¶]{1,3}")
_AFTER_SENTENCE = re.compile(r"(?:[a-zA-Z)%][.,;:!?]|[.,!?][\"”’])$")
_SIMPLE = re.compile(r"[+\-−–]?\w+[+\-−]?|[+\-−]")
_SMALL_PRINT = re.compile(r"[^\W\d_]{3,} [^\W\d_]{3,}")

# [13][14], [citation needed]. An interval or a list, as [0, 1], is none, nor is an index, as a[1].
_MARK = r"\[(?:[1-9]\d{0,2}|(?:note|nb|ref) \d{1,3}|(?:[a-z]{2,14} ){1,3}needed)\]"
_BEFORE = r"(?:(?<=[a-z]{3})|(?<=\d [a-z])|(?<=\d [a-z]{2})|(?<=[\d.,;:!?\"”’)%]))"
_CITATIONS = re.compile(
    rf"{_BEFORE}(?:{_MARK}){{1,20}}(?![\[\w=(])"
    rf"|[ ](?:{_MARK}){{1,20}}(?=[.,;:!?)\"”’]|\s*$)"
)
_CODE = re.compile(r"\w\[\w{0,9}\] ?=|\w\[0\]")


def plain_text(text: str) -> str:
    """Return text without the typesetting that any kind of file may hold; other tags stay."""
    if "<" in text:
        text = plain_scripts(text)
    if "[" in text:
        text = without_citations(text)
    return plain_entities(text) if "&" in text else text


def plain_scripts(text: str) -> str:
    """Return `10<sup>6</sup>` as `10^6`, `H<sub>2</sub>O` as `H2O`, `21<sup>st</sup>` as `21st`."""
    text = _FRACTION.sub(_fraction, text)
    for _ in range(3):  # a power of a power
        text = _SCRIPT.sub(_script, text)
    return text


def plain_entities(text: str) -> str:
    """Return `&euro;` as `€`; what no entity is, as in `AT&T`, stays."""
    return _ENTITY.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    name = found[0]
    return _SPACES[name] if name in _SPACES else html.unescape(name)


def without_citations(text: str) -> str:
    """Return text without numbered citation marks and the space before them."""
    return text if _CODE.search(text) else _CITATIONS.sub("", text)


def _fraction(found: re.Match[str]) -> str:
    before = found.string[: found.start()][-1:]
    return f"{' ' * before.isdigit()}{found[1]}/{found[2]}"


def _script(found: re.Match[str]) -> str:
    what = found[2].strip()
    before = found.string[max(0, found.start() - 2) : found.start()]
    after = found.string[found.end() : found.end() + 1]
    if not what or _SMALL_PRINT.search(what):
        return f" {what} " if what else ""
    joined = what[-1].isalnum() and after.isalnum()  # `x^2y` would be another power
    raised = found[1].lower() == "sup"
    if raised:
        if (plain := _not_a_power(what, before, after)) is not None:
            return plain
    elif _reads_as_it_is(what, before, after):
        return what
    plain = what if _SIMPLE.fullmatch(what) and not joined else f"({what})"
    return f"{'^' if raised else '_'}{plain}"


def _not_a_power(what: str, before: str, after: str) -> str | None:
    """Return what is raised for another reason: a footnote's mark, 21st, ™, °C, the 14 of ¹⁴C."""
    if _NOTE_MARK.fullmatch(what) or (what.isdigit() and _AFTER_SENTENCE.search(before)):
        return ""
    if what.lower() in _ORDINALS and before[-1:].isdigit():
        return what
    if what.lower() in "oº°" and before[-1:].isdigit() and after in ("C", "F"):
        return "°"
    if what.lower() in _SIGNS:
        return _SIGNS[what.lower()]
    if not before[-1:].strip() and not after.isdigit() and what.isdigit():
        return what
    return None


def _reads_as_it_is(what: str, before: str, after: str) -> bool:
    """Whether an index may stand on the line: the 2 of H2O, not the one of a number to base 2."""
    if not before[-1:].strip():
        return not after.isdigit()
    return what.isdigit() and not before[-1:].isdigit() and not after.isdigit()
