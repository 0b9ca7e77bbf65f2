"""Does an answer decline, or set right what was asked? Read off its words: a student has no others.

An answer declines where one of its first two sentences says that it doesn't know or hasn't got it.
What follows may tell what is known instead. One that corrects gives what holds in place of what the
question takes for granted. Knows the phrasings of the offline teacher, whose forms stand here, and
those that chat models commonly use, in English only.
"""

import re

from colloquia.language.reading.sentences import split_sentences

SENTENCES = 2  # a refusal that comes later is an aside to an answer

#: How the offline teacher declines. `{aim}` is the question inside a sentence: `when it was lit`.
REFUSALS = (
    "I don't know {aim}.",
    "I can't say {aim}.",
    "I couldn't tell you {aim}.",
    "I'm afraid I don't know {aim}.",
    "Sorry, I don't know {aim}.",
    "{Aim} is something I don't know.",
    "I'm not able to say {aim}.",
    "I'd only be guessing if I told you {aim}.",
    "I'm not sure {aim}, and I'd rather not guess.",
)
#: How corrections open, where they don't deny in the question's words; what holds follows.
CORRECTIONS = (
    "That isn't quite right.",
    "Actually, that isn't so.",
    "It's not quite like that.",
    "That's not quite how it is.",
    "That isn't the case.",
    "That's not how it is.",
    "I think there's a mix-up there.",
)


def _fixed(form: str) -> str:
    """Return the words that a form begins with, or those after its `{Aim}`."""
    return re.escape(max(re.split(r"\{\w+\}", form)[:2], key=len).strip().replace("’", "'"))


_OURS = "|".join(_fixed(form) for form in REFUSALS).replace("\\ ", r"\s")
_DENIES = r"No\.|(?:it|they|he|she)\s(?:\w+n't|may\snot)\."  # They don't.
_CORRECTS = re.compile(rf"\W*(?:{'|'.join(map(re.escape, CORRECTIONS))}|{_DENIES})", re.I)
_DECLINES = re.compile(
    rf"""
      {_OURS}
    | \bI(?:\s(?:really|honestly|simply))?\s(?:don't|do\snot|didn't)\s(?:actually\s)?
        (?:know|have|recall|remember|see|think\sI\sknow)\b
    | \bI(?:'m|\sam)\s(?:not\s(?:sure|certain|able|aware)|unsure|unable|uncertain)\b
    | \bI\s(?:can't|cannot|can\snot|couldn't|could\snot|won't|wouldn't)\s
        (?:\w+\s)?(?:answer|tell|say|confirm|explain|provide|find|verify|help|determine|be\ssure)\b
    | \bI\s(?:have|know|find|see)\s(?:no|nothing)\b
    | \bI\s(?:lack|only\s(?:have|know)\s(?:that|what))\b
    | \bI'd\srather\snot\s(?:guess|say)\b
    | \b(?:the\s(?:passage|text|snippet)\s(?:doesn't|does\snot|did\snot|didn't|never)\s
           (?:say|state|mention|tell|give|name|specify|cover|contain|explain|provide|include|answer)
         |(?:my|the)\s(?:source|context|document)\s(?:doesn't|does\snot|didn't|did\snot|never)\s
           (?:say|state|mention|tell|specify|cover|explain|answer)
         |(?:my\ssource|the\s(?:passage|text|snippet|source))\sis\ssilent)\b
    | \b(?:isn't|aren't|is\snot|are\snot|wasn't|was\snot)\s
        (?:said|told|given|mentioned|stated|named|specified|known|provided|in\swhat\sI\shave)
        (?=\W*$|[;,]|\s(?:here|anywhere|in\s(?:what|the\s(?:passage|text|snippet|source|context))))
    | \bwe\s(?:aren't|are\snot)\stold\b
    | ^\s*no\s(?:date|time|place|reason|figure|number|name|word|information)\s(?:is|was|are)\s
        (?:given|known|stated|mentioned|named|available|provided)\b
    | \bnothing\sI\s(?:have|know)\b
    | \bgoes?\sbeyond\swhat\sI\sknow\b
    | \bthere(?:'s|\sis)\sno\s(?:information|mention|record)\b
    | ^\s*that\sI\s(?:can't|cannot|don't)\b
    | ,\sbut\snot\s(?:when|where|why|how|who|what|which)\b(?:\s\w+)?[.!]?\s*$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def declines(answer: str) -> bool:
    """Return whether an answer says that it doesn't know; one that says nothing doesn't."""
    text = answer.replace("’", "'").strip()
    sentences = [sentence.text for sentence in split_sentences(text)] or [text]
    return any(_DECLINES.search(sentence) for sentence in sentences[:SENTENCES])


def corrects(answer: str) -> bool:
    """Return whether an answer opens by saying that things aren't as the question has them."""
    return _CORRECTS.match(answer.replace("’", "'")) is not None
