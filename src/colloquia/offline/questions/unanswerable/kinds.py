"""What one asks where the text doesn't tell it: a table, a kind to a block.

Each block has the family, what the clause or the thing must be (`!`: mustn't), and how one asks: an
interrogative for what is left of the clause, or after `=` the whole question; `/` parts ways to
put it, of which each statement has one. Then patterns of what would tell it: anywhere near, after
`~` only in the same sentence. Then the words of which it is asked: verbs, or of a `thing` nouns;
without any, all are, but for those with `-`.
"""

import re
from dataclasses import dataclass

from colloquia.language.lexicon import word_set

NAMES = {
    "@REASONS": r"because|\bsince\b|, as\b|\bas (?:the|it|they|he|she)\b|\bso\b|due to|owing|"
    r"thanks|therefore|thus|hence|reason|"
    r"\bcaus|in order|, which|otherwise|prevent|avoid|\blets?\b|allow|ensur|protect|purpose|result|"
    r"enabl|\bled to|\bwhy\b|\baim|intend",
    "@WHEN": r"second|minute|hour|\bday|week|month|year|until|centur|decade|time",
    "@DATE": r"\b1\d{3}\b|\b20\d\d\b|centur|January|February|March|April|\bMay\b|June|July|August|"
    r"September|October|November|December|\d years|years later|decade|\d days",
    "@BY": r"\bby (?:\w+ ){0,2}\w+ing|using|\bvia\b|\bhow\b|means of|mechanism|directly",
    "@NUMBER": r"(?<![\d,.])(?!(?:1\d|20)\d\d\b(?!,))\d|\b(?:two|three|four|five|six|seven|eight|"
    r"nine|ten)\b|dozen|hundred|thousand|million",  # years don't count
}

