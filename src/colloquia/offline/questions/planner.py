"""The curriculum planner: a varied set of questions that the snippet really affords."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from colloquia.core.hashing import seed_for
from colloquia.core.roles import PlannerInput, PlannerReply, Profile
from colloquia.core.types import UNANSWERABLE_KINDS, PlannedExchange, QuestionKind
from colloquia.language.reading.words import content_forms, content_words, overlap, words
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.fitting import fits, told_in
from colloquia.offline.questions.tastes import asked_first, tastes
from colloquia.offline.questions.unanswerable.choosing import unanswerables, weight
from colloquia.offline.reading.openings import opening_topic
from colloquia.offline.reading.study import Study, study

# What people ask before anything else, by how it is phrased; the rest counts as 1.
_WORTH = {
    "why": 2.6, "how": 2.4, "differ": 2.4, "how to": 2.4, "always": 2.2, "how often": 2.2,
    "how long": 2.2, "how soon": 2.2, "what is": 2.2, "at what": 2.0, "what measure": 2.0,
    "happened then": 2.0, "used for": 1.9, "how many": 1.8,
    "what share": 1.8, "negated": 1.8, "when if": 1.7, "what value": 1.7,
    "step": 1.6, "called": 1.6,
    "what is the": 2.0, "who does": 2.0, "which": 2.0, "where to": 1.8,
    "since when": 1.8, "until when": 1.8, "what does it do": 0.4, "about": 0.2,
}  # fmt: skip
_Source = Callable[[str, str | None], tuple[Candidate, ...]]
_HAPPENS = 2.1
_GRANTED = frozenset({"who does", "what does"})  # who did it: a question why has said it
_REASONING: frozenset[QuestionKind] = frozenset(
    {"why", "how", "comparison", "follow_up", "false_premise", "near_miss"}
)


def plan(given: PlannerInput, *, seed: int) -> PlannerReply:
    """Plan the exchanges: an overview, then distinct questions of as many kinds as there are."""
    studied = study(given.snippet.text, given.snippet.title)
    plan = _Plan(studied=studied, opening=given.foundation or "", persona=given.persona, seed=seed)
    places = {at for at in given.unanswerable_at if 1 < at <= given.exchanges}
    chosen = plan.answerable(given.exchanges - 1)
    asked: list[Candidate] = []
    moved: list[int] = []
    for open_ in range(len(places), -1, -1):  # the fewer are open, the more can be answered
        asked, moved = plan.ordered(chosen[: given.exchanges - 1 - open_], places)
        if len(asked) >= given.exchanges - 1 or len(moved) == len(places):
            break
    first = PlannedExchange(kind="overview", aim=f"an overview of {opening_topic(studied).name}")
    planned = (first, *_followed_up(asked[: given.exchanges - 1]))
    moved_to = tuple(at for at in moved if at <= len(planned))
    return PlannerReply(
        difficulty=_difficulty(studied, planned), exchanges=planned, moved_to=moved_to
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    studied: Study
    opening: str
    persona: Profile
    seed: int

    def answerable(self, count: int) -> list[Candidate]:
        """Choose greedily, a statement once: what people ask first, phrased unlike the others."""
        told = told_in(self.studied, self.opening)
        pool = [c for c in self._liked(candidates) if c.statement not in told]
        picked: list[Candidate] = []
        while pool and len(picked) < count:
            best = max(pool, key=lambda c: self._worth(c, picked))
            pool.remove(best)
            if not _says_again(best, picked) and self._open(best, picked):
                picked.append(best)
        return picked

    def ordered(
        self, chosen: Sequence[Candidate], places: Collection[int]
    ) -> tuple[list[Candidate], list[int]]:
        """Follow the text's order, unless a question asked sooner leads to an open one.

        One that says what an open one takes for granted makes room for it.

        Returns the questions after the opening, and the places of the open ones: where they were
        wanted or, if nothing was open there, later.
        """
        kind = asked_first(self.persona)
        rest = sorted(chosen, key=lambda c: (c.kind != kind, c.statement))
        found = self._with_gaps(rest, places)
        sources = {gap.statement for gap in self._liked(unanswerables)}
        for at, sooner in enumerate(rest):
            if len(found[1]) == len(places):
                break
            if sooner.statement in sources:
                others = [*rest[:at], *rest[at + 1 :]]
                tried = (self._with_gaps(order, places) for order in ([sooner, *others], others))
                found = max(found, *tried, key=lambda pair: len(pair[1]))
        return found

    def _with_gaps(
        self, rest: Sequence[Candidate], places: Collection[int]
    ) -> tuple[list[Candidate], list[int]]:
        rest = [*rest]
        asked: list[Candidate] = []
        moved: list[int] = []
        while True:
            number = len(asked) + 2
            due = sum(at <= number for at in places) if rest else len(places)
            gap = None
            if due > len(moved):
                gap = self._gap(asked, beside=(*asked, *rest)) or self._gap(asked, beside=asked)
            if gap is not None:
                moved.append(number)
            elif not rest:
                return asked, moved
            asked.append(gap or rest.pop(0))
            rest = [c for c in rest if gap is None or not _says_again(c, [gap])]

    def _gap(self, asked: Sequence[Candidate], *, beside: Sequence[Candidate]) -> Candidate | None:
        """Choose a question that the snippet leaves open, and that can be put now."""
        statements = self.studied.statements
        before = [statements[c.statement].said for c in asked if _tells(c)]
        said = (self.opening, self.studied.title or "", *before)
        families = {c.family for c in asked}
        pool = [c for c in self._liked(unanswerables) if c.family not in families]
        text = self.studied.text
        for gap in sorted(pool, key=lambda c: -self._worth(c, beside) * weight(c, text)):
            fit = fits(gap, studied=self.studied, answers=(self.opening, *before), said=said)
            if fit and not _says_again(gap, beside):
                return gap
        return None

    def _liked(self, of: _Source) -> list[Candidate]:
        """Return the questions of a kind, without those that the persona never asks."""
        found, likes = of(self.studied.text, self.studied.title), tastes(self.persona)
        return [candidate for candidate in found if likes.get(candidate.kind, 1.0) > 0]

    def _open(self, candidate: Candidate, picked: Sequence[Candidate]) -> bool:
        """Whether it can still be asked after the opening and what is asked before it."""
        title, statements = self.studied.title or "", self.studied.statements
        earlier = [
            c.statement for c in picked if self.opening and c.statement < candidate.statement
        ]
        before = [statements[index].said for index in earlier]
        said = (self.opening, title, *before)
        quote = statements[candidate.statement].quote
        if any(quote in statements[c.statement].quote for c in picked if _tells(c)):
            return False
        return self._in_place(candidate, " ".join(said)) and fits(
            candidate, studied=self.studied, answers=(self.opening,), said=said
        )

    def _in_place(self, candidate: Candidate, said: str) -> bool:
        """Whether one would ask so of a thing that was spoken of, or that wasn't."""
        match candidate.family:
            case "called":
                return overlap(content_words(candidate.subject), said) == 1
            case "differ":
                return overlap(content_words(candidate.question), said) > 0
        return True

    def _worth(self, candidate: Candidate, picked: Sequence[Candidate]) -> float:
        chance = 0.7 + 0.6 * (seed_for(self.seed, candidate.aim) % 1000) / 1000  # no two alike
        base = (
            _HAPPENS if re.match(r"What (?:happens|must|should|may)\b", candidate.question) else 1.0
        )
        worth = chance * _WORTH.get(candidate.family, base)
        worth *= tastes(self.persona).get(candidate.kind, 1.0)
        worth /= 1 + 1.5 * sum(c.family == candidate.family for c in picked)
        worth /= 1 + 4 * sum(c.statement == candidate.statement for c in picked)
        own = content_forms(candidate.question)
        shared = [len(own & content_forms(c.question)) / max(1, len(own)) for c in picked]
        return worth * (1 - 0.6 * max(shared, default=0.0))


