"""Which words speak of people: the nouns that name them, what they do, what is done to them."""

import re

from colloquia.language.lexicon import word_set
from colloquia.language.words import forms

_PERSON_NOUNS = word_set(
    "colleague son daughter wife husband brother sister friend assistant officer widow cousin "
    "uncle nephew niece heir rival farmer merchant clerk carpenter watchmaker apprentice athlete "
    "man woman men women people person king queen emperor duke prince princess pope bishop "
    "scientist scientists engineer engineers physicist chemist mathematician philosopher "
    "philosophers author authors writer writers poet artist architect historian historians "
    "scholar scholars researcher researchers settlers settler refugees inhabitants citizens "
    "colonists leader leaders politician general soldiers students student teachers teacher "
    "president minister inventor explorer merchants monk monks nobles lords lord count "
    "knights farmers workers doctors pharmacists theologian reformer reformers adventurers "
    "warriors conqueror conquerors economists economist biologist astronomer sailor captain "
    "children residents members exiles lawyer musician composer singer actor actress director "
    "painter diplomat judge surgeon nurse doctor miller blacksmith minister mayor governor "
    "senator chancellor critics critic designer pioneer founder minister pastor priest "
    "missionary nobleman noblewoman mercenary mercenaries raiders pirates traders descendants "
    "clergy peasants slaves authorities professor professors pupils mathematicians physicists "
    "chemists economists"
)
_PERSON_VERBS = word_set(
    "lead invade conquer command settle flee join appoint found establish decide order accept "
    "arrive fight marry sail travel move return leave build design create bring adopt "
    "incorporate introduce defeat attack capture rule speak live work serve emigrate "
    "persecute formulate extend demonstrate maintain secure found vote sign elect write say "
    "argue marry discover invent believe propose publish graduate claim compose paint state "
    "suggest criticize criticise conclude complete finish teach study observe think succeed preach"
)
# A name with one of these is no person's.
THING_WORDS = word_set(
    "university college company act war council city river church party house court school "
    "museum network system protocol empire kingdom republic duchy army treaty revolution "
    "institute press law bank park street palace castle bay island islands mountains theory "
    "parliament commission union government committee league group dynasty language congress "
    "ministry agency"
)
PERSON_PASSIVES = word_set(
    "appoint elect marry kill bear educate crown arrest execute imprison exile bury murder "
    "baptize baptise ordain raise imprison crown depose knight"
)


def is_person_noun(word: str) -> bool:
    """Whether a common noun names a person or people."""
    if forms(word) & _PERSON_NOUNS:
        return True
    return bool(
        re.fullmatch(r"[a-z]{3,}(?:ologist|icist|smith|woman|women|sman|smen|monger)s?", word)
    )


def is_animate_verb(lemma: str) -> bool:
    """Whether people, or bodies made of people, do this."""
    return lemma in _PERSON_VERBS
