"""The whole in a few words: what says what the thing is, and whether that is asked for."""

import re
from itertools import groupby

from colloquia.language.reading.words import content_words, finish, held, words
from colloquia.offline.reading.clauses import bare
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study, without_marks

MAX_WORDS = 90
_FEW = 3  # statements that are left to be asked about
# It goes on from something that an overview hasn't said.
_GOING_ON = re.compile(
    r"(?:\W*[\w'’-]+){0,3}?\W*\b(?:then|therefore|this|these|those|such|another|further|otherwise|"
    r"in addition|by contrast|for example|in particular|similarly|likewise|"
    r"even before|too)\b"
    r"|.*\b(?:do|does|did) (?:it|so)\b|.*\b(?:of|by|for|from|with|any) (?:this|these|such)\b"
    r"|(?!.*\bbut\b.*\balso\b).*\balso\b(?! (?:called|known|named))"
    r"|.*\b(?:that (?:moment|time|point|year)|the (?:two|latter|former)|instead(?! of))\b", re.I,
)  # fmt: skip
# It is one of several, which would be broken off: of three tests, the first.
_COUNTING = re.compile(
    r"(?:The )?(?:First|Second|Third|Result)(?:,| (?:is|was|one|of)\b)|(?:Next|Finally|Later|One),"
    r"|Then\b|Some time later|See\b|\(", re.I,
)  # fmt: skip
_SOME = re.compile(r"(?:\w+ly )?(?:few|many|some|several|most)", re.I)
_LIST = re.compile(r"[A-Z]\w+: ")
_OVERVIEW = re.compile(
    r"\b(?:overview|main (?:points?|facts?|things?)|sum(?:marise|marize)?\b.* (?:up|for)|summary|"
    r"gist|basics|big picture|introduction|should I know|where should I start|in a nutshell|"
    r"tell me (?:about|something)|one thing to know|(?:should|do) I (?:know|start)|"
    r"what can you tell me|what is .{1,60} about|"
    r"explain\b|walk me through|run me through|what's involved|what does .{1,40} involve)\b", re.I,
)  # fmt: skip


def asks_for_overview(question: str) -> bool:
    """Whether a question wants the whole rather than one thing about it."""
    return _OVERVIEW.search(question) is not None


def central(studied: Study) -> list[Statement]:
    """Choose the sentence or two that say what the thing is.

    They begin where the text can be understood from, and stand together, so that they read as one.
    The second is there if it reaches more of the topic, or if enough is left to be asked about.
    """
    whole = [s for s in studied.statements if not s.loose and _whole(s)]
    plain = [s for s in whole if _begins(s)]
    told = [s for s in studied.statements if s.clauses]
    first = [*plain, *whole, *told, *studied.statements][0]
    chosen = [s for s in studied.statements[first.index :] if s.sentence == first.sentence]
    after = [s for s in studied.statements if s.sentence == first.sentence + 1]
    broken = after and (_COUNTING.match(after[0].quote) or after[-1].quote[-1:] in ":!?")
    if not after or broken or len(words(_quoted(*chosen, *after))) > MAX_WORDS:
        return chosen
    left = len(studied.statements) - len(chosen) - len(after)
    unreached = set(content_words(studied.topic.name)) - set(
        held(content_words(studied.topic.name), _quoted(*chosen))
    )
    more = left > _FEW or (left and held(unreached, _quoted(*after)))
    return [*chosen, *after] if more else chosen


def overview_text(studied: Study) -> str:
    """Return the overview: its first sentence able to stand alone, the next as it follows."""
    said: list[str] = []
    for _, parts in groupby(central(studied), key=lambda s: s.sentence):
        first, *rest = parts
        opening = first.quote if said else first.said
        if rest:
            stopped = opening if first.quote.endswith(".") else opening.rstrip(".")  # at 9 a.m.
            opening = stopped + studied.text[first.end : rest[-1].end]
        said.append(finish(without_marks(opening)))
    return " ".join(said)


def says_something(studied: Study) -> bool:
    """Whether a text has a sentence at all: a list of names says nothing."""
    return any(s.clauses and not _LIST.match(s.quote) for s in studied.statements)


def _begins(statement: Statement) -> bool:
    """Whether a statement can be understood by who has heard nothing yet."""
    nameless = statement.main and _SOME.fullmatch(statement.main.subject_text)
    goes_on = _GOING_ON.match(bare(statement.said)) or _COUNTING.match(statement.quote)
    return not (goes_on or nameless)


def _quoted(*statements: Statement) -> str:
    return " ".join(s.quote for s in statements).replace("-", " ")


def _whole(statement: Statement) -> bool:
    lists = _LIST.match(statement.quote) or statement.quote.rstrip().endswith(":")
    broken = statement.index == 0 and statement.quote[:1].islower()  # where  is the area, …
    alone = not lists and not broken and "aforementioned" not in statement.said
    return len(words(statement.said)) >= 5 and alone
