"""Which questions are made of a statement: natural ones, in good English, and no others."""

import re

import pytest

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates


def _questions(text: str, title: str | None = None) -> dict[str, Candidate]:
    return {candidate.question: candidate for candidate in candidates(text, title)}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "A box in rear offers the train to the box in advance by sending a bell code.",
            "How does a box in rear offer the train to the box in advance?",
        ),
        (
            "A signal may be cleared only if the block instrument shows line clear.",
            "When may a signal be cleared?",
        ),
        ("A hive is inspected every seven days in spring.", "How often is a hive inspected?"),
        ("The Arden mill stands on the river Tay.", "Where does the Arden mill stand?"),
        ("The old lighthouse stands on Carrow Point.", "Where does the old lighthouse stand?"),
        (
            "A burn should be cooled under running water for at least 20 minutes.",
            "How long should a burn be cooled under running water?",
        ),
        ("An appeal must be filed within 21 days.", "How soon must an appeal be filed?"),
        ("A roux is a mixture of flour and fat.", "What is a roux?"),
        ("Smoke calms the bees because it masks the alarm.", "Why does smoke calm the bees?"),
        ("A depth of 1 to 3 mm is considered healthy.", "What depth is considered healthy?"),
        (
            "The palace was destroyed by the Swedes in 1656.",
            "When was the palace destroyed by the Swedes?",
        ),
        ("Marie Curie was a physicist born in Warsaw.", "Who was Marie Curie?"),
        ("Many Huguenots settled in Ireland.", "Where did many Huguenots settle?"),
        ("The water figure is called hydration.", "What is the water figure called?"),
        (
            "When algae block the line, the pan overflows.",
            "What happens when algae block the line?",
        ),
        ("To clear the line, switch off the power.", "How do you clear the line?"),
        (
            "Cells hold 30% of the water.",
            "What percentage of the water do cells hold?",
        ),
        (
            "Sandy soils hold water badly, whereas clay soils hold it well.",
            "How do sandy soils and clay soils differ?",
        ),
        ("William formed the League of Augsburg.", "Who formed the League of Augsburg?"),
        ("The work was commissioned by Odo.", "Who commissioned the work?"),
        (
            "Mercury is the working fluid in the vapor turbine.",
            "What is the working fluid in the vapor turbine?",
        ),
        (
            "The bulk of the refugees fled to Protestant nations such as England and Wales.",
            "To which Protestant nations did the bulk of the refugees flee?",
        ),
        ("William returned to Normandy in 1066.", "Where did William return in 1066?"),
        ("Harvard has topped the list since 2003.", "Since when has Harvard topped the list?"),
        ("Poland was occupied until 1918.", "Until when was Poland occupied?"),
        (
            "Probing depth is the distance from the margin to the base.",
            "What is probing depth?",
        ),
        (
            "An employer with few staff may postpone a block.",
            "What may an employer with few staff do?",
        ),
        ("With EDNS, a client can announce a buffer.", "What can a client do with EDNS?"),
        ("Blooming, in which water swells the grounds, frees gas.", "What is blooming?"),
        (
            "The gauge can be used on internal engines.",
            "Can the gauge be used on internal engines?",
        ),
        ("Shelves are moved back before winter, as snow falls.", "When are shelves moved back?"),
        ("The drum is turned first, since it slips.", "Why is the drum turned first?"),
        ("Casks are kept at 60 to 70 % air humidity.", "At what air humidity are casks kept?"),
        ("The liner is replaced every five to seven years.", "How often is the liner replaced?"),
        ("Clients are expected to wait.", "What are clients expected to do?"),
        ("Montmorillonite holds 80 to 120.", "How much does Montmorillonite hold?"),
        ("1,232 bytes is recommended.", "How many bytes are recommended?"),
        ("The college was initially called New College.", "What was the college initially called?"),
        (
            "In the first minutes of baking, a loaf expands rapidly.",
            "What happens in the first minutes of baking?",
        ),
        ("The first group set sail on 31 December 1687.", "What happened on 31 December 1687?"),
    ],
)
def test_a_statement_affords_the_question_one_would_ask(text: str, question: str) -> None:
    assert question in _questions(text)


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Milk teeth should not be replanted.", "No."),
        ("Lime should be mixed into the soil, unless the field is untilled.", "Not always."),
    ],
)
def test_yes_and_no_open_the_answer_to_what_is_asked_so(text: str, lead: str) -> None:
    assert lead in {candidate.lead for candidate in candidates(text, None)}


