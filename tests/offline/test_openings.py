"""An opening asks about what the overview tells, and the overview is one or two whole sentences."""

import pytest

from colloquia.core.roles import Passage, Profile, QuestionerInput, ReviewInput
from colloquia.offline.answers.foundation import foundation
from colloquia.offline.questions.manner import opening
from colloquia.offline.questions.questioner import question
from colloquia.offline.reading.openings import is_broad, opening_topic
from colloquia.offline.reading.overview import asks_for_overview, overview_text
from colloquia.offline.reading.study import study
from colloquia.offline.reading.topics import Topic
from colloquia.offline.reviews.critic import criticise

B_CELL = (
    "A B cell identifies pathogens when antibodies on its surface bind to an antigen. This complex "
    "is taken up by the B cell. It is cut into peptides. They are shown on the surface. "
    "A helper T cell then comes. Plasma cells are made."
)
HORMONES = (
    "Hormones can act as modulators, altering the sensitivity of the immune system. "
    "Some hormones rise."
)


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        (  # a sentence isn't cut at its joint
            "Clay",
            "Clay matters as much as sand: kaolinite holds 3 units, but smectite holds 80.",
            "Clay matters as much as sand: kaolinite holds 3 units, but smectite holds 80.",
        ),
        (  # what points back stands behind what it points to
            "B cells",
            B_CELL,
            "A B cell identifies pathogens when antibodies on its surface bind to an antigen. "
            "This complex is taken up by the B cell.",
        ),
        (  # the second sentence reaches the rest of the title
            "Field capacity",
            "After rain, water drains from the soil for two days. The water that remains is called "
            "field capacity. Plants drink it.",
            "After rain, water drains from the soil for two days. The water that remains is called "
            "field capacity.",
        ),
        (  # of two tests, one wouldn't do
            "Residents",
            "Residents meet one of two tests. First, they stay for 90 days. Second, they own a "
            "house. Guests meet none. Diplomats are never residents. They pay no tax.",
            "Residents meet one of two tests.",
        ),
        (  # a quotation isn't broken off
            "Warsaw",
            "The pope came to Warsaw. He ended with a call to Poland: Let Thy Spirit descend! "
            "Renew the land! People heard it. They took heart. The state fell.",
            "The pope came to Warsaw.",
        ),
        (  # it begins where it can be understood, though "also" stands in the first sentence
            "Warsaw",
            "Warsaw is home not only to offices but also to many companies. Others left.",
            "Warsaw is home not only to offices but also to many companies.",
        ),
        (  # there: in Velmarra
            "Dismissal in Velmarra",
            "Dismissals in Velmarra follow the rules given there. Guests have none of these.",
            "Dismissals in Velmarra follow the rules given there.",
        ),
        (  # few of what?
            "Wankel engine",
            "Relatively few were built at all. The Wankel engine has a rotor.",
            "The Wankel engine has a rotor.",
        ),
        (  # of which heating?
            "Boiler",
            "A method to lessen the cost of this heating was found. "
            "The boiler makes steam from water.",
            "The boiler makes steam from water.",
        ),
        (
            "Force",
            "That is, the force between two objects has no effect.",
            "The force between two objects has no effect.",
        ),
        ("Kiln", "It came to Rome. The kiln fires clay for pots.", "The kiln fires clay for pots."),
    ],
)
def test_an_overview_is_a_sentence_or_two_that_stand_together(
    title: str, text: str, said: str
) -> None:
    told, quotes = foundation(text, title)
    assert told == said
    assert all(quote in text for quote in quotes)


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Mill and weir", "The mill grinds grain, and the weir holds water.", "mill and weir"),
        (
            "Working hours and overtime in Velmarra",
            "Working hours are 38 a week.",
            "working hours in Velmarra",
        ),
        (
            "Tax bands and the basic allowance in Ostrevia",
            "Every resident has a basic allowance of 9,600 orels.",
            "the basic allowance in Ostrevia",
        ),
        (
            "How a lease is obtained and renewed",
            "A lease is obtained by asking a server.",
            "how a lease is obtained",
        ),
    ],
)
def test_of_a_title_with_two_halves_the_one_that_is_told_of_is_asked_about(
    title: str, text: str, name: str
) -> None:
    assert opening_topic(study(text, title)).name == name


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Immune system", B_CELL, "B cells"),
        ("Immune system", HORMONES, "hormones and the immune system"),
        (
            "Packet switching",
            "Merit Network, Inc., a corporation governed by Michigan's universities, was formed "
            "in 1966.",
            "Merit Network",
        ),
        (
            "Huguenot",
            "William III of Orange, who later became King of England, opposed Louis in 1672.",
            "William III of Orange",
        ),
        ("Warsaw", "There are 13 natural reserves in Warsaw today.", "natural reserves in Warsaw"),
        (
            "Immune system",
            "Even simple organisms such as bacteria possess a rudimentary immune system.",
            "simple organisms such as bacteria",
        ),
        (
            "Huguenot",
            "The bulk of Huguenot émigrés relocated to Protestant nations such as England.",
            "England and Huguenot émigrés",
        ),
        (
            "Temperature and acidity in sourdough",
            "A starter is a culture of wild yeasts in flour and water.",
            "temperature and acidity in sourdough",
        ),
        (
            "Steam engine",
            "Virtually all nuclear power plants boil water to drive a turbine.",
            "nuclear power plants",
        ),
        (
            "Huguenot",
            "In 1700 several hundred French Huguenots migrated to Virginia.",
            "French Huguenots",
        ),
        ("Huguenot", "The Weavers, a house by the river, was a school until 1830.", "the Weavers"),
        (
            "Force",
            "Reconciling two observations, the photoelectric effect, and the nonexistence of the "
            "catastrophe, proved troublesome.",
            "force",
        ),
        (
            "Warsaw",
            "Building activity occurred in churches. Warsaw grew.",
            "building activity in Warsaw",
        ),
        ("Warsaw", "A magazine ranked Warsaw as liveable. It grew.", "Warsaw"),
        ("Fox", "The main response of the red fox to hounds is to hide from all.", "fox"),
        ("Fox", "Around 1800 Tom Reed hunted some.", "Tom Reed"),
        # What happened once isn't told of all of its kind.
        ("Saint Evroul", "A tradition of singing had developed there.", "Saint Evroul"),
        ("Fox", "The production of the fur cost a fortune. Few paid it.", "fox"),
        (
            "Empires",
            "The correlation between trade, nobles, and empires has long been argued about.",
            "empires",
        ),
        # Which step, which employee?
        (
            "Steam engine",
            "The next major step occurred when Watt came.",
            "Watt and the steam engine",
        ),
        ("Dismissal", "The employee gets a letter within ten days of it.", "dismissal"),
        # Asked about by its own name, the terraces' pattern would be given away.
        ("Warsaw", "The pattern of the Vistula terraces is asymmetrical.", "Warsaw"),
        ("Warsaw", "Warsaw remained the capital of the country until 1796.", "Warsaw"),
    ],
)
def test_where_the_overview_does_not_reach_the_title_its_own_subject_is_asked_about(
    title: str, text: str, name: str
) -> None:
    assert opening_topic(study(text, title)).name == name


