"""Tokens with parts of speech (Penn tags) and exact offsets.

The lexicon is the one textblob carries in its wheel; the words are cut here, because a tagger that
cuts its own words loses their offsets, and a second pass mends what a lexicon can't know: a word's
neighbours decide between noun and verb, past and participle.
"""

import itertools
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from colloquia.language.inflection import can_be_noun, can_be_verb, inflections, lemmas
from colloquia.language.lexicon import word_set
from colloquia.language.numbers import is_number_word

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Col|Lt|Jr|Sr|No|vs|ca|c)\.(?=\s)"
    r"|[A-Z]\.(?=\s[A-Z][a-z])"  # the initial in John W. Weeks
    r"|[$€£¥]?\d+(?:[.,:]\d+)*(?:[^\W\d_][^\W_]*)?"
    r"|['’](?:s|re|ve|ll|d|m)\b"
    r"|[^\W_]+?(?=n['’]t\b)|n['’]t\b"
    r"|[^\W_]+(?:[\-‑.&/][^\W_]+|['’](?!s\b|re\b|ve\b|ll\b|d\b|m\b)[^\W_]+)*"
    r"|\.\.\.|[^\w\s]|_+"
)
_NUMBER = re.compile(r"[$€£¥]?\d[\d.,:]*")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)

_BE_FORMS = word_set("be am is are was were been being 's 're 'm")
_HAVE_FORMS = word_set("have has had having 've")
_DO_FORMS = word_set("do does did")
_MODALS = word_set("will would shall should can could may might must")
_FIXED = {
    "that": "IN", "which": "WDT", "who": "WP", "whom": "WP", "whose": "WP$", "what": "WP",
    "because": "IN", "although": "IN", "though": "IN", "while": "IN", "whereas": "IN", "if": "IN",
    "to": "TO", "and": "CC", "or": "CC", "but": "CC", "nor": "CC", "not": "RB", "n't": "RB",
    "n’t": "RB", "the": "DT", "a": "DT", "an": "DT", "this": "DT", "these": "DT", "those": "DT",
    "both": "DT", "its": "PRP$", "their": "PRP$", "his": "PRP$", "our": "PRP$", "your": "PRP$",
    "my": "PRP$", "it": "PRP", "they": "PRP", "he": "PRP", "she": "PRP", "we": "PRP",
    "you": "PRP", "i": "PRP", "them": "PRP", "him": "PRP", "us": "PRP", "there": "EX",
    "when": "WRB", "where": "WRB", "why": "WRB", "how": "WRB", "such": "JJ", "many": "JJ",
    "most": "JJS", "more": "JJR", "several": "JJ", "own": "JJ", "'s": "POS", "’s": "POS",
    "during": "IN", "including": "IN", "according": "IN", "than": "IN", "as": "IN", "like": "IN",
    "per": "IN", "due": "JJ", "also": "RB", "early": "JJ", "late": "JJ", "first": "JJ",
    "second": "JJ", "third": "JJ", "half": "NN", "people": "NNS", "only": "RB", "however": "RB",
    "later": "RB", "often": "RB", "various": "JJ", "other": "JJ", "last": "JJ", "next": "JJ",
    "few": "JJ",
}  # fmt: skip
# Read as verbs after a noun and before a preposition: The cascade results in …
_INTRANSITIVE = word_set("results leads refers belongs depends consists serves")
# After a noun these are nearly always participles: a town called Ilium, a device used for …
_NAMING = word_set("called named known based located situated titled entitled dubbed termed used")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark with its Penn tag and its place in the text it was cut from."""

    text: str
    start: int
    end: int
    tag: str

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()


@lru_cache(maxsize=1)
def load_lexicon() -> Callable[[list[str]], list[list[str]]]:
    """Return the tagger of bare words, its lexicon loaded."""
    with warnings.catch_warnings():
        # textblob leaves its lexicon file open for the garbage collector, which warns about it
        warnings.simplefilter("ignore", ResourceWarning)
        from textblob.en import parser

        parser.find_tags(["warm", "up"])
    find_tags: Callable[[list[str]], list[list[str]]] = parser.find_tags
    return find_tags


def tokenize(text: str) -> list[tuple[str, int, int]]:
    """Cut text into words and marks, each with its offsets."""
    return [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]


@lru_cache(maxsize=8192)
def tag(text: str) -> tuple[Token, ...]:
    """Return a sentence's tokens with their tags."""
    pieces = tokenize(text)
    names = [piece[0] for piece in pieces]
    tags = [entry[1] for entry in load_lexicon()(names)] if names else []
    for index, word in enumerate(names):
        tags[index] = _shape_tag(word, tags[index], first=index == 0)
    for index in _owners(pieces):
        tags[index] = "POS"
    for index in range(len(names)):
        tags[index] = _context_tag(names, tags, index)
    missing = _missing_verb(names, tags)
    if missing is not None:
        tags[missing] = "VBD"
    return tuple(Token(*piece, name) for piece, name in zip(pieces, tags, strict=True))


