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
\d|year|until|centur|during|long|decade|from .* to\b|after|death|short|time
rule reign govern last serve live remain stay occupy teach study reside operate exist survive

tool; what; with; passive;
\bwith\b|using|by means|\bby\b|through|\bvia\b|\buse
measure clean check detect test remove cut seal fill treat

extent; by how much; ; ;
\d|half|twice|double|triple|tenfold|times|per ?cent|\b(?:two|three|four)\b|slight
increase decrease reduce rise fall shrink extend shorten slow weaken strengthen raise lower improve
hasten grow decline expand exceed

date; when; ; ; past
\b1\d{3}\b|\b20\d\d\b|centur|January|February|March|April|\bMay\b|June|July|August|September|October
November|December|\d years|years later|decade|\d days
~\bday|year|month|week|later|after|before|during|when\b|\bera\b|then|recently|initially|first|time
*

place; where; ; ; past
\b(?:in|at|near|from|to|of|across) (?:the )?[A-Z]|where|there|city|town|country|world|school
bear die study found build discover invent sign publish train marry bury educate meet arrest erect
execute imprison crown negotiate land perform exhibit defeat capture fight hide escape teach rout
massacre bury surrender assemble gather convene print manufacture demonstrate propose

recipient; to whom; ; passive;
\bto\b|recipient
lodge submit report pay deliver send supply award donate sell grant assign

deadline; how soon; ; passive; present
second|minute|hour|\bday|week|month|year|until|immediate|soon|time|prompt|deadline|when|once|before
after|during|\d
inform notify report file submit lodge copy return pay restore separate replace

way; how; ; active; past
\bby (?:\w+ ){0,2}\w+ing|using|\bvia\b|\bhow\b|means of
~\bby\b|with|through|first|step|from|process|because|after|which|\bso\b|directly|in order
*

method; how; ; passive; present
\bby (?:\w+ ){0,2}\w+ing|using|\bvia\b|\bhow\b|means of
~\bby\b|with|through|first|step|from|process|because|after|which|directly|\bto\b
remove separate identify confirm convert distinguish isolate determine calculate recover extract
prepare verify register claim transfer recognise recognize detect generate elect select choose
transmit distribute eliminate

mechanism; how; ; active; present
\bby (?:\w+ ){0,2}\w+ing|using|mechanism|\bvia\b|means of
~because|\bby\b|since|through|, which|\bso\b|process|reaction|with
strengthen weaken improve favour damage speed prevent protect affect influence stimulate suppress
kill disguise bind control regulate activate inhibit trigger encourage shape cause reduce increase
limit lower raise slow produce destroy enhance

manner; in what way; ; ;
\bby\b|through|because|, which|\bfor\b|\bthat\b|instead|from|: |: |with\b
improve adapt evolve differ modify influence affect alter vary transform reform suffer
contribute interact resemble depend shape respond react compete cooperate

cost; at what cost; ; passive; past
cost|[$£€]|million|expens|fund|paid|price|donat
build construct rebuild restore renovate reconstruct erect enlarge

price; for how much; ; ; past
cost|[$£€]|million|expens|paid|price|worth|donat|gift
purchase buy sell acquire lease

source; from whom; ; active; past
\bfrom\b|\bby\b|\bof\b
receive obtain buy purchase acquire inherit borrow learn rent

partner; with whom; ; ; past
\bwith\b|against|\bto\b [A-Z]|between|\band\b
marry fight ally negotiate cooperate compete merge trade collaborate

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
    own: str
    """What would tell it where it stands in the same sentence; nothing where empty."""
    verbs: frozenset[str]
    """`*` for all that tell of something done."""


def _rows() -> tuple[Open, ...]:
    rows = []
    for block in _TABLE.strip().split("\n\n"):
        head, *lines = block.split("\n")
        family, wh, tail, voice, tense = (cell.strip() for cell in f"{head};".split(";")[:5])
        told = [line for line in lines if "|" in line]
        past = {"past": True, "present": False}.get(tense)
        rows.append(
            Open(
                family=family, wh=wh, tail=tail, voice=voice, past=past, told="|".join(line for line in told if line[0] != "~"),
                own="|".join(line[1:] for line in told if line[0] == "~"),
                verbs=word_set(*lines[len(told) :]),
            )
        )  # fmt: skip
    return tuple(rows)


OPEN = _rows()
#: Verbs that tell how things are and not of something done.
STATES = word_set(
    "be have include contain comprise consist cover know mean call name represent remain become seem "
    "appear resemble require need want believe consider regard describe refer range vary depend differ "
    "exist lie stand date belong own cost weigh equal fit lack love like hate show reflect indicate "
    "suggest involve allow enable lead cause result see say state claim note use provide serve act play "
    "feature offer come go do make get take keep hold begin start continue tend try help let live "
    "occur happen arise evolve fame locate situate relate fail lose follow remain accord concern"
)
