"""What a snippet is about, named as it stands inside a sentence."""

import re
from collections import Counter
from dataclasses import dataclass

from colloquia.language.inflection import lemmas

_ASKING = re.compile(r"(?:how|why|what|who|when|where|which|whether)\b", re.I)
_DOING = re.compile(r"[A-Z]?[a-z]+ing\b(?! (?:of|and|in|under|at|for|on)\b)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The subject of a snippet."""

    name: str
    """What follows `about`: the Nile, applying varnish, how gluten forms; `this` without a title."""
    doing: bool = False
    """Whether it names something one does."""
    asking: bool = False
    """Whether it is a question put indirectly."""


def topic_of(text: str, title: str | None) -> Topic:
    """Name what the snippet is about, by its title, in the case and number that the text uses."""
    plain = re.sub(r"\s+", " ", (title or "").replace("_", " ")).strip(" .:")
    if not plain:
        return Topic(name=_most_named(text))
    within, colon, part = plain.partition(": ")
    if colon and part:
        inner = topic_of(text, part)
        return Topic(
            name=f"{inner.name} in {_with_article(within, text)}",
            doing=inner.doing,
            asking=inner.asking,
        )
    lowered = _lowered(plain, text)
    if _ASKING.match(plain):
        return Topic(name=lowered, asking=True)
    if (
        _DOING.match(plain)
        and len(plain.split()) > 1
        and plain.split()[0].lower() not in text.lower().split()[:1]
    ):
        return Topic(name=lowered, doing=True)
    return Topic(name=_with_article(lowered, text))


def _lowered(title: str, text: str) -> str:
    """Return a title with the case that its first word has inside a sentence."""
    word = re.split(r"[\s:,]", title, maxsplit=1)[0]
    if not word[1:].islower() and len(word) > 1:
        return title
    low = title[:1].lower() + title[1:]
    if re.search(rf"[a-z,;(] {re.escape(word)}\b", text):
        return title
    known = bool(lemmas(word.lower()))
    named = re.search(rf"\b{re.escape(word.lower())}\b", text) is not None
    others = [w for w in title.split()[1:] if len(w) > 3]
    if others and all(w[:1].isupper() for w in others) and not named:
        return title  # a name, or a title in capitals
    return low if known or named else title


def _with_article(name: str, text: str) -> str:
    """Give a name the article or the plural that the text uses it with."""
    if name.lower().startswith(("the ", "a ", "an ")):
        return name[:1].lower() + name[1:]
    form = re.escape(name)
    seen = Counter(
        found.lower() for found in re.findall(rf"(?:(\w+)\s+)?\b{form}\b(?![a-z])", text, re.I)
    )
    if not seen and re.search(r"\b[A-Z]{2,}$", name):
        return f"the {name}"
    plural = re.search(rf"\b{form}(?:s|es)\b", text, re.I)
    articled = seen["the"] + seen["a"] + seen["an"] + seen["this"]
    if plural and not articled:
        return f"{name}s"
    return f"the {name}" if articled and articled == sum(seen.values()) else name


def _most_named(text: str) -> str:
    """Return the name the text uses most; without one, the plain `this`."""
    names = re.findall(r"(?<=[a-z,;] )(?:[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)", text[:5000])
    common = Counter(names).most_common(1)
    return common[0][0] if common and common[0][1] > 1 else "this"
