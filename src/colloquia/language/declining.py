"""Does an answer decline? Read off its words, since a student reports nothing but words.

An answer declines where one of its first two sentences says that it doesn't know, hasn't got it, or
can't confirm what the question takes for granted. What follows may tell what is known instead.
Knows the phrasings of the offline teacher and those that chat models commonly use, in English only.
"""

import re

from colloquia.language.sentences import split_sentences

SENTENCES = 2  # a refusal that comes later is an aside to an answer

_DECLINES = re.compile(
    r"""
      \bI(?:\s(?:really|honestly|simply))?\s(?:don't|do\snot|didn't)\s(?:actually\s)?
        (?:know|have|recall|remember|see|think\sI\sknow)\b
    | \bI(?:'m|\sam)\s(?:not\s(?:sure|certain|able|aware)|unsure|unable|uncertain)\b
    | \bI\s(?:can't|cannot|can\snot|couldn't|could\snot|won't|wouldn't)\s
        (?:\w+\s)?(?:answer|tell|say|confirm|explain|provide|find|verify|help|take|determine|be\ssure)\b
    | \bI\s(?:have|know|find|see)\s(?:no|nothing)\b
    | \bI\s(?:lack|only\s(?:have|know)\s(?:that|what))\b
    | \bI\shave\sno\s(?:idea|information|word|figure|number|name|date|time|reason)\b
    | \bI'd\srather\snot\s(?:guess|say)\b
    | \b(?:my\ssource|the\s(?:passage|text|snippet|source|context|document))\s
        (?:(?:doesn't|does\snot|did\snot|didn't|never)\s
           (?:say|state|mention|tell|give|name|specify|cover|contain|explain|provide|include|answer)
         |(?:is|stays)\ssilent|leaves?\s(?:that|it|this)\sout)
    | \b(?:isn't|aren't|is\snot|are\snot|wasn't|was\snot)\s
        (?:said|told|given|mentioned|stated|named|specified|known|provided|in\swhat\sI\s(?:have|know))\b
    | \bwe\s(?:aren't|are\snot)\stold\b
    | ^\s*no\s(?:date|time|place|reason|figure|number|name|word|information)\s(?:is|was|are)\b
    | \bnothing\sI\s(?:have|know)\b
    | \b(?:is|are)\sleft\sopen\b
    | \bgoes?\sbeyond\swhat\sI\sknow\b
    | \bthere(?:'s|\sis)\s(?:a\sslip\sin\sthe\squestion|no\s(?:information|mention|record))\b
    | \bthe\squestion\s(?:takes\b.*\bfor\sgranted|assumes|presumes)\b
    | ^\s*you\ssay\b.*\bbut\swhat\sI\shave\sis\b
    | ^\s*the\s(?:year|figure)\sI\shave\sisn't\b
    | ^\s*not\b.*:\s*what\sI\shave\sis\b
    | \bthat\sI\s(?:can't|cannot|don't)\b
    | \bsource\sis\ssilent\b
    | ,\sbut\snot\s(?:when|where|why|how|who|what|which)\b(?:\s\w+)?[.!]?\s*$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def declines(answer: str) -> bool:
    """Return whether an answer says that it doesn't know; an empty one does, too."""
    text = answer.replace("’", "'").strip()
    sentences = [sentence.text for sentence in split_sentences(text)] or [text]
    return not text or any(_DECLINES.search(sentence) for sentence in sentences[:SENTENCES])