_TABLE = r"""
duration; present !negated !conditional; how long
@WHEN|\blong|short|brief|permanent
irrigate soak bake rinse dry knead moisten flush cure heat cool last suspend retain survive
stay remain ferment boil live persist

date; past event definite !negated !conditional; when / in which year / in what year
@DATE
~@WHEN|\bafter|before|during|when\b|\bera\b|recently|following|since|until|[:;]
-be -have -see -include -contain -say -state -mean -represent -cover -use -provide -serve -know
-note -remain -consist -refer -suggest -feature -comprise -cause -lead -result -retain -consider
-believe -think -play -help -oppose -continue -hold -contribute -attend -enjoy -influence -support
-regard -call -name -make -do -go -come -take -get -describe -understand -treat -encourage -seek
-want -show -give -allow -require -involve -base -rank -characterize -define -act -dominate -own
-live -speak -work -need -rely -rest -offer -increase -grow -develop -predict -explain -enable
-protect -maintain -lose -owe -apply -employ -manufacture -elevate -exhaust -configure -refuse
-add

reason of a ban; negated !aimed; why
@REASONS
~[:;]
-know -understand -record

reason of a figure; figure present !orders !negated !aimed !agent; why
@REASONS
~[:;]
-cover -comprise -realize -generate -include

reason of a duty; duty detailed !figure !negated !aimed; why
@REASONS
~[:;]

reason of an act; past event agent !passive !conditional !negated !aimed; why
@REASONS
~[:;]|following|after|during
-write -publish -bear -compose -direct -average -estimate -rank -total -win -receive -describe
-number -constitute -be -have -see -include -contain -say -date -mean -represent -locate -situate
-cover -use -provide -serve -know -note -remain -consist -refer -suggest -feature -comprise -cause
-lead -result -rate -discover -peak -make -do -go -come -take -get -design -find -occur
-characterize -define -act -continue -die -develop -grant -change -visit -reach

reason of a fact; present acted !duty !orders !negated !aimed !figure !conditional !can; why
@REASONS
~[:;]|through|\bby\b|when\b|if\b|where\b|\bto\b [a-z]|\bfor\b|\band\b
-be -include -contain -consist -mean -refer -call -describe -represent -comprise -constitute -belong
-date -extend -cover -lie -say -state -suggest -show -see -define -know -note -indicate -feature
-provide -house -form -involve -locate -situate -center -centre -fill -hold -find -elect -derive
-take -make -get -do -give -play -cause -produce -have -combine -set

reason of a state; described !negated !orders !aimed !figure !maybe; why
@REASONS
~[:;]|which is|, as|for its|for their|given|\bwith\b

consequence; duty !copular !aimed; = what happens if {who} {undone} {after}
@REASONS|unless|fail|without|miss|\blate|penal|skip|void|harm|error
~\bif\b|when\b

doer; passive once !can !negated !person !owned; = who {did} {who} {after}
\bby\b
found establish build design invent discover introduce publish write develop create erect pay
appoint elect adopt propose order commission award inspect approve check issue notify destroy
formulate coin prove conquer organise organize collect finance paint translate compose demonstrate
patent demolish initiate abolish restore renovate expand rebuild burn capture kill execute grant
rename close abandon convert name transfer reject invite

alternative; means !negated !orders; how else
\bor\b|other|alternat|\belse|instead|\balso\b

toll; thing; = how many people died in {name}
@NUMBER|kill|died|dead|death|casualt|lives|slaughter
battle war massacre rebellion revolt uprising riot crusade siege persecution epidemic

area; thing own; = how large is {name}
@NUMBER|\blarge|\bsize|area|small
garden park campus forest reserve estate settlement colony hall museum gallery

span; thing; = how long {does} {name} last
@NUMBER|@WHEN|\blong|short|brief|permanent|until|lasted|lasting|lasts
siege campaign rebellion revolt crusade expedition occupation construction dynasty reign battery
strike voyage

length; thing own; = how long is {name}
@NUMBER|\blong|length|short
river canal bridge railway tunnel street

efficiency; thing; = how efficient {is} {name}
efficien|%|per cent|power|@NUMBER|perform|duty
engine turbine condenser heater furnace cycle pump

architect; thing own; = who designed {name}
design|architect|\bby\b|built
cathedral library museum palace castle monument stadium garden theatre tower bridge church abbey
chapel fort hall building house gallery statue column campus

members; thing own; = how many members {did} {name} have
@NUMBER|member
society council congregation parliament club party association league consortium union

people; thing own; = how many people live in {name}
@NUMBER|inhabit|populat|people|resident
city town village suburb district region island county province settlement colony neighbourhood

evidence; thing the; = what evidence is there for {name}
evidence|experiment|test|confirm|prove|proof|observ|measure|demonstrat|because
theory hypothesis model
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One thing that may be asked of some clauses, or of things that they name."""

    family: str
    needed: frozenset[str]
    barred: frozenset[str]
    asked: tuple[str, ...]
    """`how long`, or after `=` all of the question."""
    told: str
    own: str
    """What would tell it where it stands in the same sentence; nothing where empty."""
    words: frozenset[str]

    def of(self, lemma: str, shape: frozenset[str]) -> bool:
        """Whether it is asked of this word in a clause or phrase of this shape."""
        alike = ("thing" in shape) == ("thing" in self.needed)
        if not alike or not self.needed <= shape or self.barred & shape:
            return False
        named = {word for word in self.words if word[0] != "-"}
        return lemma in named if named else f"-{lemma}" not in self.words


def _kind(block: str) -> Kind:
    for name, pattern in NAMES.items():
        block = block.replace(name, pattern)
    head, *lines = block.split("\n")
    family, shape, asked = head.split("; ")
    told = [line for line in lines if re.search(r"^~|[|\\]", line)]
    return Kind(
        family=family,
        needed=frozenset(word for word in shape.split() if word[0] != "!"),
        barred=frozenset(word[1:] for word in shape.split() if word[0] == "!"),
        asked=tuple(asked.split(" / ")),
        told="|".join(line for line in told if line[0] != "~"),
        own="|".join(line[1:] for line in told if line[0] == "~"),
        words=word_set(*lines[len(told) :]),
    )


KINDS = tuple(map(_kind, _TABLE.strip().split("\n\n")))
