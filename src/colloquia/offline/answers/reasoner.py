"""The reasoner: the answerer's own derivation, told as a thought before its answer.

Nothing is made up for it: what is asked, which statement the cheap look would have taken, which one
the careful reading has, and the figure, date or name in it that the question wants.
"""

from collections.abc import Iterator

from colloquia.core.hashing import seed_for
from colloquia.core.roles import AnswererInput, AnswererReply, ReasonerReply
from colloquia.language.asking.questions import AskedFor, asked_for
from colloquia.language.facts.finding import FactKind, find_facts
from colloquia.language.facts.support import is_held
from colloquia.language.reading.words import capital, finish
from colloquia.offline.answers.answerer import answer
from colloquia.offline.choice import pick
from colloquia.offline.questions.read import Reading, read
from colloquia.offline.reading.skim import skim
from colloquia.offline.reading.study import study

_WANTED: dict[AskedFor, str] = {
    "when": "a time",
    "where": "a place",
    "who": "a name",
    "how_many": "a figure",
    "why": "a reason",
    "how": "a way",
    "yes_no": "a yes or no",
}
_FACTS: dict[AskedFor, frozenset[FactKind]] = {
    "when": frozenset({"date", "year", "century"}),
    "where": frozenset({"name"}),
    "who": frozenset({"name"}),
    "how_many": frozenset({"number", "quantity"}),
}
_ASKED = ("I'm asked {aim}.", "What I have to find is {aim}.", "The question is {aim}.")
_FOUND = ("What I know of it: {cited}", "This bears on it: {cited}", "I recall: {cited}")


def reason(given: AnswererInput, *, seed: int) -> ReasonerReply:
    """Answer as the answerer does, with the way to it."""
    reply = answer(given, seed=seed)
    steps = _steps(given, reply, seed=seed_for(seed, given.question, "thought"))
    return ReasonerReply(thought=" ".join(steps), **reply.model_dump())


def _steps(given: AnswererInput, reply: AnswererReply, *, seed: int) -> Iterator[str]:
    text, title, question = given.snippet.text, given.snippet.title, given.question
    found = (
        Reading(answers=True, reason="answered", overview=True)
        if question is None
        else read(question, text=text, title=title, transcript=given.transcript)
    )
    if question is None or found.overview:
        yield "I'm asked for the gist: what it is, and a fact or two."
        yield from (f"A central point: {_cited(quote)}" for quote in reply.quotes)
        yield "The rest can wait for later questions."
        return
    aim = found.candidate.aim if found.candidate else f"this: {question}"
    yield finish(pick(_ASKED, seed=seed, about="asked").format(aim=aim))
    studied = study(text, title)
    at_first = skim(question, studied)
    nearest = None if at_first is None else studied.statements[at_first].quote
    wanted = asked_for(capital(question if found.candidate is None else found.candidate.question))
    if not reply.quotes:
        yield from _silent(nearest, wanted)
        return
    if nearest is not None and nearest not in reply.quotes:
        yield f"At first I think of this: {_cited(nearest)} It shares words, but isn't the answer."
    yield pick(_FOUND, seed=seed, about="found").format(cited=" ".join(map(_cited, reply.quotes)))
    yield _checked(question, reply, found, wanted)


def _silent(nearest: str | None, wanted: AskedFor | None) -> Iterator[str]:
    """Yield why there is no answer."""
    if nearest is not None:
        yield f"The nearest I know is {_cited(nearest)}"
    lacks = _WANTED.get(wanted) if wanted else None
    yield f"I look for {lacks} there and find none." if lacks else "That isn't what is asked."
    yield "Nothing else I know says it either, so I won't guess and say that I don't know."


def _cited(quote: str) -> str:
    return f"“{quote}”" if quote.endswith((".", "!", "?")) else f"“{quote}”."


def _checked(question: str, reply: AnswererReply, found: Reading, wanted: AskedFor | None) -> str:
    """Return what was seen to hold."""
    if found.denies and reply.declined:
        return "The question takes something else for granted, so I set that right first."
    new = next(
        (
            fact.text
            for quote in reply.quotes
            for fact in find_facts(quote)
            if wanted in _FACTS
            and fact.kind in _FACTS[wanted]
            and not is_held(fact, sources=(question,))
        ),
        None,
    )
    if new is not None and wanted is not None:
        return f"It wants {_WANTED[wanted]}, and there it is: {new}."
    if found.agrees is not None:
        return f"So the answer is {'yes' if found.agrees else 'no'}."
    return "That says it, so I can answer."