def _asked(text: str, title: str, *styles: str) -> set[str]:
    given = QuestionerInput(
        snippet=Passage(text=text, title=title),
        persona=Profile(name="x", opening_styles=styles),
        kind="overview",
        aim="",
        transcript=(),
        foundation=foundation(text, title)[0],
    )
    return {question(given, seed=seed).question for seed in range(30)}


def test_a_style_names_the_whole_and_the_question_the_part() -> None:
    text = "Datanet 1 was the public data network of the Dutch."
    told = _asked(text, "Packet switching", "Quick one on {topic}.")
    assert "Quick one on packet switching. What can you tell me about Datanet 1?" in told
    assert not any(said.startswith("Quick one on Datanet") for said in told)


def test_what_a_whole_has_been_joined_to_is_named_once() -> None:
    told = _asked(HORMONES, "Immune system", "Quick one on {topic}.")
    assert "Quick one on hormones and the immune system. What can you tell me?" in told


def test_a_title_that_asks_is_explained() -> None:
    told = _asked("Gluten forms when flour meets water.", "How gluten forms in dough")
    assert told == {
        "Can you explain how gluten forms in dough?",
        "Can you explain to me how gluten forms in dough?",
    }


def test_a_list_of_names_is_no_overview() -> None:
    names = (
        "Other: philosopher Henry Thoreau; poets Wallace Stevens and T. S. Eliot; actor Matt Damon."
    )
    said, quotes = foundation(names, "Harvard University")
    review = ReviewInput(
        snippet=Passage(text=names, title="Harvard University"),
        question="What should I know about Harvard University?",
        answer=said,
        quotes=quotes,
        declined=False,
    )
    assert criticise(review).helpful < 0.5


def test_of_a_broad_title_one_thing_is_asked_for() -> None:
    text = (
        "Individual Huguenots settled at the Cape of Good Hope from as early as 1671. They grew "
        "vines there. Their farms still bear French names."
    )
    assert is_broad(study(text, "Huguenot"))
    assert not is_broad(study("Huguenots were French Protestants. They fled.", "Huguenots"))
    said = opening(Topic(name="the Huguenots"), Profile(name="reader"), seed=1, broad=True)
    assert asks_for_overview(said) and "overview" not in said


def test_a_shortened_hour_keeps_its_stop() -> None:
    text = "A rain gauge is read at 9 a.m., and the amount is entered for the day before."
    assert overview_text(study(text, "Rain gauges")) == text
