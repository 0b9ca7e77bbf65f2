"""How many calls an endpoint works on at once: found by trying, from latency and throughput.

As gradient limiters do (TCP Vegas, Brakmo and Peterson 1995; Netflix's concurrency-limits; Envoy's
adaptive concurrency), a round of calls is compared with how long the same work takes without
company: by Little's law that tells how many were worked on, and the rest stood in a queue. Length
is no latency: time counts per token, and waiting for the first token apart.

Latency alone errs where a server batches: there each call slows down, and all together still gain.
So what latency proposes, throughput decides: a lower limit that costs throughput is taken back, and
so is a higher one that gains none. Refusals and timeouts cut at once (AIMD, Chiu and Jain 1989).
"""

from dataclasses import dataclass
from math import inf

from colloquia.models.pace.permit import Permit

CUT = 0.75
GROWTH = 4
HEADROOM = 8  # one in so many waits at the endpoint, so that none of its places is ever idle
SLACK = 0.8  # of the time for work: a shorter queue isn't worth a trial
WORTH = 0.3  # of what a higher limit could gain: less, and it isn't kept
FREE = 0.95  # of the throughput: a lower limit that keeps so much costs nothing
SHARED = 0.8  # of the time per token before: replies that speed up so much had shared the endpoint
SOON = 1.1  # times what the soonest reply took to begin: that is no queue
FEW = 4  # places: each call more than these need is felt by the first dialogue
LEAST_CALLS = 8  # in a round by which throughput is judged
ROUNDS_AT_REFUSAL = 10  # below what was refused before more is tried
ROUNDS_AT_QUEUE = 2  # at what was worked on before more is tried; doubles while that is in vain
MOST_PATIENCE = 160  # rounds
DRIFT = 0.02  # per round, towards slower: what a server without company takes may change


@dataclass(slots=True)
class Round:
    """What the calls of one round told, in seconds and tokens."""

    to_skip: int = 0
    """Calls that still felt another limit."""
    calls: int = 0
    silent_s: float = 0.0
    spoke_s: float = 0.0
    tokens: float = 0.0
    in_flight: int = 0
    """The most calls at once."""
    sated: int = 0
    """Calls at whose end nobody waited here."""

    @property
    def rate(self) -> float:
        """Tokens per second of all calls together, by Little's law."""
        return self.in_flight * self.tokens / max(self.silent_s + self.spoke_s, 1e-9)

    @property
    def per_token_s(self) -> float:
        """What a token takes, once a reply has begun."""
        return self.spoke_s / max(self.tokens, 1e-9)

    @property
    def was_full(self) -> bool:
        """Whether more would have been sent, had the limit allowed it."""
        return self.sated * 4 <= self.calls


@dataclass(slots=True)
class Alone:
    """How long work takes without company, as far as seen."""

    silent_s: float
    """Until the first token; 0 where replies come whole."""
    per_token_s: float

    def toward(self, seen: Round) -> None:
        """Learn from a round: at once what is faster, slowly what is slower."""
        silent, per_token = seen.silent_s / seen.calls, seen.per_token_s
        self.silent_s = min(silent, self.silent_s + DRIFT * (silent - self.silent_s))
        self.per_token_s = min(per_token, self.per_token_s + DRIFT * (per_token - self.per_token_s))

    def come_whole(self, tokens: float) -> None:
        """Know from now on only how long a whole reply of about so many tokens takes."""
        self.per_token_s += self.silent_s / tokens
        self.silent_s = 0.0

    def shows_queue(self, seen: Round) -> bool:
        """Return whether calls plainly stood in line, rather than that each took longer."""
        queued_s = seen.silent_s - seen.calls * self.silent_s
        return not seen.silent_s or queued_s > (seen.silent_s + seen.spoke_s) / 4

    def share(self, seen: Round) -> float:
        """Return which part of a round's time its work would have taken without company."""
        work = seen.calls * self.silent_s + seen.tokens * self.per_token_s
        spent = seen.silent_s + seen.spoke_s
        return min(1.0, work / spent) if spent else 1.0


@dataclass(slots=True)
class Move:
    """A change of the limit on trial."""

    back_to: float
    before: Round
    worked_on: int