def _missing_verb(names: list[str], tags: list[str]) -> int | None:
    """Return the participle that must be the verb: Jon Palm, a farmer, | sighted a comet."""
    if not tags or tags[0] != "NNP" or {"VBD", "VBZ", "VBP", "MD"} & set(tags):
        return None
    commas = [index for index, name in enumerate(tags) if name == ","]
    for opening, closing in itertools.pairwise(commas):
        verb = closing + 1
        aside = tags[opening + 1] in {"DT", "CD"} and tags[opening - 1] == "NNP"
        passive = names[verb + 1 : verb + 2] in ([], ["by"])
        if aside and not passive and tags[verb] == "VBN" and _can_be_past(names[verb]):
            return verb
    return None


def _can_be_past(word: str) -> bool:
    lower = word.lower()
    return any(lower in inflections(base).get("VBD", ()) for base in lemmas(lower).get("VERB", ()))


def _owners(pieces: list[tuple[str, int, int]]) -> Iterator[int]:
    """Yield the apostrophes that end a word, as in the islanders' homes, and close no quote."""
    opened = False
    for index, (word, start, _) in enumerate(pieces):
        if word not in {"'", "’", "‘"}:
            continue
        glued = index > 0 and pieces[index - 1][2] == start
        if glued and not opened:
            yield index
        opened = not glued


def _shape_tag(word: str, guess: str, *, first: bool) -> str:
    """Mend what the form of the word alone decides."""
    lower = word.lower()
    if lower in _FIXED and not (len(word) > 1 and word.isupper() and not first):
        return _FIXED[lower]  # US is no pronoun
    if lower in _MODALS and not word.istitle():
        return "MD"
    if _ORDINAL.fullmatch(word):
        return "JJ"
    if _NUMBER.match(word) or is_number_word(lower):
        return "CD"
    if word == "%":
        return "NNS"
    if not any(char.isalnum() for char in word):
        return word if word in ",:;()[]" else ("." if word in ".!?…" else "SYM")
    if word[0].isupper() and not first:
        return "NNPS" if _plural_name(word) else "NNP"
    if first and not lemmas(lower) and guess.startswith("NN"):
        return "NNPS" if _plural_name(word) else "NNP"
    return _common_tag(lower, guess)


def _common_tag(lower: str, guess: str) -> str:
    if guess in {"NN", "NNP"} and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        base = lemmas(lower).get("NOUN", ())
        guess = "NNS" if base and lower not in base else "NN"
    if guess == "NNP" and lower in lemmas(lower).get("NOUN", ()):
        return "NN"
    if guess == "NN" and not can_be_noun(lower) and can_be_verb(lower):
        return _verb_form(lower)
    return guess


def _plural_name(word: str) -> bool:
    return (
        len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os"))
    )


def _verb_form(lower: str) -> str:
    for base in lemmas(lower).get("VERB", ()):
        table = inflections(base)
        for form in ("VBD", "VBN", "VBG", "VBZ", "VB"):
            if lower in table.get(form, ()):
                return form
    return "VB"


def _previous(names: list[str], tags: list[str], index: int) -> int:
    """Return the index of the word before, adverbs skipped; -1 at the start."""
    index -= 1
    while index >= 0 and tags[index] == "RB":
        index -= 1
    return index


def _context_tag(names: list[str], tags: list[str], index: int) -> str:
    """Mend what the words before decide: participle or past, verb or noun."""
    own, lower = tags[index], names[index].lower()
    if lower in _BE_FORMS | _HAVE_FORMS | _DO_FORMS and own != "POS":
        return _auxiliary_tag(names, tags, index)
    if names[index] == "I" and index > 0 and tags[index - 1] in {"NNP", "NN"}:
        return "NNP"  # a number: Richard I, type I
    if own in {"NNP", "NNPS", "CD", "MD", "DT", "IN", "TO", "CC", "PRP", "PRP$"}:
        return own
    before = _previous(names, tags, index)
    if before < 0:
        return own
    if own == "RB" and tags[index - 1] == "DT" and can_be_noun(lower):
        return "NN"  # the well
    if own == "JJ" and tags[index - 1] == "POS" and can_be_noun(lower):
        follows = tags[index + 1] if index + 1 < len(tags) else "."
        return "NN" if follows in {"IN", "TO", ".", ",", "CC"} else own  # the world's fair of 1889
    if own == "FW" and tags[before] == "NNP":
        return "NNP"  # de, la, von inside a name
    if own in {"VBD", "VBN"}:
        return _past_or_participle(names, tags, index, before)
    return _present_or_noun(names, tags, index, before)


