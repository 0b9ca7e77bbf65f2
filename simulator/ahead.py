"""Questions asked ahead: while an answer is under review, the question that follows if it stands.

A question asked ahead is exactly the one that would be asked: the same request at the same place of
the ledger. So if the answer stands it is there already, and if not, nothing but its calls is left,
which are marked as wasted when the dialogue ends.
"""

import asyncio
from dataclasses import dataclass, field, replace

from colloquia.agents.base import Agent, CallSite, TypedReply
from colloquia.core.roles import QuestionerInput, QuestionerReply
from colloquia.models.faults.errors import ABOUT_THE_RUN
from colloquia.models.ledger.ledger import Ledger

Questioner = Agent[QuestionerInput, QuestionerReply]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    """A question on its way; its calls are kept apart until it is put."""

    brief: QuestionerInput
    ledger: Ledger
    asking: asyncio.Task[TypedReply[QuestionerReply] | Exception]


@dataclass(slots=True, kw_only=True)
class QuestionsAhead:
    """One dialogue's questions that were asked ahead; errors wait until their question is put."""

    ledger: Ledger
    group: asyncio.TaskGroup
    _guesses: list[_Guess] = field(default_factory=list)
    _dropped: list[_Guess] = field(default_factory=list)

    def ask(self, questioner: Questioner, brief: QuestionerInput, *, site: CallSite) -> None:
        """Begin to ask, unless this question is on its way."""
        if self._find_guess(brief) is not None:
            return
        apart = site.ledger.aside()
        asking = self.group.create_task(
            _reply_or_error(questioner, brief, replace(site, ledger=apart))
        )
        self._guesses.append(_Guess(brief=brief, ledger=apart, asking=asking))

    async def answer(self, brief: QuestionerInput) -> TypedReply[QuestionerReply] | None:
        """Return the reply if this question was asked ahead; all others are dropped."""
        guess = self._find_guess(brief)
        self._dropped += [other for other in self._guesses if other is not guess]
        self._guesses.clear()
        if guess is None:
            return None
        asked = await guess.asking
        self.ledger.take_over(guess.ledger)
        if isinstance(asked, Exception):
            raise asked
        return asked

    async def wasted(self) -> frozenset[str]:
        """Return the calls that the dialogue doesn't rest on, when all are made."""
        self._dropped += self._guesses
        self._guesses.clear()
        for guess in self._dropped:
            await asyncio.wait([guess.asking])
        made = {call for guess in self._dropped for call in guess.ledger.asked}
        return frozenset(made - set(self.ledger.asked))

    def _find_guess(self, brief: QuestionerInput) -> _Guess | None:
        return next((guess for guess in self._guesses if guess.brief == brief), None)


async def _reply_or_error(
    questioner: Questioner, brief: QuestionerInput, site: CallSite
) -> TypedReply[QuestionerReply] | Exception:
    try:
        return await questioner.ask(brief, site=site)
    except ABOUT_THE_RUN:
        raise
    except Exception as error:  # nobody's, as long as the question isn't put
        return error