@pytest.mark.parametrize(
    "text",
    [
        "The employer may suspend the employee if a crime was committed.",
        "For gross misconduct, the employer may dismiss the employee.",
        "Overtime cannot be required of workers under 18, nor of pregnant workers.",
        "If another node answers, the address must not be used.",
        "Leave may be taken mainly in summer.",
        "Leave may be taken in up to three blocks.",
    ],
)
def test_no_plain_yes_or_no_where_the_text_sets_terms(text: str) -> None:
    assert not {candidate.lead for candidate in candidates(text, None)} & {"Yes.", "No."}


@pytest.mark.parametrize(
    "text",
    [
        "A draft costs nothing and is deleted after seven days.",
        "A warm, wet culture kept at 27 to 32 °C favours lactic acid.",
        "Acidity strengthens gluten at first, and the dough turns sticky.",
    ],
)
def test_a_misread_sentence_is_asked_nothing(text: str) -> None:
    assert not [
        c for c in candidates(text, None) if re.search(r"costs|kept|strengthens", c.question)
    ]


@pytest.mark.parametrize(
    ("text", "followed"),
    [
        ("The college was founded in 1636.", "When was it founded?"),
        ("The Normans were defeated in 1081.", "When were they defeated?"),
        ("Marie Curie moved to Paris in 1891. She left her home.", "When did she move to Paris?"),
    ],
)
def test_a_follow_up_has_the_pronoun_of_its_subject(text: str, followed: str) -> None:
    assert followed in {candidate.followed for candidate in candidates(text, None)}


def test_an_open_question_is_answered_on_into_a_sentence_that_hangs_on_it() -> None:
    text = "Field capacity is the water that remains in the soil. This is what plants live on."

    asked = _questions(text)["What is field capacity?"]

    assert (asked.statement, asked.also) == (0, 1)


def test_no_question_has_a_figure_that_its_statement_lacks() -> None:
    text = (
        "The library opens at 9:30 a.m. Cement and sand are mixed at 3:20 by volume. "
        "A culture holds 10^6 cells. Entry costs €1,260 from 1 May to 3 May."
    )

    for candidate in candidates(text, "Library"):
        assert set(re.findall(r"\d[\d:.,^]*", candidate.question)) <= set(
            re.findall(r"\d[\d:.,^]*", text)
        )


@pytest.mark.parametrize(
    "text",
    [
        "Normally water is the fluid of choice, since it is cheap.",
        "Warsaw produces steel and paper.",
        "The effort survived only a short time.",
        "The French added to the population.",
    ],
)
def test_nobody_asks_what_a_common_word_is_or_what_a_city_does(text: str) -> None:
    odd = r"What (?:is water|does Warsaw do|did the French add)|How often"
    assert not [asked for asked in _questions(text) if re.match(odd, asked)]