def _present_or_noun(names: list[str], tags: list[str], index: int, before: int) -> str:
    own, lower = tags[index], names[index].lower()
    helped = tags[before] in {"MD", "TO"} or names[before].lower() in _DO_FORMS
    base_form = lower in lemmas(lower).get("VERB", ())
    if helped and base_form and _verb_fits_after(tags[before], own):
        return "VB"
    if own == "VB" and tags[before] in {"PRP", "NNS", "NNPS"}:
        return "VBP"
    if own in {"NN", "NNS"} and tags[before] in {"PRP", "WDT", "WP", "NN", "NNS", "NNP"}:
        return _noun_or_verb(names, tags, index, before)
    if own in {"VB", "VBP", "VBZ", "VBG"} and tags[index - 1] in {"DT", "PRP$", "POS", "JJ"}:
        follows = tags[index + 1] if index + 1 < len(tags) else "."
        return _noun_after_determiner(lower, own, follows)
    return own


def _auxiliary_tag(names: list[str], tags: list[str], index: int) -> str:
    lower, before = names[index].lower(), _previous(names, tags, index)
    helped = before >= 0 and (tags[before] == "TO" or names[before].lower() in _DO_FORMS)
    if helped and lower in {"do", "have"}:
        return "VB"  # did not have, to do
    table = {"be": "VB", "been": "VBN", "being": "VBG", "having": "VBG", "is": "VBZ", "has": "VBZ",
             "does": "VBZ", "was": "VBD", "were": "VBD", "had": "VBD", "did": "VBD"}  # fmt: skip
    return table.get(lower, "VBP")


def _verb_fits_after(before: str, own: str) -> bool:
    return before == "MD" or own.startswith("VB") or own == "NN"


def _past_or_participle(names: list[str], tags: list[str], index: int, before: int) -> str:
    word = names[before].lower()
    if word in _BE_FORMS or word in _HAVE_FORMS:
        return "VBN"
    following = names[index + 1].lower() if index + 1 < len(names) else ""
    if tags[index - 1] == "," and following == "by":
        return "VBN"  # Jon Palm, a printer, followed by his sons
    if tags[index - 1] == "CC" and index > 1 and tags[index - 2] in {"NN", "NNS", "NNP"}:
        return "VBD" if "VBD" in tags[: index - 1] else tags[index]  # bought rye and sold flour
    if tags[index - 1] in {"DT", "PRP$", "JJ", "POS"}:
        return "VBN"  # used as an adjective: the divided country
    if tags[before] in {"PRP", "NNP", "NNPS", "NN", "NNS", "WDT", "WP", "EX"}:
        lower = names[index].lower()
        if lower in _NAMING and tags[before].startswith("NN"):
            return "VBN"
        for base in lemmas(lower).get("VERB", ()):
            table = inflections(base)
            if lower in table.get("VBN", ()) and lower not in table.get("VBD", ()):
                return "VBN"
        return "VBN" if following == "by" and tags[before] != "PRP" else "VBD"
    return tags[index]


def _noun_or_verb(names: list[str], tags: list[str], index: int, before: int) -> str:
    """A noun right after a pronoun or a name may be a verb in the present: He plays."""
    lower = names[index].lower()
    if not can_be_verb(lower):
        return tags[index]
    if tags[before] in {"PRP", "WDT", "WP"}:
        return _verb_form(lower).replace("VBN", "VBD")
    follows = tags[index + 1] if index + 1 < len(tags) else "."
    if tags[index] == "NNS" and tags[before] in {"NNP", "NN"} and follows in {"DT", "PRP$"}:
        return "VBZ"
    if lower in _INTRANSITIVE and tags[index] == "NNS" and follows in {"IN", "TO"}:
        return "VBZ"
    if tags[index] == "NN" and tags[before] == "NNS" and follows in {"DT", "PRP$", "JJ", "NNS"}:
        return "VBP" if lower in lemmas(lower).get("VERB", ()) else tags[index]
    return tags[index]


def _noun_after_determiner(lower: str, own: str, follows: str) -> str:
    if own == "VBG":
        return "NN" if follows in {"VBZ", "VBD", "MD", "."} else "VBG"
    if can_be_noun(lower):
        return "NNS" if lower not in lemmas(lower).get("NOUN", (lower,)) else "NN"
    return own
