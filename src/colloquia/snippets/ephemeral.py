"""Facts of a day: results, prices, forecasts, and what "currently" holds.

phi-3 leaves them out, so that a small model keeps its room for what lasts (arXiv 2404.14219,
section 2: the result of a match on some day); how it tells them isn't published. Here it is by a
few patterns: what they catch, and what not, is measured in `docs/finetune/seeds.md`.
"""

import re

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_PATTERNS = {
    "now": (
        r"\b(?:currently|at present|at the moment|right now|as of (?:today|now|this writing)|"
        r"at the time of writing|yesterday|tomorrow|tonight|so far this (?:year|season|month)|"
        r"(?:earlier|later) (?:today|this (?:week|month|year))|"
        r"(?:this|last|next) (?:week|weekend|month|season|" + _DAY + r")|"
        r"in recent (?:days|weeks)|breaking news|(?:updated|posted|published) on)\b"
        r"|\btoday(?:'s (?:price|weather|match|game|session|close)|[,.] )"
        r"|\bon " + _DAY + r"\b(?! mornings| evenings| nights| afternoons)"
    ),
    "result": (
        r"\b(?:beat|defeated|thrashed|edged(?: out)?|drew with|lost to|won|win|victory|defeat|draw|"
        r"lead|led)\b[^.!?]{0,60}\b\d{1,3}\s?[-–:]\s?\d{1,3}\b"
        r"|\b\d{1,3}\s?[-–]\s?\d{1,3}\b[^.!?]{0,30}\b(?:win|victory|defeat|loss|draw)\b"
    ),
    "price": (
        r"\b(?:shares?|stocks?|futures|index|crude|bitcoin|euro|dollar|yen|gold|wheat)\b[^.!?]{0,60}"
        r"\b(?:rose|fell|slipped|gained|jumped|dropped|climbed|closed|traded|trading|opened|down|up)"
        r"\b[^.!?]{0,40}(?:%|percent|per cent|[$€£]\s?\d|\d)"
        r"|\b(?:on sale|special offer|limited time|\d+ ?% (?:off|discount)|sold out|"
        r"in stock|offer ends)\b"
    ),
    "forecast": (
        r"\b(?:forecast|expected|chance|likely)\b[^.!?]{0,50}\b(?:rain|showers|snow|sun(?:ny|shine)|"
        r"thunderstorms?|gusts?|degrees|°[CF]?)(?!\w)"
    ),
}
_RULES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}

_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")


def ephemeral_sign(text: str) -> str | None:
    """Return what makes a text one of the day (now, result, price or forecast); None if nothing.

    Results and prices of a year that is named are history.
    """
    dated = _YEAR.search(text) is not None
    for name, rule in _RULES.items():
        if rule.search(text) and not (dated and name in ("result", "price")):
            return name
    return None