def _says_again(best: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether its answer would be a sentence told already.

    What can't be answered tells nothing, unless its answer sets it right; yet what one question
    takes for granted, another doesn't ask.
    """
    told = {
        index for c in others for index in (c.statement, c.also)
        if _tells(c) or best.family in _GRANTED or (best.lead and not best.denies)
    }  # fmt: skip
    denied = any(
        c.statement == best.statement
        and c.denies != best.denies
        and not (_tells(c) and _tells(best))
        for c in others
    )  # why does it, and why doesn't it
    last = best.question.split()[-1]  # what about Pedro Menendez?, and about Menendez
    named = best.family == "about" and any(
        c.family == "about" and c.question.split()[-1] == last for c in others
    )
    return denied or named or (_tells(best) and best.statement in told)


def _tells(candidate: Candidate) -> bool:
    return candidate.denies or candidate.kind not in UNANSWERABLE_KINDS


def _followed_up(asked: Sequence[Candidate]) -> Iterator[PlannedExchange]:
    """Yield the exchanges: a follow-up where the subject stays."""
    spoken_of = ""
    for candidate in asked:
        subject, answerable = candidate.subject.lower(), candidate.kind not in UNANSWERABLE_KINDS
        follows = answerable and candidate.followed and subject == spoken_of != ""
        kind: QuestionKind = "follow_up" if follows else candidate.kind
        yield PlannedExchange(kind=kind, aim=candidate.aim)
        spoken_of = subject


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
