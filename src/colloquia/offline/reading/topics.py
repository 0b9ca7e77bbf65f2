"""What a snippet is about, named as it stands inside a sentence."""

import re
from collections.abc import Sequence

from colloquia.language.inflection import lemmas
from colloquia.language.tagging import Token, tag
from colloquia.language.words import words

NO_TOPIC = "this passage"
_MASS_NOUN = re.compile(r"(?:ing|ism|ity|ness|ion|ics|y|s|ance|ence)$")  # by its ending, mostly
# A name is used by itself before one of these; before a noun it only qualifies: Huguenot numbers.
_BY_ITSELF = (
    r"(?=[,.;:)]|\s+(?:is|was|were|are|had|has|have|in|on|at|and|of|to|by|from|as|who|which|that|"
    r"with|for|did|became|could|can|began|settled|\w+ed)\b)"
)


def topic_of(text: str, title: str | None, subjects: Sequence[str]) -> str:
    """Name what the snippet is about: by its title, else by the subject it speaks of most."""
    if title and title.strip():
        return _titled(title.replace("_", " ").strip(), text)
    counts: dict[str, int] = {}
    for subject in subjects:
        if len(words(subject)) <= 6:
            counts[subject] = counts.get(subject, 0) + 1
    # the first of the most frequent
    return max(counts, key=lambda subject: counts[subject]) if counts else NO_TOPIC


def _titled(title: str, text: str) -> str:
    """Give a title the article, number and case that the text uses it with."""
    if title.startswith("The ") and not re.search(rf"[a-z,;] {re.escape(title)}\b", text):
        return f"the {title[4:]}"
    common = (
        title[1:] == title[1:].lower()
        and bool(lemmas(title.lower().split()[0]))
        and "NOUN" in lemmas(title.lower().split()[-1])
    )
    if _only_countable(title, text):
        return f"the {title[:1].lower() + title[1:] if common else title}"
    said = _as_said(title, text, common=common)
    best = max(said, key=lambda form: said[form]) if said else title
    if not common or (said and best.lower() != title.lower()):
        return best
    lowered = title[:1].lower() + title[1:]
    countable = " " in title and not _MASS_NOUN.search(title)
    return f"the {lowered}" if countable else lowered


def _as_said(title: str, text: str, *, common: bool) -> dict[str, int]:
    """Return each form the text uses a title in, with how much speaks for it."""
    follows = r"(?! (?-i:[A-Z]))" if common else _BY_ITSELF
    said: dict[str, int] = {}
    forms = (f"the {title}s", f"{title}s", f"the {title}", title)
    for form in forms[1:] if common else forms:
        # only "The X" says how X is written even where a sentence begins with it
        anywhere = "" if form.startswith("the ") else r"(?<![.!?] )(?<!^)"
        found = re.findall(rf"{anywhere}\b{re.escape(form)}\b{follows}", text, re.I)
        if found:
            article = found[0].lower().startswith("the ")
            name = found[0][:1].lower() + found[0][1:] if article else found[0]
            said[name] = len(found) + article
    return said


def _only_countable(title: str, text: str) -> bool:
    """Whether the text never names it without an article: a Fresnel lens, the Fresnel lens."""
    name = re.escape(title)
    if title.startswith("the ") or title.endswith("s"):
        return False
    every = re.findall(rf"(?:(\w+)\s+)?\b{name}\b(?!s| [A-Z])", text, re.I)
    with_article = [word for word in every if word.lower() in {"a", "an", "the", "this"}]
    one = any(word.lower() in {"a", "an"} for word in with_article)
    return one and len(with_article) == len(every)


def topic_head(topic: str) -> Token:
    """Return the word that says what kind of thing a topic is: `invention` of the piano."""
    tokens = tag(topic)
    linked = (at for at, token in enumerate(tokens) if token.tag in {"IN", "TO"} and at)
    return tokens[next(linked, len(tokens)) - 1]