class Capacity:
    """The limit on calls in flight, and how it follows what calls tell."""

    def __init__(self, *, start: int) -> None:
        """Begin at `start`, doubling until something speaks against it."""
        self.limit = float(start)
        self.epoch = 0
        self.worked_on = 0
        """How many the endpoint was found to work on at once; 0 while it isn't known to be few."""
        self._round = Round()
        self._alone: Alone | None = None
        self._move: Move | None = None
        self._ceiling: float | None = None
        self.trusts = True
        """Whether no limit was felt yet; until then growth isn't put on trial."""
        self._soonest_s = inf  # that a reply began
        self._quiet_rounds = 0
        self._patience = ROUNDS_AT_QUEUE
        self._deaf_for = 0  # rounds in which latency proposes nothing, since it was wrong before
        self._deaf_next = ROUNDS_AT_QUEUE

    @property
    def places(self) -> int:
        """How many may be in flight."""
        return max(1, int(self.limit))

    @property
    def _step(self) -> int:
        return 2 if self.limit <= FEW else GROWTH

    def heard(self, *, after_s: float, silent: int, in_flight: int, waiting: bool) -> None:
        """A reply began: where all calls have begun to be answered, there is room for more.

        Beyond a few calls each that begins as soon as the first did shows as much.
        """
        self._soonest_s = min(self._soonest_s, after_s)
        if not (self.trusts and waiting and in_flight >= self.places):
            return
        if not silent:
            self.limit *= self._step
        elif self.limit > FEW and after_s <= SOON * self._soonest_s:
            self.limit += self._step

    def served(self, permit: Permit, *, now: float, in_flight: int, waiting: bool) -> None:
        """A call was served."""
        seen = self._round
        if permit.epoch != self.epoch:  # an echo of another limit
            return
        if seen.to_skip:
            seen.to_skip -= 1
            return
        silent = 0.0 if permit.heard_s is None else permit.heard_s - permit.sent_s
        if self._alone is None:
            self._alone = Alone(silent, (now - permit.sent_s - silent) / permit.work)
        elif not silent:
            self._alone.come_whole(permit.work)
        silent = silent if self._alone.silent_s else 0.0
        spoke = now - permit.sent_s - silent
        seen.calls += 1
        seen.silent_s += silent
        seen.spoke_s += spoke
        seen.tokens += permit.work
        seen.in_flight = max(seen.in_flight, in_flight)
        seen.sated += not waiting
        least = self.places if self.trusts else max(LEAST_CALLS, self.places)
        if seen.calls >= least:
            self._end_round(seen, self._alone)

    def congested(self, permit: Permit) -> None:
        """A call was too much; of one burst only the first counts."""
        if permit.epoch == self.epoch:
            move, self._move = self._move, None
            tried = move is not None and move.back_to < self.limit
            fitting = move.back_to if move and tried else max(1.0, self.limit * CUT)
            self._ceiling, self.trusts = self.limit, False
            self._patience = ROUNDS_AT_REFUSAL
            self._set(fitting)
        self._quiet_rounds = 0
        self._round = Round(to_skip=self.places)

    def _end_round(self, seen: Round, alone: Alone) -> None:
        share, plain = alone.share(seen), alone.shows_queue(seen)
        alone.toward(seen)
        self._round = Round()
        if self._move is not None:
            self._judge(self._move, seen)
            return
        self._deaf_for = max(0, self._deaf_for - 1)
        worked_on = max(1, round(seen.in_flight * share))
        if self.worked_on and seen.was_full:
            self.worked_on = worked_on
        fitting = worked_on + worked_on // HEADROOM
        if share < SLACK and fitting < self.places and not self._deaf_for:
            self._shrink(fitting, seen, worked_on, at_once=plain)
        elif seen.was_full:
            self._grow(seen)

    def _shrink(self, fitting: int, seen: Round, worked_on: int, *, at_once: bool) -> None:
        """Hold back what would only queue; on trial, unless that is plain and places are few."""
        if at_once and self.trusts and self.places <= FEW:
            self._ceiling, self.worked_on = float(fitting), worked_on
            self._set(fitting)
        else:
            self._begin_trial(fitting, seen, worked_on)
        self.trusts = False

    def _grow(self, seen: Round) -> None:
        """Take a step up: large while no limit is known, small below it, rarely beyond it."""
        self._quiet_rounds += 1
        if self._ceiling is None:
            whole = not seen.silent_s  # then rounds are all that tells how it goes
            more = self.limit * (self._step if self.trusts and whole else 2)
        elif self.limit + 1 < self._ceiling:
            self.limit += 1
            return
        elif self._quiet_rounds < self._patience:
            return
        else:
            more = self.limit + max(1, self.places // HEADROOM)
        self._quiet_rounds = 0
        if self.trusts:
            self.limit = more
        else:
            self._begin_trial(more, seen, self.worked_on)

    def _begin_trial(self, limit: float, seen: Round, worked_on: int) -> None:
        self._move = Move(back_to=self.limit, before=seen, worked_on=worked_on)
        self._set(limit)

    def _judge(self, move: Move, seen: Round) -> None:
        """Keep a changed limit or take it back, by the throughput before and after."""
        self._move = None
        change = self.limit / move.back_to
        gain = seen.rate / max(move.before.rate, 1e-9)
        if change > 1:
            self._judge_growth(move, kept=gain >= 1 + WORTH * (change - 1) or not seen.was_full)
        elif gain < (1 + change) / 2:
            self._ceiling, self.worked_on = None, 0
            self._deaf_for, self._deaf_next = (
                self._deaf_next,
                min(2 * self._deaf_next, MOST_PATIENCE),
            )
            self._set(move.back_to)
        else:
            self._ceiling, self.worked_on = self.limit, move.worked_on
            faster = seen.silent_s and seen.per_token_s < SHARED * move.before.per_token_s
            if gain >= FREE and faster and self.places > 1:
                self._begin_trial(self.places // 2, seen, self.places // 2)

    def _judge_growth(self, move: Move, *, kept: bool) -> None:
        if kept:
            self._ceiling, self._patience = None, ROUNDS_AT_QUEUE
        else:
            self._ceiling = move.back_to
            self._patience = min(2 * self._patience, MOST_PATIENCE)
            self._set(move.back_to)

    def _set(self, limit: float) -> None:
        self.limit = limit
        self.epoch += 1
        self._round = Round(to_skip=self.places)
