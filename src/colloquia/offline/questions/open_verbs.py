"""What one asks of certain verbs, and the words by which a text would tell it."""

from dataclasses import dataclass

from colloquia.language.lexicon import word_set

_TABLE = r"""
frequency; how often; ; passive; present
every|each|once|twice|\btimes|daily|annual|ly\b|often|regular|per\b|frequen|year|month|week
inspect check clean renew review revise measure record service test monitor feed update elect hold
revise publish

duration; how long; ; ; present
second|minute|hour|\bday|week|month|year|until|\blong|short|brief|time|permanent|centur
irrigate soak bake rinse dry knead moisten flush cure heat store cool last take suspend retain
survive stay remain ferment boil live persist

reign; how long; ; ; past
\d|year|until|centur|during|long|decade|from .* to\b|after|death
rule reign govern last serve live remain stay occupy teach study reside operate exist survive

tool; what; with; ;
\bwith\b|using|by means|\bby\b|through|\bvia\b|\buse
measure clean check detect test remove cut seal fill observe treat

extent; by how much; ; ;
\d|half|twice|double|triple|tenfold|times|per ?cent|\b(?:two|three|four)\b|slight
increase decrease reduce rise fall shrink extend shorten slow weaken strengthen raise lower improve
hasten grow decline expand exceed

date; when; ; ; past
\b1\d{3}\b|\b20\d\d\b|centur|\bday|January|February|March|April|\bMay\b|June|July|August|September
October|November|December|year|month|week|later|after|before|during|when\b|\bera\b|then|recently
found establish build design invent discover introduce publish write create appoint elect adopt sign
open move arrive settle bear die marry conquer defeat abolish destroy launch release patent demolish
rebuild develop merge join leave win purchase acquire donate begin stop close rename expel capture
erect construct translate visit propose formulate prove become replace sell merge invade reach

place; where; ; ; past
\b(?:in|at|near|from|to|of|across) (?:the )?[A-Z]|where|there|city|town|country|world|school
bear die study found build discover invent sign publish train marry bury educate meet arrest erect

recipient; to whom; ; passive;
\bto\b|recipient
lodge submit report pay deliver send supply award donate sell grant assign

deadline; how soon; ; passive; present
second|minute|hour|\bday|week|month|year|until|immediate|soon|time|prompt|deadline|when|once|before
after|during|\d
inform notify report file submit lodge copy return pay restore separate replace

way; how; ; ;
\bby\b|with|using|through|\bvia\b|\bhow\b|first|step|from|means|process|because|after|which
remove separate identify confirm convert distinguish isolate determine calculate recover extract
prepare verify register claim transfer recognise recognize detect generate conquer capture defeat
escape persuade obtain acquire secure prove achieve overcome enforce finance reach defend win
transmit distribute select elect choose

mechanism; how; ; active; present
because|\bby\b|since|through|, which|\bso\b|using|process|reaction|mechanism|\bvia\b|means
strengthen weaken improve favour damage speed prevent protect affect influence stimulate suppress
kill disguise bind control regulate activate inhibit trigger encourage shape cause reduce increase
limit lower raise slow create produce help support attack destroy enhance attract form preserve

purpose; for what purpose; ; active;
\bto\b [a-z]|\bfor\b|because|\bso\b|purpose|, which|in order|reason|allow|as\b
use employ utilize utilise deploy operate maintain build

grounds; on what grounds; ; passive;
because|since|due|\bso\b|, as\b|reason|based|by\b|, which|criteri|for\b|if\b|when\b
consider regard classify judge rate deem accuse criticise criticize recommend exclude convict

number; how many people; ; active; past
\d|hundred|thousand|million|dozen|many|few|several
kill injure displace employ attract
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """One thing that may be asked of some verbs."""

    family: str
    wh: str
    tail: str
    voice: str
    """Only of such clauses: `active`, with an object, or `passive`; of any where empty."""
    past: bool | None
    told: str
    """What would tell it."""
    verbs: frozenset[str]


def _rows() -> tuple[Open, ...]:
    rows = []
    for block in _TABLE.strip().split("\n\n"):
        head, *lines = block.split("\n")
        family, wh, tail, voice, tense = (cell.strip() for cell in f"{head};".split(";")[:5])
        told = [line for line in lines if "|" in line or "\\" in line]
        past = {"past": True, "present": False}.get(tense)
        rows.append(
            Open(
                family=family, wh=wh, tail=tail, voice=voice, past=past, told="|".join(told),
                verbs=word_set(*lines[len(told) :]),
            )
        )  # fmt: skip
    return tuple(rows)


OPEN = _rows()
