"""What one asks of a clause where the text doesn't tell it: a table, a family to a block.

Each block has the family, what the clause must be (`!`: mustn't), and how one asks: an
interrogative for what is left of the clause, or after `=` the whole question; `/` parts ways to
put it, of which each statement has one. Then patterns of
what would tell it: anywhere near, after `~` only in the same sentence. Then the verbs of which it
is asked; `*` are all that tell of something done, but for those with `-`; without any, all are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from colloquia.language.lexicon import word_set

_REASONS = (
    r"because|\bsince\b|, as\b|\bso\b|due to|owing|thanks|therefore|thus|hence|reason|\bcaus|"
    r"in order|, which|otherwise|prevent|avoid|\blets?\b|allow|ensur|protect|purpose|result|enabl|"
    r"\bled to|\bwhy\b|\baim|intend"
)
_WHEN = r"second|minute|hour|\bday|week|month|year|until|centur|decade|time"
_BY = r"\bby (?:\w+ ){0,2}\w+ing|using|\bvia\b|\bhow\b|means of|mechanism|directly"
_PRICE = r"cost|[$£€]|million|expens|fund|paid|price|donat|worth|gift"

_TABLE = r"""
frequency; passive present !negated; how often
every|each|once|twice|\btimes|daily|annual|ly\b|often|regular|per\b|frequen|year|month|week
inspect check clean renew review revise measure record service test monitor feed update publish

duration; present !negated; how long
@WHEN|\blong|short|brief|permanent
irrigate soak bake rinse dry knead moisten flush cure heat store cool last take suspend retain
survive stay remain ferment boil live persist

reign; past !negated; how long
@WHEN|\d|during|\blong|from .* to\b|after|death|short
rule reign govern last serve live remain stay occupy teach study reside operate exist survive
dominate control besiege fight imprison

tool; passive present !negated; what … with
\bwith\b|using|by means|\bby\b|through|\bvia\b|\buse
measure clean check detect test remove cut seal fill treat

amount of change; !negated; by how much
\d|half|twice|double|triple|tenfold|times|per ?cent|\b(?:two|three|four)\b|slight
increase decrease reduce rise fall shrink extend shorten slow weaken strengthen raise lower improve
hasten grow decline expand exceed

date; past event !conditional !negated; when / in which year / in what year
\b1\d{3}\b|\b20\d\d\b|centur|January|February|March|April|\bMay\b|June|July|August|September|October
November|December|\d years|years later|decade|\d days
~@WHEN|\bafter|before|during|when\b|\bera\b|recently|following|since|until|[:;]
* -settle become occur begin end arrive come

place; past done !conditional !negated; where
\b(?:in|at|near|from|to|of|across|on) (?:the )?[A-Z]|where|there|\bcity|town|country|world|school
bear die found build discover invent sign publish train marry bury educate meet arrest erect rout
execute imprison crown negotiate land perform exhibit defeat capture fight hide escape teach
massacre surrender assemble gather convene print manufacture demonstrate

name; passive !negated; why
@REASONS|\bas\b|after|from|meaning|refer|mean|origin|deriv|\bfor\b|honou?r|[:;]
call name term dub nickname rename

pace; !negated !orders; how fast
\d|fast|slow|rapid|quick|speed|rate|graduall|second|minute|hour
travel move spread flow rotate grow divide fly circulate expand multiply migrate

recipient; passive !negated; to whom
\bto\b|recipient
lodge submit report pay deliver send supply award donate sell grant assign

deadline; passive present !negated; how soon
@WHEN|immediate|soon|prompt|deadline|when|once|before|after|during|\d
inform notify report file submit lodge copy return pay restore separate replace

way; past active agent object !place !conditional !negated; how
@BY
~\bby\b|with|through|first|step|from|process|because|after|which|\bso\b|in order|[:;]
* -visit -pass -patent -order -sign -elect -award -marry -welcome -send -join -publish -write -open

method; passive present !negated; how
@BY
~\bby\b|with|through|first|step|from|process|because|after|which|\bto\b
activate recognize recognise produce form derive measure detect
remove separate identify confirm convert distinguish isolate determine calculate recover extract
prepare verify register claim transfer recognise recognize detect generate elect select choose
transmit distribute eliminate

mechanism; present active object !negated !orders !figure; how
@BY
~because|\bby\b|since|through|, which|\bso\b|process|reaction|with|[:;]|\w+ing\b|when\b
strengthen weaken improve favour damage speed prevent protect affect influence stimulate suppress
kill disguise bind control regulate activate inhibit trigger encourage shape cause reduce increase
limit lower raise slow produce destroy enhance recognize recognise attack identify detect generate
eliminate release remove secrete convert absorb emit transfer evade expel extract interact drive

