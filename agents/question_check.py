"""The question check: what can be told of a question before anyone is paid to answer it.

No model is asked. It turns down what no person in the conversation would say: no question or two,
labels and markup, broken English, a mention of the passage, what only a reader of the passage
knows, a statement with a question mark to it, and what was asked or answered before. Each reason
tells the questioner what to do. It is made to be sure rather than strict: what it lets through, the
reviewers still see. Where passage or question isn't English it judges form and exact repeats alone.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.free import FreeAgent
from colloquia.agents.parsed_together import ParsedTogether
from colloquia.core.control_tokens import find_control_token
from colloquia.core.roles import Line, Passage, QuestionReviewInput
from colloquia.core.types import Verdict
from colloquia.language.asking.answered import answering_sentence, refuting_sentence, repeats
from colloquia.language.asking.given_away import (
    parroted,
    told_as_question,
    told_sentence,
    untold_figure,
    untold_name,
)
from colloquia.language.asking.grammar_faults import grammar_fault, parsed_for_faults
from colloquia.language.asking.questions import (
    asking_sentences,
    bare_question,
    marked_pieces,
    separate_questions,
)
from colloquia.language.reading.pipeline import ENGLISH as ENGLISH_CODE
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS, forms, words

#: They state what they ask about, so a figure or name of the passage gives nothing away in them.
_STATING = frozenset({"yes_no", "false_premise"})

_LABEL = re.compile(
    r"""
      ^\W*(?:user|assistant|question|questioner|answer|answerer|human|system|student|bot|ai|q|a
            |benutzer|frage|utilisateur|usuario|pregunta|utente|domanda|用户|问题|質問)\s*\d*\W{0,2}\s*[:：]
    | ^\W*[a-z]+(?:_[a-z]+)+\W{0,2}\s*:                # a persona's name: curious_teen
    | (?:\n\W*|[.!?…]\s+)(?:User|Assistant|Question|Answer|Human|System)\W{0,2}:
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NAMED_SPEAKER = re.compile(r"^\W*((?:[A-Z]\w+\s){1,2}[A-Z]\w+)\W{0,2}:")
_MARKUP = re.compile(r"</?data\b[^>\n]*>?|```|^\s*\{.*\}\s*$|\"question\"\s*:", re.DOTALL)
_SEEN = r"passage|text|article|snippet|excerpt|extract|paragraph|document"
_MENTION = re.compile(
    rf"""
      (?<!for\s)\b(?:the|this|that|your)\s(?:(?:given|provided|above|following|source|reading)\s)?
      (?P<seen>{_SEEN})\b(?!\s(?:that\s|which\s)?(?:I|we|my)\b)
    | \b(?:in|from|by|to|per)\s(?:the|this|your)\s(?P<told_in>source|context)\b(?!\s(?:of|code)\b)
    | \b(?:the|this|your)\s(?P<teller>source|context|author|writer)\s
      (?:say|said|mention|state|tell|give|describe|claim|argue|mean|list|explain|suggest)s?\b
    | \b(?:the|this|that)\s(?:given|provided|above)\s(?P<given>information|context)\b
    | \b(?:mentioned|described|stated|given|said|listed)\s(?P<place>above)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

# "How is it made, and what does it cost?"; not "who and where", nor "And how …" that goes on.
_JOINED = re.compile(
    r"\w\W+\w+\W+\w+.*?,?\s(?:and|or)\s(?:if\sso,?\s)?"
    r"((?:what|how|when|where|who|why|which)\s\w+(?=\s))",
    re.IGNORECASE | re.DOTALL,
)

FEW_WORDS = 4  # of fewer, the passage's language decides: Thanks! Fascinating stuff!
FUNCTIONAL = 0.2  # of the words of an English question; German shares "in", "was" and "so"

Rule = Callable[[QuestionReviewInput], str | None]


class QuestionCheck(FreeAgent[QuestionReviewInput]):
    """Checks a question for form, giveaways and repeats, without a model."""

    part = "question_reviewer"
    brief_type = QuestionReviewInput

    def __init__(self, *, name: str = "question_check") -> None:
        """Make the check."""
        super().__init__(name=name)
        self._parsed = ParsedTogether()

    async def ask(self, brief: QuestionReviewInput, *, site: CallSite) -> TypedReply[Verdict]:
        """Judge when what has to be parsed for it was parsed, with questions of other dialogues."""
        if _is_english(brief):
            await self._parsed.parse(parsed_for_faults(brief.question))
        return await super().ask(brief, site=site)

    def judge(self, case: QuestionReviewInput) -> Verdict:
        """Turn down a question that can't stand; say to the questioner what to do instead."""
        reasons = tuple(dict.fromkeys(reasons_against(case)))
        return Verdict(
            decision="revise" if reasons else "accept",
            rationale=" ".join(reasons),
        )

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> QuestionReviewInput:
        """Check the last line of a chat."""
        asked = tuple(line.text for line in lines[:-1] if line.speaker == "questioner")
        question = lines[-1].text if lines else ""
        return QuestionReviewInput(
            snippet=snippet, question=question, transcript=lines[:-1], asked=asked
        )


def reasons_against(case: QuestionReviewInput) -> Iterator[str]:
    """Yield what is against a question, each as a plain sentence to its questioner."""
    for rule in (*ALWAYS, *(ENGLISH if _is_english(case) else OTHERWISE)):
        if reason := rule(case):
            yield reason


def label(case: QuestionReviewInput) -> str | None:
    """A speaker's label before what is said, or a forged turn within it."""
    found = _LABEL.search(case.question)
    if found is None:
        found = _NAMED_SPEAKER.match(case.question)
        if found is None or _spoken_of(found[1], case) or "question" in found[1].casefold():
            return None
    return f"Leave out {found[0].strip()!r}: reply with what the person says and nothing else."


def markup(case: QuestionReviewInput) -> str | None:
    """Control tokens, tags of the prompt, JSON or a code fence."""
    found = find_control_token(case.question)
    if found is None and (match := _MARKUP.search(case.question)):
        found = match[0].strip()[:40]
    return f"Leave out {found!r}: say the question in plain words." if found else None


def said_before(case: QuestionReviewInput) -> str | None:
    """The same words as an earlier question, whatever the language."""
    now = words(case.question.casefold())
    if any(now == words(earlier.casefold()) for earlier in case.asked):
        return (
            f"This was asked before, in these words: {case.question!r}. Ask about something else."
        )
    return None


def two_marks(case: QuestionReviewInput) -> str | None:
    """More than one sentence with a question mark."""
    return _only_one(marked_pieces(case.question))


def no_question(case: QuestionReviewInput) -> str | None:
    """Thanks or a remark, and nothing that asks."""
    if asking_sentences(case.question):
        return None
    return "Nothing is asked here: whatever else is said, ask one question."


def two_questions(case: QuestionReviewInput) -> str | None:
    """More than one question that each want an answer, in one sentence or in several."""
    if too_many := _only_one(separate_questions(case.question)):
        return too_many
    opens_broadly = case.kind == "overview"  # what is it, and why is it there?
    for sentence in () if opens_broadly else asking_sentences(case.question):
        if joined := _JOINED.search(bare_question(sentence)):
            return f"Two things are asked at once, the second from {joined[1]!r} on: keep one."
    return None


def mention(case: QuestionReviewInput) -> str | None:
    """The passage as an object, unless the talk is of such a thing."""
    for found in _MENTION.finditer(case.question):
        thing = next(word for word in found.groupdict().values() if word)
        if not _spoken_of(thing, case):
            return (
                f"Don't say {found[0]!r}: this person has no text at hand. Ask about the subject."
            )
    return None


def gives_away(case: QuestionReviewInput) -> str | None:
    """A figure or a full name that only the passage can have told, with what belongs to it."""
    if case.kind in _STATING:
        return None
    said = _said(case)
    found = untold_figure(case.question, case.snippet.text, said)
    if found is None:
        about = split_sentences(case.foundation)[:1] if case.foundation else ()
        said = (*said, *(sentence.text for sentence in about))
        found = untold_name(case.question, case.snippet.text, said)
    if found is None:
        return None
    return f"Nobody has said {found!r} yet, so this person can't know it: ask without it."


def parrots(case: QuestionReviewInput) -> str | None:
    """A long run of the passage's own words."""
    run = parroted(case.question, case.snippet.text, _said(case))
    return f"{run!r} is the passage word for word: use this person's own words." if run else None


def tells_opening(case: QuestionReviewInput) -> str | None:
    """An opening question that says what its answer is to say."""
    if case.foundation is None:
        return None
    told = told_sentence(case.question, case.foundation, case.snippet.title or "")
    return f"Name the subject alone; that {told!r} is the answer's to say." if told else None


def repeated(case: QuestionReviewInput) -> str | None:
    """An earlier question in nearly the same words; the very same ones are told elsewhere."""
    if said_before(case):
        return None
    for earlier in case.asked:
        if repeats(case.question, earlier):
            return f"{earlier!r} was asked before. Ask about something else."
    return None


def answered(case: QuestionReviewInput) -> str | None:
    """What an earlier answer has said, or denied."""
    answers = [line.text for line in case.transcript if line.speaker == "answerer"]
    if told := answering_sentence(case.question, answers):
        return f"{told!r} has answered this already. Ask for what hasn't been said."
    if case.kind == "false_premise":
        told = refuting_sentence(case.question, answers, source=case.snippet.text)
        if told:
            return f"After {told!r} nobody would assume this. Ask for what hasn't been said."
    return None


def broken(case: QuestionReviewInput) -> str | None:
    """A word twice, a sentence cut off, a verb that is missing or disagrees."""
    fault = grammar_fault(case.question)
    return f"This isn't good English, since {fault}: ask in a whole sentence." if fault else None


def cloze(case: QuestionReviewInput) -> str | None:
    """A statement of the passage with nothing but a question mark to it."""
    told = told_as_question(case.question, case.snippet.text)
    return (
        f"This only tells {told!r} and asks if it is so: ask what this person would."
        if told
        else None
    )


ALWAYS: tuple[Rule, ...] = (label, markup, said_before)
ENGLISH: tuple[Rule, ...] = (
    no_question, two_questions, mention, gives_away, parrots, tells_opening, repeated, answered,
    broken, cloze,
)  # fmt: skip
OTHERWISE: tuple[Rule, ...] = (two_marks,)


def _is_english(case: QuestionReviewInput) -> bool:
    """Whether the rules for English hold; a question is too short to be judged by prose words."""
    spoken = words(case.question.casefold())
    functional = sum(word in FUNCTION_WORDS for word in spoken)
    tells = len(spoken) >= FEW_WORDS
    return case.snippet.language == ENGLISH_CODE and (
        not tells or functional >= FUNCTIONAL * len(spoken)
    )


def _only_one(questions: Sequence[str]) -> str | None:
    if len(questions) < 2:
        return None
    return f"{len(questions)} questions are asked here; keep one: {questions[0]!r}, for instance."


def _said(case: QuestionReviewInput) -> tuple[str, ...]:
    return (*(line.text for line in case.transcript), case.snippet.title or "")


def _spoken_of(name: str, case: QuestionReviewInput) -> bool:
    """Whether passage, title or an earlier answer has each word of a name in some form."""
    texts = (case.snippet.text, *_said(case))
    have = {form for text in texts for word in words(text) for form in forms(word)}
    return all(forms(word) & have for word in words(name))
