"""What a snippet is about, named as it stands inside a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect, lemmas
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import lowered

if TYPE_CHECKING:
    from spacy.tokens import Doc

READ = 5000  # of a text; by then it has shown how it speaks of its topic
_ASKING = re.compile(r"(?:how|why|what|who|when|where|which|whether)\b", re.I)
_TURNED = re.compile(
    r"(?:(?:how|why|what|who|when|where|which)(?: \w+)? )?"
    r"(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have|may|must)\b.*\?$",
    re.I,
)
_NUMBER = re.compile(
    r"(?:(?:chapter|section|part|step)\s+\w+\s*[:.)–—-]\s*|\d+(?:\.\d+)*[.)]\s+|\d+(?:\.\d+)+\s+)",
    re.I,
)
_UNCOUNTED = re.compile(r"(?:ing|[st]ion|ity|ment|ness|[ae]nce|ism|age|ure|y|ics|th|hood|ship)$")
_SOME = word_set(
    "each every some many most both various several any no all few its their his her this these "
    "those other one"
)
_UNFIT = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|bulk|majority)\b|self\b", re.I
)
_SHORT = 6  # words of a topic read off the text
_FRAME = 5  # where a topic begins in the sentence that shows how it is read
_SMALL = word_set("a an the and or of in on at to for from by with under over this these its")
_DOES = re.compile(r"[A-Z][a-z]+ing\b")
# Names that end so have an article, whether the text shows it or not.
_ARTICLED = word_set(
    "api act code convention treaty protocol museum war church empire union company council "
    "committee revolution dynasty programme program crisis rainforest parliament river sea"
)
_OF_SOMETHING = word_set(
    "university battle siege bank house kingdom republic duchy isle gulf bay ministry department "
    "institute church empire order court city school bishop archbishop duke earl king queen"
)
_NAMED = frozenset({"GPE", "LOC", "FAC", "PERSON"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_WITHIN_ANOTHER = frozenset({"compound", "nmod", "amod"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The subject of a snippet."""

    name: str
    """What follows `about`: the Nile, applying varnish, how gluten forms; `this` if unnamed."""
    doing: bool = False
    """Whether it names something one does."""
    asking: bool = False
    """Whether it is a question put indirectly."""
    place: bool = False
    """Whether it names a town or a country."""


def topic_of(text: str, title: str | None) -> Topic:
    """Name what the snippet is about, by its title, in the case and number that the text uses."""
    docs = parse_all(sentence.text for sentence in split_sentences(text[:READ]))
    names = _names(title, text)
    if not names:
        return Topic(name=_first_named(docs))
    whole, *parts = (_named(name, docs) for name in names)
    if parts:
        return replace(parts[0], name=f"{parts[0].name} in {whole.name}")
    return Topic(name=_first_named(docs)) if _only_within(whole.name, docs) else whole


def parsed_for_topic(text: str, title: str | None) -> list[str]:
    """Return what `topic_of` parses beside the text: a title alone, and in a sentence."""
    return [form for name in _names(title, text) for form in (name, _framed(name))]


def _names(title: str | None, text: str) -> list[str]:
    """Return a title in the case of running text; of `Whole: part` both, none of a question."""
    plain = re.sub(r"\s+", " ", (title or "").replace("_", " ")).strip(" .:")
    plain = re.sub(r"\s*\([^()]*\)$", "", _NUMBER.sub("", plain, count=1))
    if not plain or _TURNED.match(plain):
        return []
    parts = [part for part in re.split(r": | [|–—-] ", plain, maxsplit=1) if part]
    return [_cased(part, text) for part in parts]


def _only_within(name: str, docs: Sequence[Doc]) -> bool:
    """Whether a people's name is only said of others, so that it can't be told how it is used."""
    if not re.fullmatch(r"[A-Z][a-z]+[^s\W]", name) or any(_used(name, docs)):
        return False
    found = [t for doc in docs for t in doc if t.text == name]
    return bool(found) and not any(t.ent_type_ in _NAMED for t in found)


def _framed(name: str) -> str:
    return f"She gave a talk on {name}."


def _named(name: str, docs: Sequence[Doc]) -> Topic:
    if _ASKING.match(name):
        return Topic(name=name.rstrip("?"), asking=True)
    alone, framed = parse_all((name, _framed(name)), entities=False)
    first = alone[0]
    orders = first.tag_ == "VB" and any(child.dep_ == "dobj" for child in first.children)
    if orders and name[:1].islower():
        return Topic(name=f"how to {name}", asking=True)
    begin = framed[_FRAME]
    doing = begin.tag_ == "VBG" and begin.dep_ not in {"amod", "compound"}
    if doing and " " in name and not any(_used(name, docs)):  # a pumping station is a thing
        return Topic(name=name, doing=True)
    if re.match(r"(?:the|an?) ", name, re.I):
        return Topic(name=lowered(name))
    place = any(t.text == name and t.ent_type_ == "GPE" for doc in docs for t in doc)
    return Topic(name=_with_article(name, framed, docs), place=place)


def _cased(title: str, text: str) -> str:
    """Return a title with the case that its words have inside a sentence."""
    if re.search(rf"[a-z,;(] {re.escape(title)}\b", text):
        return title
    if title.isupper() and " " in title:
        title = title.capitalize()
    first, *rest = title.split(" ")
    long = [word for word in rest if len(word) > 3]
    headline = bool(long) and all(word[:1].isupper() for word in long)
    if not re.fullmatch(r"[A-Z](?:[a-z'’-]*\W*)", first) or not _common(first, text):
        return title
    if headline and not (_DOES.match(title) or all(_written_small(word, text) for word in long)):
        return title  # a name: the Black Death
    small = [word.lower() if headline and _common(word, text) else word for word in rest]
    return " ".join([first.lower(), *small])