manner; !negated !orders; in what way / in what ways / how exactly
\bby \w+ing|through|because|, which|\bthat\b|instead|[:;]|\bwith\b|, \w+ing|on (?:the|how)
improve adapt evolve differ modify influence affect alter vary transform reform suffer contribute
interact resemble shape respond react compete cooperate change threaten inspire support dominate
oppose participate collaborate

cost; passive past !negated; at what cost
@PRICE
build construct rebuild restore renovate reconstruct erect enlarge

price; past !negated; for how much
@PRICE
purchase buy sell acquire lease

source; past active object !negated; from whom
\bfrom\b|\bby\b|\bof\b
receive obtain buy purchase acquire inherit borrow learn rent

purpose; present active object !negated; for what purpose
@REASONS|\bto\b [a-z]|\bfor\b|\bas\b
use employ utilize utilise deploy operate maintain build

grounds; passive !negated; on what grounds
@REASONS|\bas\b|based|\bby\b|criteri|\bfor\b|\bif\b|when\b
consider classify judge rate deem accuse criticise criticize recommend exclude convict

reason of a ban; negated !aimed; why
@REASONS|[:;]

reason of a figure; figure present !orders !negated !aimed; why
@REASONS|[:;]

reason of a duty; duty detailed !figure !conditional !negated !aimed; why
@REASONS

reason of a choice; past active agent !negated !aimed; = what led {who} to {base} {after}
@REASONS|[:;]|following|after|when\b|to (?:find|seek|escape)
leave move flee settle join return abandon adopt choose refuse reject oppose attack invade support
convert emigrate migrate retreat surrender withdraw resign ban change replace conquer divide
send order release rebuild burn sell marry threaten seek

reason of an act; past done !conditional !negated !aimed; why
@REASONS|[:;]|following
* -write -publish -bear -compose -direct -average -estimate -rank -rate -constitute -total -win
-receive -describe -discover -peak -number

reason of a fact; present !orders !negated !aimed !copular !conditional !maybe !can; why
@REASONS|[:;]|through|\bby\b|when\b|if\b|where\b
differ vary prefer attract avoid favour favor increase decrease lack recognize recognise express
strike resist dominate ignore exclude maintain restrict grow decline rise fall

consequence; duty !copular !aimed; = what happens if {who} {undone} {after}
@REASONS|\bif\b|unless|fail|without|miss|\blate|penal|skip|void|harm|error|when\b

doer; passive !negated !person; = who {did} {who} {after}
\bby\b
found establish build design invent discover introduce publish write name develop create erect pay
appoint elect adopt propose order commission award inspect approve check issue notify destroy assess
decide record measure formulate coin prove conquer organise organize charge collect finance paint
translate compose demonstrate patent demolish promote explain reward initiate

exceptions; usually present !copular !negated !orders; in which cases … not
\bif\b|unless|except|where|when|although|\bbut\b|however|depend|though|while|once

extent; partly !negated !orders; to what extent
\d|per ?cent|half|third|quarter|%|\bbut\b|although

times; often !negated !orders; how often
@WHEN|\d|every|each|once|twice|per\b|daily

speed; fast !negated !orders; how quickly
@WHEN|\d

likelihood; maybe active !object !negated !perfect; = how likely {are} {who} to {base} {after}
likel|probab|chance|\brisk|rare|often|always|%|usual|common|unless
freeze overheat occur fail happen break overflow crack leak collapse die result develop spread rise
fall burst escape shrink return recur persist worsen boil melt evaporate explode react form

alternative; means can !negated; how else
\bor\b|other|alternat|\belse|instead|\balso\b
*

age; past active person !plural; at what age
\bage\b|born|years old|birth|[:;]
marry die become move leave publish win enter graduate join begin discover invent flee retire

standing; present active agent object !negated !figure; = how long {has} {who} {done} {after}
since|founded|establish|\d|centur|ago|year|still|began|start|became
operate maintain run host own house preserve occupy publish offer lead hold sponsor manage teach
support administer

site; present passive !negated !plural; = since when {has} {who} been {done} {after}
since|founded|establish|\d|centur|ago|year|moved|began|start|became|\bnow\b|built
locate house base center centre headquarter display exhibit station

