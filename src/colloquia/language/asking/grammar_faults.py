"""What is broken in the English of a question, as far as its parse can tell for sure.

Whoever types in a hurry leaves out marks, capitals and whole verbs, and is understood. What nobody
types is a word twice, a sentence that stops short, or a verb that lacks its auxiliary or disagrees.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.language.asking.questions import asking_sentences, bare_question, weighty_words
from colloquia.language.lexicon import word_set
from colloquia.language.reading.parsing import parse
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS, words

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_TWICE = re.compile(
    r"\b(the|an?|of|in|is|was|were|are|to|for|by|did|does|and|on|at|with|from|what|how)\s\1\b(?!-)",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b((?:is|are|was|were|has|have) \w+)\b.*\b\1\W*$", re.IGNORECASE)
#: Does season always ticket are not refunded?
_HELPED_TWICE = re.compile(
    r"\b(?:do|does|did)\b[^,.?!]* always [^,.?!]*? (is|are|was|were)\b", re.I
)
_STOPS_SHORT = word_set(
    "a an the my your our their its every and or but than whether because if whose"
)
_TELLING = word_set("learn tell know say")
_KINDS = word_set("kind sort type one some most")
_FINITE = word_set("VBZ VBP VBD MD")
_AUX = word_set(
    "is are was were do does did has have had can could will would shall should may might must 's"
)
_WH = word_set("WP WRB WDT")
_LOOSE = word_set("IN TO RB CC , :")
_BEFORE_BASE = word_set("MD TO RB")
_SHORT_FORMS = word_set("else about if come")  # What about ships? What if it rains? How come?
_FEW_WORDS = 3
_ASKS = re.compile(r"(?:what|who|when|where|why|how)\b", re.IGNORECASE)
_BARE_WORD = re.compile(r"[a-z]+?(?=n['’]t)|[a-z]+")  # is of isn't
_NAMING = word_set("NOUN PROPN PRON ADJ")  # a noun taken for an adjective: what is fluid made of?
_SUBJECTS = {"nsubj", "nsubjpass"}
_SINGULAR, _PLURAL = word_set("is was does has"), word_set("are were do have")
_DOES = word_set("do does did")
_MAY_BE_BASE = word_set("do have does has")
_PRONOUNS = {"it": False, "he": False, "she": False, "they": True, "we": True, "you": True}
#: Either number will do, or the parse can't tell.
COLLECTIVE = word_set(
    "number majority minority group team variety lot range rest pair couple half most percentage "
    "people police data media staff family government board series species crew army none kind "
    "type sort"
)


def grammar_fault(question: str) -> str | None:
    """Return what is broken in an English question, as a plain clause, or None."""
    if found := _TWICE.search(question) or _AGAIN.search(question):
        return f"{found[1]!r} stands twice"
    if found := _HELPED_TWICE.search(question):
        return f"{found[1]!r} has an auxiliary already"
    for last in _loose_end(question):
        if fault := _stops_short(parse(last, entities=False)):
            return fault
    for before, bare in _suspects(question):
        doc = parse(bare, entities=False)
        indirect = before[-1:].isalnum() and len(words(before)) > 1  # Any idea what it gives?
        opens = len(doc) > _FEW_WORDS and doc[0].tag_ in _WH and not indirect
        if fault := (opens and (_unhelped(doc) or _verbless(doc))) or _disagreeing(doc):
            return fault
    return None


def parsed_for_faults(question: str) -> list[str]:
    """Return what `grammar_fault` parses, for who has it parsed with other questions."""
    return [*_loose_end(question), *(bare for _, bare in _suspects(question))]


def _loose_end(question: str) -> Iterator[str]:
    """Yield the last sentence if its last word is one that sentences seldom end with."""
    for last in split_sentences(question)[-1:]:
        if any(word.lower() in FUNCTION_WORDS for word in words(last.text)[-1:]):
            yield last.text


def _suspects(question: str) -> Iterator[tuple[str, str]]:
    """Yield the bare questions whose parse could show a fault, and what stands before each."""
    for sentence in asking_sentences(question):
        bare = bare_question(sentence)
        before = sentence.removesuffix(bare).rstrip()
        if _ASKS.match(before):
            bare, before = sentence, ""  # What you tell me about it?
        if _may_be_broken(bare):
            yield before, bare


def _may_be_broken(bare: str) -> bool:
    """Whether a parse could find a fault: nothing may disagree, and an auxiliary stands second."""
    spoken = _BARE_WORD.findall(bare.lower())
    return not (set(spoken[1:2]) <= _AUX) or not (_SINGULAR | _PLURAL).isdisjoint(spoken)


def _stops_short(doc: "Doc") -> str | None:
    """What gives the? Where should I start with?"""
    said = [token for token in doc if not token.is_punct and not token.is_space]
    if len(said) < _FEW_WORDS:
        return None
    last, before = said[-1], said[-2]
    if (last.lower_ in _STOPS_SHORT and last.text.islower()) or (
        last.lower_ == "of" and before.lower_ in _KINDS
    ):
        return f"it stops short after {last.text!r}"
    if last.tag_ not in ("IN", "TO") or last.dep_ not in ("prep", "mark", "agent", "aux", "dative"):
        return None
    return None if _may_strand(last) else f"it stops short after {last.text!r}"


def _may_strand(last: "Token") -> bool:
    """Whether a preposition may end a question: what is it made of, where is it from."""
    if last.lower_ in ("as", "like") or last.head.dep_ in ("relcl", "acl"):
        return True
    asked = set(weighty_words(bare_question(last.doc.text)))
    if last.head.lemma_ in _TELLING and asked <= {last.head.text, "first"}:
        return False  # What do we learn about?
    if last.head.head.lower_ == "about":
        return False  # What about the nobility of?
    if last.lower_ in ("from", "to", "at") and any(t.lower_ == "where" for t in last.doc):
        return True
    wh = [t for t in last.doc if t.tag_ in ("WP", "WDT", "WP$") or t.lower_ in ("many", "much")]
    subjects = [t for t in last.doc if t.dep_ in _SUBJECTS]
    others = [t for t in subjects if not any(w in t.subtree for w in wh)]
    verb, helped = last.head, last.doc[0] in wh and last.doc[1].lower_ in _AUX
    inner = (
        helped and verb.tag_[:2] == "VB" and any(t.pos_ in _NAMING for t in last.doc[2 : verb.i])
    )
    return bool(wh) and bool(last.lower_ == "by" or others or inner or not subjects)


def _verbless(doc: "Doc") -> str | None:
    """What the main points? What centrifugal forces?"""
    first, after = doc[0], doc[1]
    if after.tag_ in _LOOSE or after.lower_ in _SHORT_FORMS:
        return None
    if first.tag_ == "WP" and after.tag_ in ("VB", "VBP") and after.lower_ not in _AUX:
        return f"{after.text!r} doesn't agree with {first.text!r}"
    if any(t.tag_ in _FINITE or t.lower_ in _AUX or "'" in t.text or "’" in t.text for t in doc):
        return None
    may_be_finite = any(t.tag_ in ("VBN", "VB") and t.lower_ != "be" for t in doc)
    inverts = first.tag_ == "WRB" and after.lower_ not in ("many", "much")  # How frames put?
    return None if may_be_finite and after.tag_ != "DT" and not inverts else "it has no verb"


def _unhelped(doc: "Doc") -> str | None:
    """What gluten gives? When the mill was built?"""
    first, opening = doc[0], doc[1]
    if (first.lower_, opening.lower_) == ("how", "come"):
        return None
    for root in (sentence.root for sentence in doc.sents):
        subject = next((token for token in root.children if token.dep_ in _SUBJECTS), None)
        sure = opening.tag_ in ("DT", "PRP", "PRP$") or root.tag_ in ("VB", "VBP")
        asked = root.pos_ in ("VERB", "AUX") and first.head in (root, *root.children)
        if not (subject and sure and asked and 0 < subject.i < root.i):
            continue
        helped = any(token.lower_ in _AUX or token.tag_ == "MD" for token in doc[: root.i])
        if not helped and first not in subject.subtree:
            return f"{root.text!r} lacks its auxiliary"
    return None


def _disagreeing(doc: "Doc") -> str | None:
    """What do gluten give? Which points is disputed?"""
    for verb in doc:
        low = verb.lower_
        helper = next((t for t in verb.lefts if t.tag_ == "MD" or t.lower_ in _DOES), None)
        if low not in _SINGULAR | _PLURAL:
            continue
        if helper is not None and verb.tag_ == "VBZ":
            return f"{verb.text!r} can't follow {helper.text!r}"
        if low in _MAY_BE_BASE and (verb.pos_ != "AUX" or doc[verb.i - 1].tag_ in _BEFORE_BASE):
            continue
        subjects = _subjects(verb)
        numbers = [_many(token) for token in subjects]
        if numbers and None not in numbers and (low in _PLURAL) not in numbers:
            return f"{verb.text!r} doesn't agree with {subjects[0].text!r}"
    return None


def _subjects(verb: "Token") -> "list[Token]":
    doc, chunks = verb.doc, list(verb.doc.noun_chunks)
    after = [c.root for c in chunks if c.start == verb.i + 1]
    opening = [
        c.root for c in chunks if c.start == 0 and 1 < c.end <= verb.i and c[0].tag_ in _WH
    ]  # fmt: skip
    if after and any(token.pos_ == "VERB" for token in doc[verb.i + 1 :]):
        return after
    beside = [c for c in chunks if c.start > 0 and c.end == verb.i and verb.lower_ != "were"]
    if beside and doc[beside[-1].start - 1].dep_ in {"mark", "advmod"}:
        return [beside[-1].root]  # What happens if payment are late?
    finite = any(t.tag_ in _FINITE for t in doc[: verb.i])
    return after + (opening if after or not finite else [])


def _many(token: "Token") -> bool | None:
    """Whether a subject is plural; None where it may be either."""
    if token.lower_ in ("people", "police"):
        return True
    if token.lower_ in COLLECTIVE or any(t.dep_ in ("conj", "cc") for t in token.children):
        return None
    match token.tag_:
        case "PRP":
            return _PRONOUNS.get(token.lower_)
        case "NNS":
            told = token.text.islower() and token.lemma_ != token.lower_
            return True if told and not token.text.endswith("ics") else None
        case "NN" | "NNP":
            return None if token.lower_.endswith("s") else False
        case _:
            return None
