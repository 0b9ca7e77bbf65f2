"""The curriculum planner: a varied set of questions that the snippet really affords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colloquia.core.hashing import seed_for
from colloquia.core.roles import PlannerInput, PlannerReply
from colloquia.core.types import PlannedExchange, QuestionKind
from colloquia.language.words import content_forms, content_words, overlap, words
from colloquia.offline.choice import shuffled
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.fitting import fits
from colloquia.offline.questions.questions import overview_aim
from colloquia.offline.questions.tastes import asked_first, tastes
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.reading import read
from colloquia.offline.reading.study import Study, study

# Rarer and more telling kinds first; plain "what" and yes-no fill up the rest.
_WORTH: dict[QuestionKind, float] = {
    "why": 3.0, "how": 3.0, "comparison": 3.0, "how_many": 2.6, "who": 2.4, "where": 2.3,
    "when": 2.1, "definition": 1.9, "what": 1.6, "yes_no": 1.2,
}  # fmt: skip
_WHOLE: frozenset[QuestionKind] = frozenset({"what", "who", "yes_no", "definition"})
# Below this a question adds nothing to those already chosen.
_TOO_LITTLE = 0.05
_SAID = 0.2  # asked about only where little else is left
_GIVEN_WHOLE = 0.8  # of its weighty words
_REASONING: frozenset[QuestionKind] = frozenset(
    {"why", "how", "comparison", "follow_up", "false_premise", "near_miss"}
)


def plan(given: PlannerInput, *, seed: int) -> PlannerReply:
    """Plan the exchanges: an overview, then distinct questions of as many kinds as there are."""
    text, title = given.snippet.text, given.snippet.title
    studied = study(text, title)
    unanswerable_at = {at for at in given.unanswerable_at if 1 < at <= given.exchanges}
    count = given.exchanges - 1 - len(unanswerable_at)
    least = min(count, len({2, 3} - unanswerable_at))  # three exchanges, if need be with a repeat
    opening = given.foundation or ""
    said = frozenset(
        statement.index
        for statement in studied.statements
        if opening and overlap(content_words(statement.sentence.text), opening) > _GIVEN_WHOLE
    )
    taste = _Taste(seed=seed, likes=tastes(given.persona), said=said)
    told = _Told(text=text, title=title, foundation=opening)
    chosen = _chosen(told, count=count, least=least, taste=taste)
    gaps = _gaps(told, chosen, len(unanswerable_at), taste)
    first_kind = asked_first(given.persona)
    exchanges = _ordered(chosen, gaps, unanswerable_at, topic=studied.topic, first_kind=first_kind)
    first = PlannedExchange(kind="overview", aim=overview_aim(studied))
    planned = (first, *exchanges)
    return PlannerReply(difficulty=_difficulty(studied, planned), exchanges=planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taste:
    """What decides between questions of equal worth: the seed, and what the persona likes."""

    seed: int
    likes: Mapping[QuestionKind, float]
    said: frozenset[int] = frozenset()
    """Statements that the opening answer has given whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The snippet, and what the opening answer says of it."""

    text: str
    title: str | None
    foundation: str

    def leaves_open(self, candidate: Candidate) -> bool:
        """Whether it can still be asked after the opening answer."""
        return fits(
            candidate.question,
            kind=candidate.kind,
            text=self.text,
            answers=(self.foundation,),
            said=(self.foundation, self.title or ""),
        )


def _gaps(told: _Told, chosen: list[Candidate], count: int, taste: _Taste) -> list[Candidate]:
    """Choose unanswerable questions: both kinds by turns, on claims not asked about otherwise."""
    pool = shuffled(unanswerables(told.text, told.title), seed=taste.seed, about="gaps")
    picked: list[Candidate] = []
    while pool and len(picked) < count:
        best = max(pool, key=lambda candidate: _gap_value(candidate, [*chosen, *picked], taste))
        pool.remove(best)
        if told.leaves_open(best):
            picked.append(best)
    return picked


def _gap_value(candidate: Candidate, others: Sequence[Candidate], taste: _Taste) -> float:
    same_kind = sum(other.kind == candidate.kind for other in others)
    first = candidate.question.split(" ", 1)[0]
    same_word = sum(other.question.startswith(first) for other in others)
    general = 0.2 if candidate.general else 1.0
    rarer = 2.4 if candidate.kind == "false_premise" else 1.0
    if first == "Why":
        rarer *= 0.5  # nearly any claim leaves its reason open: one hears that too often
    rarer *= 0.7 + 0.6 * (seed_for(taste.seed, candidate.aim) % 1000) / 1000
    return (
        rarer
        * taste.likes.get(candidate.kind, 1.0)
        * general
        * (1 - 0.8 * _closest(candidate, others))
        / (1 + same_kind + 0.3 * same_word)
    )


def _closest(candidate: Candidate, others: Sequence[Candidate]) -> float:
    """Return the largest share (0..1) of its words that a question has in common with another."""
    own = content_forms(candidate.question)
    return max((_shared(own, content_forms(other.question)) for other in others), default=0.0)


def _shared(one: frozenset[str], two: frozenset[str]) -> float:
    return len(one & two) / max(1, min(len(one), len(two)))


def _chosen(told: _Told, *, count: int, least: int, taste: _Taste) -> list[Candidate]:
    """Choose answerable questions greedily: new kinds, new words, new sentences first."""
    pool = shuffled(candidates(told.text, told.title), seed=taste.seed, about="candidates")
    picked: list[Candidate] = []
    while pool and len(picked) < count:
        best = max(pool, key=lambda candidate: _value(candidate, picked, taste))
        spare = best.general and (len(picked) >= 2 or any(other.general for other in picked))
        if (spare or _value(best, picked, taste) < _TOO_LITTLE) and len(picked) >= least:
            break  # fewer questions are better than vague ones, or the same in other words
        pool.remove(best)
        if told.leaves_open(best) and _verified(best, told.text, told.title):
            picked.append(best)
    return picked


def _value(candidate: Candidate, picked: Sequence[Candidate], taste: _Taste) -> float:
    chance = 0.6 + 0.8 * (seed_for(taste.seed, candidate.aim) % 1000) / 1000  # no two plans alike
    worth = (
        chance
        * taste.likes.get(candidate.kind, 1.0)
        * _WORTH.get(candidate.kind, 1.0)
        / (1 + sum(c.kind == candidate.kind for c in picked))
    )
    if candidate.general:
        worth *= 0.1
    if candidate.statement in taste.said:
        worth *= _SAID
    closest = _closest(candidate, picked)
    if closest >= 0.7:  # it would ask what another question just took for granted
        worth *= 0.1
    repeated = sum(other.statement == candidate.statement for other in picked)
    for other in picked:
        if (other.statement, other.subject) == (candidate.statement, candidate.subject):
            # the same sentence asked from its other end
            worth *= 0.1 if {candidate.kind, other.kind} & _WHOLE else 0.5
    if candidate.followed and any(other.subject == candidate.subject for other in picked):
        worth *= 1.3  # it can be asked as a follow-up
    if candidate.general and repeated:
        worth *= 0.1  # its answer would be the same sentence again
    return worth * (1 - 0.8 * closest) / (1 + repeated)


def _verified(candidate: Candidate, text: str, title: str | None) -> bool:
    """A question is only planned if a careful reading answers it from the sentence it came from."""
    reading = read(candidate.question, text=text, title=title)
    return reading.answers and (candidate.statement in reading.best or candidate.general)


def _ordered(
    chosen: list[Candidate], gaps: list[Candidate], unanswerable_at: set[int], *, topic: str,
    first_kind: QuestionKind | None,
) -> list[PlannedExchange]:  # fmt: skip
    """Follow the text's order, gaps where asked for; follow up where the subject stays."""
    queue = sorted(chosen, key=lambda c: (c.kind != first_kind, c.statement))
    missing = list(gaps)
    planned: list[PlannedExchange] = []
    spoken_of = topic  # by the overview; a pronoun can stand for it
    while queue or missing:
        at = len(planned) + 2
        if not (missing if at in unanswerable_at else queue):
            break  # a shorter plan keeps its promise of which questions are answerable
        if at in unanswerable_at:
            gap = missing.pop(0)
            planned.append(PlannedExchange(kind=gap.kind, aim=gap.aim))
            spoken_of = gap.subject
            continue
        candidate = queue.pop(0)
        kind: QuestionKind = candidate.kind
        if candidate.followed and candidate.subject.lower() == spoken_of.lower():
            kind = "follow_up"
        planned.append(PlannedExchange(kind=kind, aim=candidate.aim))
        spoken_of = candidate.subject
    return planned


def _difficulty(studied: Study, planned: Sequence[PlannedExchange]) -> float:
    """Longer sentences, longer words and more reasoning make a harder dialogue."""
    all_words = words(studied.text[:20_000])
    sentence_words = len(all_words) / max(1, len(studied.statements))
    word_chars = sum(len(word) for word in all_words) / max(1, len(all_words))
    reasoning = sum(exchange.kind in _REASONING for exchange in planned) / len(planned)
    reading = (
        min(1.0, max(0.0, (sentence_words - 8) / 32)) * 0.4
        + min(1.0, max(0.0, (word_chars - 4) / 2.5)) * 0.3
    )
    return round(min(1.0, reading + 0.3 * min(1.0, reasoning * 1.5)), 3)