reason of a state; described !negated !orders !aimed; why
@REASONS|[:;]|which is|, as|for its|for their|given|\bwith\b
"""

#: What one asks of a thing by its kind: a question after a dash, what would tell it, the nouns.
#: `!` is asked of what has a name of its own, `?` of one thing alone.
_KINDS = r"""
- how many people died in {name}
\d|kill|died|dead|death|casualt|lives|slaughter
battle war massacre rebellion revolt uprising riot crusade siege persecution epidemic
- how long {does} {name} last
\d|@WHEN|\blong|short|brief|permanent|until|lasted|lasting|lasts
siege campaign rebellion revolt crusade expedition inflammation immunity fever infection
reaction treatment phase stage occupation construction reign voyage battery strike attack response
- how long {does} {name} live
\d|live|life|@WHEN|\blong|short|surviv
cell lymphocyte leukocyte macrophage neutrophil phagocyte bee
- how large {is} {name}
\d|size|small|large|tiny|big|area|acre|hectare
bacterium virus molecule particle forest garden park lake pond fleet army estate endowment campus
palace castle cathedral fort colony settlement
- how many kinds of {name} are there
\d|kind|type|several|many|two|three|class|variet|subgroup|subset|various|form
hormone cytokine protein antigen enzyme antibody peptide boson receptor
- how efficient {is} {name}
efficien|%|per cent|power|\d|perform|duty
engine turbine condenser heater furnace
- how many users {did} !{name} have
\d|user|customer|subscriber|people
network
- who developed !{name}
develop|design|\bby\b|creat|invent|introduc|work of
protocol technology software algorithm standard
- who designed !{name}
design|architect|\bby\b|built
cathedral library museum palace castle monument stadium garden theatre tower
- how many students {did} !{name} have
\d|student|pupil|enrol
university college school academy seminary
- how many members {did} !{name} have
\d|member
society council congregation parliament club party church association
- how many people live in !{name}
\d|inhabit|populat|people|resident
city town village suburb district region island
- who wrote !{name}
\bby\b|wrote|author|written|publish|issued
treaty edict charter chronicle book poem report
- how many {name} were there
\d|number|many|few|thousand|hundred|dozen|percent|half
refugee settler immigrant soldier mercenary monk missionary preacher exile colonist worker emigrant
student activist prisoner knight merchant captive
- how {is} ?{name} measured
measur|unit|\bby\b|using|instrument|\d
force acceleration velocity energy pressure inertia momentum friction tension humidity
- what evidence is there for {name}
evidence|experiment|test|confirm|prove|proof|observ|measure|demonstrat|because
theory hypothesis
- who opposed {name}
oppos|against|protest|resist|critic
merger divestment reform policy conquest annexation revocation
- how many people speak !{name}
\d|speak|spoke
language dialect
"""

#: Verbs that tell how things are and not of something done.
STATES = word_set(
    "be have include contain comprise consist cover know mean call name represent remain become "
    "seem appear resemble require need want believe consider regard describe refer range vary "
    "depend differ exist lie stand date belong own cost weigh equal fit lack love like hate show "
    "reflect indicate suggest involve allow enable lead cause result see say state claim note use "
    "provide serve act play feature offer come go do make get take keep hold begin start continue "
    "tend try help let live occur happen arise evolve fame locate situate relate fail lose follow "
    "accord concern"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that may be asked of some clauses."""

    family: str
    needed: frozenset[str]
    barred: frozenset[str]
    asked: tuple[str, ...]
    """`how long`, `what … with`, `in which cases … not`, or after `=` all of the question."""
    told: str
    own: str
    """What would tell it where it stands in the same sentence; nothing where empty."""
    verbs: frozenset[str]

    def of(self, lemma: str) -> bool:
        """Whether it is asked of this verb."""
        done = "*" in self.verbs and lemma not in STATES and f"-{lemma}" not in self.verbs
        return not self.verbs or lemma in self.verbs or done


def _wanted() -> tuple[Wanted, ...]:
    names = {"@REASONS": _REASONS, "@WHEN": _WHEN, "@BY": _BY, "@PRICE": _PRICE}
    rows = []
    for block in _TABLE.strip().split("\n\n"):
        for name, pattern in names.items():
            block = block.replace(name, pattern)
        (family, shape, asked), *lines = (
            block.partition("\n")[0].split("; "),
            *block.split("\n")[1:],
        )
        told = [line for line in lines if re.search(r"[|\\]", line)]
        rows.append(
            Wanted(
                family=family,
                needed=frozenset(word for word in shape.split() if word[0] != "!"),
                barred=frozenset(word[1:] for word in shape.split() if word[0] == "!"),
                asked=tuple(asked.split(" / ")),
                told="|".join(line for line in told if line[0] != "~"),
                own="|".join(line[1:] for line in told if line[0] == "~"),
                verbs=word_set(*lines[len(told) :]),
            )
        )
    return tuple(rows)


WANTED = _wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What is asked of things of some kind."""

    asked: str
    told: str
    nouns: frozenset[str]


def _kinds() -> Iterator[Kind]:
    for block in _KINDS.replace("@WHEN", _WHEN).split("\n- ")[1:]:
        asked, told, *nouns = block.strip().split("\n")
        yield Kind(asked=asked, told=told, nouns=word_set(*nouns))


KINDS = tuple(_kinds())
