"""What a question asks to be worked out: a total, a difference, a share, the time between two."""

import re
from functools import lru_cache
from typing import Literal

from colloquia.language.figures.units import UNIT, Unit, units_in

Operation = Literal[
    "total", "product", "difference", "rise", "fall", "ratio", "share", "mean", "lapse", "part",
    "rest", "convert",
]  # fmt: skip

_COMPARED = (
    r"(?:more|less|fewer|older|younger|longer|shorter|taller|higher|lower|deeper|larger|bigger|"
    r"smaller|wider|heavier|lighter|farther|further|faster|slower|hotter|warmer|colder|cooler|"
    r"earlier|later|sooner|dearer|cheaper|greater|stronger)"
)
_GREW = (
    r"(?:gr[eo]w\w*|r[io]se\w*|rising|increas\w+|gain\w*|chang\w+|more|higher|larger|taller|longer|"
    r"bigger|older|greater)"
)
_SHRANK = (
    r"(?:f[ae]ll\w*|drop\w*|declin\w+|decreas\w+|reduc\w+|los[est]\w*|shr[aiu]nk|chang\w+|less|fewer|"
    r"lower|smaller|shorter|younger|cheaper)"
)
_LEFT = r"(?:left|remain\w*|saved?|others?|rest|not|without|between)"
_PER_CENT = r"(?:per ?cent|percentage|%)"
_TIMES = r"(?:minutes|hours|days|nights|weeks|months|years|decades|centuries)"
_BIG = r"(?:far|tall|high|long|heavy|hot|cold|wide|deep|big|large|fast)"

# All that one sentence of a question says of what it wants. "How much older" wants a difference,
# and so the time between two births.
_CUES: tuple[tuple[str, tuple[Operation, ...]], ...] = (
    (r"\bin (?:all|sum)\b|\ball told\b|\btotals?\b|\baltogether\b|\bcombined\b|\btogether\b|"
     r"\bsum\b|\boverall\b|\badd(?:s|ed)? up\b|\bentire|\bwhole\b", ("total", "product", "lapse")),
    (rf"\bhow (?:much|many|far|long)\b[^.?!]*?\b{_COMPARED}\b|\bapart\b|\bexceeds?\b|\bmargin\b|"
     r"\bdiffer(?:s|ed|ence)?\b|\bgap\b|\bby how (?:much|many)\b", ("difference", "lapse")),
    (rf"\bhow (?:much|many)\b[^.?!]*?(?:\b{_LEFT}\b|n['’]t\b|\b{_GREW}\b|\b{_SHRANK}\b)|"
     rf"\bthe (?:rest|remainder|{_GREW}|{_SHRANK})\b|\bwhat (?:is|was) left\b",
     ("difference", "rest")),
    (rf"{_PER_CENT}[^?.!]*\b{_GREW}\b|\b{_GREW}\b[^?.!]*{_PER_CENT}", ("rise",)),
    (rf"{_PER_CENT}[^?.!]*\b{_SHRANK}\b|\b{_SHRANK}\b[^?.!]*{_PER_CENT}", ("fall",)),
    (r"\bhow many times\b|\bratio\b|\bwhat (?:multiple|factor)\b|\bfactor of\b", ("ratio",)),
    (r"\baverage\b|\bmean\b|\bspeed\b|\bpace\b|\brate\b|\bdensity\b|\bper (?!cent)|\beach\b|"
     r"\bapiece\b|\bfor every\b", ("mean",)),
    (rf"\bshare\b|\bproportion\b|\bfraction\b|\bwhat part\b|{_PER_CENT}|\bhow (?:much|many) of\b",
     ("share", "part")),
    (rf"\bhow (?:long|old)\b|\b(?:what|which) age\b|\bduration\b|\bhow much time\b|"
     rf"\btime (?:span|between)\b|\bhow many (?:more |full |whole )?{_TIMES}\b|"
     rf"\b{_TIMES} (?:passed|elapsed|separate|lie|between|later|after|before)\b", ("lapse",)),
    (r"\bhow (?:many|much)\b|\b(?:what|the) number\b", ("part", "product")),
    (rf"\b(?:in|into|to) {UNIT}|\bhow many {UNIT}|\bconvert|\bhow {_BIG}\b|"
     r"\bwhat (?:is|was|would) (?:that|this|it)\b", ("convert",)),
)  # fmt: skip
_COMPILED = tuple((re.compile(cue, re.IGNORECASE), operations) for cue, operations in _CUES)
_AGE = re.compile(r"\b(?:old|older|younger|age)\b", re.IGNORECASE)


@lru_cache(maxsize=1024)
def operations_asked(question: str) -> frozenset[Operation]:
    """Return what a question asks to be worked out; nothing where it asks for no such figure."""
    asked = {
        operation
        for cue, operations in _COMPILED
        if cue.search(question)
        for operation in operations
    }
    # by what per cent something grew is no share of a whole
    return frozenset(asked - {"share", "part"} if asked & {"rise", "fall"} else asked)


def units_asked(question: str) -> tuple[Unit, ...]:
    """Return the units that a question asks in; ages are in years though it doesn't say so."""
    return units_in(f"{question} years" if _AGE.search(question) else question)