@pytest.mark.parametrize(
    ("text", "cloze"),
    [
        (
            "The developer works for eight minutes; a rise of one degree shortens the time by "
            "roughly 10%.",
            r"degree|10",
        ),
        (
            "The pinhole is usually made about one and a half times as large as the disk, since a "
            "smaller one would pass too little light.",
            r"(?:half|times|made)\?$",
        ),
        (
            "A spatial filter uses a microscope objective or short lens to focus the beam onto the "
            "pinhole.",
            r"lens\?$|lens focus|objective",
        ),
        ("Paper returns are due by 15 December.", r"paper (?:do|return)"),
        ("Fines are reduced by one mark a day.", r"What reduces"),
        ("Superheat is needed, and the yeast works faster until about 35 °C.", r"How long"),
    ],
)
def test_nobody_is_asked_to_fill_a_gap_in_a_sentence_cut_off(text: str, cloze: str) -> None:
    assert not [asked for asked in _questions(text) if re.search(cloze, asked)]


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Wood is planed by machines.", r"plans"),
        ("Too steep a slope causes slips, because wet soil flows.", r"(?:does|do) a slope"),
        ("Washing a cloth again spoils the dye.", r"washing a cloth do"),
        ("Blades should be even within about 2 % on one side.", r"be within"),
        ("Nobody may enter until the gas has cleared.", r"nobody"),
        ("No claim takes effect until the last day of June.", r"no claim"),
        ("Above 9 % yeasts can grow.", r"yeasts"),
        ("Sap is pushed from the root up to the leaf so that buds open.", r"from\?"),
        ("Screws are removed and a plate is fitted.", r"happens to"),
        ("Tokens expire after ten weeks.", r"[a-z] Tokens"),
        ("Espresso is brewed by forcing water through coffee.", r"[a-z] Espresso"),
        ("The bowline is easy and quick.", r"like\?"),
        ("A field may be mown only once each winter, since birds nest.", r"only once\?"),
    ],
)
def test_what_a_person_would_not_say_is_not_asked(text: str, odd: str) -> None:
    assert not [asked for asked in _questions(text) if re.search(odd, asked)]


def test_a_name_that_thinks_is_not_it() -> None:
    text = "Newton realized that gravity is proportional to mass. He was born in Woolsthorpe."

    assert {c.followed for c in candidates(text, None) if c.statement == 0} <= {None}


def test_a_limit_of_another_clause_does_not_bar_a_plain_no() -> None:
    text = (
        "Daily hours must not exceed ten, and at least eleven hours of rest must follow each day, "
        "unless an emergency threatens life."
    )

    assert _questions(text)["May daily hours exceed ten?"].lead == "No."


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("The east dock was dug in 1802. It holds 42 ships of up to 1,200 tons.", "of up to 1 "),
        ("The price rose by 2 % in 2019 and by ½ % in 2020.", "in 2019 and by"),
    ],
)
def test_no_figure_is_cut_in_two(text: str, never: str) -> None:
    assert not [c.question for c in candidates(text, None) if never in c.question]


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Wind carries drops off. Gauges catch 5 % too little because wind blows.", "catch\\?"),
        ("Relativity spread when he explained that space bends.", "^When"),
        ("Spare parts are kept. Only trained persons may do this.", "trained persons do"),
        ("A machine drills all day. A machine can not drive backwards.", "can not"),
    ],
)
def test_what_a_question_would_lose_or_leave_hanging_is_not_asked(text: str, never: str) -> None:
    assert not [c.question for c in candidates(text, None) if re.search(never, c.question)]


def test_a_statement_is_told_to_who_asks_about_its_subject() -> None:
    text = "Warsaw is the capital of Poland. The oldest park in Praga needs care."
    question = "What about the oldest park in Praga?"
    assert _questions(text, "Warsaw")[question].statement == 1
    assert not any("about systems" in asked for asked in _questions(f"{text} Systems cost a lot."))


def test_what_the_opening_told_of_is_not_asked_about_again() -> None:
    found = _questions("Warsaw is the capital of Poland. Warsaw has two airports.", "Warsaw")
    assert not any("about Warsaw" in asked for asked in found)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("William visited the town in 1804.", "Who visited"),
        ("All three cranks were set at noon.", "How many cranks"),
        ("Valves could be adjusted by engine drivers.", "How could"),
        ("No force is required to move it.", "no force required"),
        ("Turbines were used at sea in the 19th century.", "When were turbines used"),
        ("The council banned trams after the war.", "When did the council"),
        ("In the 20th century the idea led to a modern view of how all matter is made.", "it lead"),
        ("Newton extended the principle further.", "What did Newton do"),
    ],
)
def test_no_sentence_is_turned_round_into_what_nobody_asks(text: str, odd: str) -> None:
    assert not [asked for asked in _questions(text) if odd in asked]
