"""Which words go with which question, and what a figure counts or measures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.offline.reading.clauses import bare

if TYPE_CHECKING:
    from spacy.tokens import Token

#: They say how something is and not what it does.
STATES = word_set(
    "be have do can remain stay mean equal contain include depend know exist consist belong lie "
    "cost weigh measure last own hold resemble differ exceed seem appear become want need owe lack "
    "comprise constitute represent matter tend receive get make see feature involve vary keep "
    "reflect reach extend date share number total suit begin start"
)
#: What one asks the doer of.
MAKING = word_set(
    "found establish build design invent discover introduce publish write develop create erect "
    "commission order formulate coin prove conquer translate compose patent demonstrate form lead "
    "propose use defeat operate fund paint install sign appoint elect adopt"
)
#: What one asks the cause of.
CAUSING = word_set(
    "cause prevent damage affect determine trigger weaken protect power drive control "
    "influence inspire"
)
#: What one asks what it is that somebody or something …
ASKED_WHAT = word_set(
    "mean show suggest indicate require ensure imply demonstrate prove equal say state claim "
    "argue believe propose describe explain cover measure cause produce develop invent "
    "discover design establish create contain include study teach demand recommend observe "
    "conclude affect determine reveal assert assume predict emphasize emphasise favour favor "
    "improve"
)
#: Where these are is worth asking.
PLACED = word_set(
    "bear live die settle lie locate situate bury build find stand sit meet hold keep store house "
    "place educate base open headquarter study display occur happen land arrive move teach "
    "establish found publish sign marry work serve construct erect begin originate develop"
)
MOVING = word_set(
    "move go flee migrate emigrate relocate travel return retreat spread export send deport come "
    "arrive originate escape drain flock resettle sail march extend flow run transfer ship exile"
)
#: How much of something they do.
HOLDING = word_set("hold cost weigh contain earn produce absorb receive pay owe charge")
#: Verbs and adjectives with the preposition that they govern: one asks what it goes with.
GOVERNED = re.compile(
    r"(?:(?:consist|compose|make|die|dispose|deprive) of|(?:belong|apply|contribute|"
    r"relate|respond|limit|compare|convert|restrict|reduce|expose|entitle|link|\w+al) to|"
    r"(?:derive|suffer|result|benefit|differ|arise|develop|protect|make) from|"
    r"(?:divide|convert|turn|split|develop|break|change) into|(?:protect|guard) against|"
    r"(?:use|know|suit|intend|reserve|account|search|look|allow|pay|stand|"
    r"(?!apply)\w+(?:le|al|us|nt|ed|y)) for|"
    r"(?:use|regard|consider|define|describe|view|classify|treat|interpret|"
    r"denote|begin|start|refer|rank|rate|count) as|"
    r"(?:base|depend|focus|rely|act|feed|concentrate) on|"
    r"(?:result|specialize|specialise|interest|participate|involve|engage|express) in|"
    r"(?:deal|compare|react|associate|equip|cover|fill|concern|compete|interact|replace|provide|"
    r"supply|contaminate) with)"
)
#: What is vague, nobody asks after.
VAGUE = word_set(
    "thing way part one number kind type case result form figure it fact example use other rest "
    "lot site member source conclusion most many aspect feature sign instance variety range version"
)
QUANTIFIED = re.compile(r"(?:no|any|every|each|all|both|none|many|most|some|several|few)\b", re.I)
_UNITS = word_set(
    "% ° °c °f mm cm m km kg g mg µm nm kpa mpa pa lux ml l ppm v a w kw hz khz mhz percent degree "
    "gram metre meter litre liter micrometre millimetre centimetre kilometre mile foot inch pound "
    "tonne ton hectare acre euro dollar kelvin bar volt watt amp"
)
_UNCOUNTED = word_set("time one half way number percentage point thing hundred thousand million")
_MEASURES = word_set(
    "depth weight length height width distance temperature pressure speed rate ph level share dose "
    "percentage ratio age size volume current voltage frequency penalty fee allowance price cost "
    "charge thickness concentration humidity area power angle value limit score density mass "
    "capacity fine salary wage pension deposit discount range radius diameter period population"
)
#: What may stand before a figure and is no part of it.
BOUNDS = (
    r"(?:at (?:least|most)|up to|(?:no )?(?:more|fewer|less) than|about|around|roughly|only|"
    r"approximately|nearly|almost|exactly|over|under|the (?:first|last|next)|another)"
)


def count_of(head: Token) -> str | None:
    """Return what is counted, with what describes it: consecutive hours of rest."""
    figure = next((c for c in head.children if c.dep_ == "nummod" and c.like_num), None)
    uncounted = head.tag_ != "NNS" or head.lemma_.lower() in _UNCOUNTED or head.lower_ in _UNITS
    year = figure is not None and re.fullmatch(r"1\d{3}|20\d\d|one", figure.lower_)
    known = any(c.lower_ in {"the", "all", "both", "these"} for c in head.lefts)
    if uncounted or figure is None or year or known:
        return None
    under = [t for t in head.subtree if t.i > figure.i]
    if any(t.pos_ == "AUX" and t.i > head.i for t in under):
        return None  # copies were printed
    phrase = bare(head.doc[figure.i + 1 : under[-1].i + 1].text)
    phrase = re.split(r",(?!\d)|:(?!\d)| that | which | who | before | after | \w+ing ", phrase)[
        0
    ].strip()
    other = any(t.like_num or t.lower_ == "other" for t in head.doc[figure.i + 1 : head.i])
    joined = " and " in head.doc[head.i : head.i + 8].text and " and " in phrase
    plain = re.fullmatch(r"[\w' -]+", phrase) and len(phrase.split()) <= 7
    return phrase if plain and not other and not joined else None


def measure_of(head: Token) -> str | None:
    """Return the noun of `a depth of 1 to 3 mm`."""
    prep = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "of"), None)
    one = next(iter(head.subtree)).lower_ in {"a", "an"}
    if head.lemma_.lower() not in _MEASURES or prep is None or not one or prep.i != head.i + 1:
        return None
    inner = list(prep.subtree)
    if not any(t.like_num for t in inner) or any(t.dep_ == "relcl" for t in inner):
        return None
    own = [*(t for t in head.lefts if t.dep_ in {"amod", "compound"}), head]
    return " ".join(t.text for t in own)