def _written_small(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word.lower().rstrip('.,:;?'))}\b", text) is not None


def _common(word: str, text: str) -> bool:
    """Whether a capitalised word is no name."""
    bare = re.sub(r"['’]s?$|\W+$", "", word)
    known = bare.lower() in _SMALL or all(lemmas(part.lower()) for part in bare.split("-"))
    small = _written_small(bare, text)
    within = re.search(rf"[\w,;(] {re.escape(bare)}\b", text)
    return (known and small) if within else (known or small)


def _with_article(name: str, framed: Doc, docs: Sequence[Doc]) -> str:
    """Give a name the article or the number that the text uses it with."""
    if re.match(r"[\w’'-]+['’]s? ", name):
        return name  # Newton's laws
    objects = [child for child in framed[_FRAME - 1].children if child.dep_ == "pobj"]
    head = objects[0] if objects else framed[-2]
    one = name.removesuffix("s")
    said = {name, *(token.text for doc in docs for token in doc)}
    peoples = {t.text for doc in docs for t in doc if t.ent_type_ == "NORP"} & {one, f"{one}s"}
    several = {one, f"{one}s"} <= said or (peoples and one != name)
    if re.fullmatch("[A-Z][^ ]*", name) and several and not lemmas(one.lower()):
        return f"the {one}s"  # a people
    if re.fullmatch("[a-z]+", name):
        one = rf"\ban? (?:[\w-]+ ){{0,3}}{name}\b"
        kinds = any(re.search(one, doc.text, re.I) for doc in docs)  # a force, a normal force
        return inflect(name, "NNS") if kinds else _common_name(name, *_used(name, docs))
    several = head.tag_ == "NNS" and any(child.lower_ == "of" for child in head.children)
    if several or re.match(rf"(?:{'|'.join(_OF_SOMETHING)}) of ", name, re.I):
        return f"the {name}"  # the steps of a treatment, the Battle of Hastings
    if head.tag_ == "NNS" or any(child.dep_ == "conj" for child in head.children):
        return name
    used, plurals = _used(name, docs)
    own = head.text.lower()
    if not used and not plurals and own != name and name.endswith(own):
        used, heads = _used(own, docs)
        plurals = Counter({name[: -len(own)] + form: times for form, times in heads.items()})
    least = 1 if name[:1].islower() and not own.endswith("ing") else 2  # one may be a misreading
    most = max(used[""], plurals.total() if " " in name else plurals.total() * len(docs))
    if used["the"] >= least and used["the"] > most:
        return f"the {name}"
    if plurals and name[:1].islower():
        return max(plurals, key=plurals.__getitem__)
    single = re.fullmatch(r"[a-z]+(?<!ing) [a-z]+", name) and not _UNCOUNTED.search(own)
    alone = used["a"] or single or (own in _ARTICLED and not name[:1].islower())
    return f"the {name}" if alone and not used[""] else name


def _common_name(name: str, used: Counter[str], plurals: Counter[str]) -> str:
    """Name a thing of one word as such: forces, force; the force only where it is the only one."""
    if plurals:
        return max(plurals, key=plurals.__getitem__)
    if used[""] or not (used["a"] or used["the"]):
        return name
    return inflect(name, "NNS") if used["a"] else f"the {name}"


def _used(name: str, docs: Sequence[Doc]) -> tuple[Counter[str], Counter[str]]:
    """Count the articles that a name has in the text, and its plurals."""
    used: Counter[str] = Counter()
    plurals: Counter[str] = Counter()
    for doc in docs:
        for found in re.finditer(rf"\b{re.escape(name)}((?:e?s)?)\b", doc.text, re.I):
            span = doc.char_span(found.start(), found.end())
            head = span.root if span else None
            if span is None or head is None or head.pos_ not in {"NOUN", "PROPN"}:
                continue
            if head.dep_ in {"poss", *_WITHIN_ANOTHER}:
                continue
            if found.group(1):
                plurals[name + found.group(1)] += 1
                continue
            before = [child for child in head.children if child.i < span.start]
            if any(child.dep_ in _WITHIN_ANOTHER for child in before):
                continue  # the applied force is not the force
            article = [child for child in head.children if child.dep_ in {"det", "poss"}]
            said = article[0].lower_ if article else ""
            used[{"an": "a", "this": "the"}.get(said, said)] += 1
    return used, plurals


def _first_named(docs: Sequence[Doc]) -> str:
    """Return the first subject that the text names, or else its first noun phrase, or `this`."""
    chunks = [chunk for doc in docs for chunk in doc.noun_chunks if chunk.root.pos_ != "PRON"]
    spans = []
    for chunk in (chunk for chunk in chunks if chunk.root.dep_ in _SUBJECTS):
        begin = next((c.i for c in chunk.root.children if c.dep_ == "det"), chunk.start)
        whole = chunk.doc[begin : chunk.root.right_edge.i + 1]
        short = len(whole) <= _SHORT and "(" not in whole.text
        spans.append(whole if short else chunk.doc[begin : chunk.end])
    for span in (*spans, *chunks):
        if len(span) <= _SHORT and span[0].lower_ not in _SOME and not _UNFIT.search(span.text):
            named = span[0].pos_ == "PROPN" and not _common(span[0].text, span.doc.text[1:])
            said = " ".join(span.text.split())
            return said if span.start or named else lowered(said)
    return "this"
