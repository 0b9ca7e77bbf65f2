"""How a snippet is read: statements that stand alone, their clauses, and every figure kept."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.choosing import unanswerables
from colloquia.offline.reading.overview import overview_text
from colloquia.offline.reading.study import study, without_marks

_FIGURES = st.one_of(
    st.builds("{:d}:{:02d} a.m.".format, st.integers(1, 12), st.integers(0, 59)),
    st.builds("{:d}:{:d} by volume".format, st.integers(1, 9), st.integers(2, 30)),
    st.builds("10^{:d} cells".format, st.integers(2, 9)),
    st.builds("€{:,d}".format, st.integers(1_000, 9_999_999)),
    st.builds("{:d}–{:d} mm".format, st.integers(1, 9), st.integers(10, 99)),
    st.builds("the {:d}th of May".format, st.integers(4, 20)),
)


def _digits(text: str) -> list[str]:
    return re.findall(r"\d[\d.,:^–]*\d|\d", text)


@settings(max_examples=60, deadline=None)
@given(figures=st.lists(_FIGURES, min_size=1, max_size=3))
def test_what_a_statement_says_has_the_figures_of_its_quote(figures: list[str]) -> None:
    text = " ".join(f"The mill opens at {figure}, and it closes later." for figure in figures)

    for statement in study(text, "Mill").statements:
        assert _digits(statement.said) == _digits(statement.quote)


def test_statements_are_verbatim_and_cover_a_joined_sentence_in_parts() -> None:
    text = "The filter is cleaned, and the pump is primed. The valve opens at 9:30 a.m."

    statements = study(text, None).statements

    assert [s.quote for s in statements] == [
        "The filter is cleaned",
        "the pump is primed.",
        "The valve opens at 9:30 a.m.",
    ]
    assert all(text[s.start : s.end] == s.quote for s in statements)
    assert statements[1].said == "The pump is primed."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Mortar sets slowly. It must be used within two hours.",
            "Mortar must be used within two hours.",
        ),
        (
            "Marie Curie was a physicist. She died in 1934.",
            "Marie Curie died in 1934.",
        ),
        (
            "The monks built an abbey. They left in 1540.",
            "The monks left in 1540.",
        ),
        (
            "The college opened in 1636. Its curriculum was secularized later.",
            "The college's curriculum was secularized later.",
        ),
        (
            "Owners of listed barns pay no levy. Their repairs are paid by the county.",
            "The repairs of owners of listed barns are paid by the county.",
        ),
    ],
)
def test_a_pronoun_of_the_right_person_and_number_gives_way_to_its_name(
    text: str, said: str
) -> None:
    last = study(text, None).statements[-1]

    assert (last.said, last.loose) == (said, False)


def test_pages_of_a_source_are_no_part_of_what_is_said() -> None:
    told = study("The monks left the abbey.:93 The town grew at 9:30.:4–5:24. Trade rose.", None)

    assert [s.said for s in told.statements] == [
        "The monks left the abbey.",
        "The town grew at 9:30.",
        "Trade rose.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The monks built an abbey. It was closed in 1540.",  # the abbey, but is that sure?
        "The college opened in 1636. This was a novelty.",
        "The engine needs a valve. Both are cleaned every week.",
        "Lime steadies the pH. Vinegar lowers it.",
        "Hard cheese ripens for a year. Soft cheeses are eaten within two weeks of it.",
        "A lease lapses after a year. Farms are outside these rules.",
        "A plain copy moves no links. A deep copy reads the tree and does, in one pass.",
    ],
)
def test_what_may_point_at_several_things_stays_loose(text: str) -> None:
    assert study(text, None).statements[-1].loose


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Domain Name System queries are sent over UDP.", "Domain Name System queries"),
        ("Gains on the sale of a home are exempt from the Capital Gains Levy.", "gains"),
        ("Grittiness suggests that sand dominates.", "grittiness"),
        ("Norman mercenaries fought in Sicily.", "Norman mercenaries"),
    ],
)
def test_a_subject_has_the_case_that_it_has_inside_a_sentence(text: str, subject: str) -> None:
    assert study(text, None).statements[0].subject.startswith(subject)


@pytest.mark.parametrize(
    ("text", "sense"),
    [
        ("The filter is cleaned because dust blocks it.", "reason"),
        ("The filter is cleaned unless it is new.", "exception"),
        ("The filter was cleaned in 1844.", "time"),
        ("The filter is cleaned every week.", "frequency"),
        ("The pump runs for three hours.", "duration"),
        ("The pump starts if the pressure falls.", "condition"),
        ("The flow is measured by weighing the water.", "means"),
    ],
)
def test_parts_of_a_clause_tell_what_they_are(text: str, sense: str) -> None:
    clause = study(text, None).statements[0].clauses[0]

    assert sense in {piece.sense for piece in clause.pieces}


@pytest.mark.parametrize(
    "text",
    [
        "A warm, wet culture kept at 27 to 32 °C favours lactic acid and a mild sourness.",
        "Tax still unpaid on 1 March bears interest at 0.6%.",
    ],
)
def test_a_parse_that_cannot_be_right_is_not_sound(text: str) -> None:
    clauses = study(text, None).statements[0].clauses

    assert not any(clause.sound and clause.subject_sound for clause in clauses)


@pytest.mark.parametrize(
    ("text", "subject", "verb"),
    [
        ("After heavy rain, water drains from the largest pores.", "water", "drains"),
        (
            "Water that forms on a cooling coil collects in a drain pan.",
            "Water that forms on a cooling coil",
            "collects",
        ),
        ("A draft costs nothing and is deleted after seven days.", "A draft", "costs"),
        ("Fat coats the proteins and weakens the network.", "Fat", "coats"),
        ("In this system, sand measures 0.05 to 2 mm.", "sand", "measures"),
        ("The bulk of the refugees relocated to England.", "The bulk of the refugees", "relocated"),
    ],
)
def test_a_verb_that_was_taken_for_a_noun_is_found(text: str, subject: str, verb: str) -> None:
    main = study(text, None).statements[0].clauses[0]

    assert main.sound
    assert main.subject_sound
    assert (main.subject_text, main.verb.text) == (subject, verb)


def test_of_several_sentences_each_gets_the_verb_that_is_its_own() -> None:
    text = (
        "After heavy rain, water drains from the largest pores. The mill was closed. "
        "Fat coats the proteins and weakens the network. In this system, sand measures 2 mm."
    )

    verbs = [statement.clauses[0].verb.text for statement in study(text, None).statements]

    assert verbs == ["drains", "closed", "coats", "measures"]


def test_a_list_of_names_gets_no_verb() -> None:
    text = "Other: leader W. E. B. Du Bois; philosopher Henry Thoreau; authors Ralph Emerson."

    assert not any(clause.sound for clause in study(text, None).statements[0].clauses)


def test_brackets_stay_in_what_is_said_and_out_of_what_is_parsed() -> None:
    text = "The valve (see 2) is cleaned (twice), and the pump (P2) is primed. It (the spare) runs."

    valve, pump, runs = study(text, None).statements

    assert [s.quote for s in (valve, pump)] == [
        "The valve (see 2) is cleaned (twice)",
        "the pump (P2) is primed.",
    ]
    assert pump.clauses[0].subject_text == "the pump"
    assert runs.said == "The pump (the spare) runs."


@pytest.mark.parametrize("mark", [";", ":"])
def test_what_stands_behind_a_colon_is_a_clause_as_behind_a_semicolon(mark: str) -> None:
    text = f"A higher rating is not better{mark} denser media resist airflow more."

    clauses = [c for s in study(text, None).statements for c in s.clauses]

    assert [clause.verb.text for clause in clauses] == ["is", "resist"]
    assert all(clause.sound for clause in clauses)
    assert clauses[0].end <= clauses[1].start


@pytest.mark.parametrize(
    "text",
    [
        "The glacier lost a third of its ice. Its tongue is at −3 °C. It is 8½ km long.",
        "Small engines were effective though larger models were problematic. They burst easily.",
    ],
)
def test_a_pronoun_that_may_stand_for_two_things_is_left_as_it_is(text: str) -> None:
    last = study(text, None).statements[-1]
    assert last.loose, last.subject


def test_a_question_of_the_text_states_nothing() -> None:
    asked, told = study("Is there a lift? The lift holds four people.", None).statements
    assert asked.loose and not asked.clauses
    assert told.clauses
    assert overview_text(study("Is there a lift in the house? It holds four people.", None)) == (
        "It holds four people."
    )


def test_a_pointer_to_what_else_to_see_keeps_its_also() -> None:
    text = "Warsaw (see also other names) is the capital of Poland."
    assert study(text, None).statements[0].said == text


def test_how_a_name_is_said_is_left_out() -> None:
    said = without_marks(
        "Warsaw (Polish: Warszawa [var] ( listen); see other names) is old.[update]"
    )
    assert said == "Warsaw is old."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'Ada Lee was pleased, saying: "The man and the part met. I refused. It was art." '
            "She met Orr before the filming.",
            [False, False, False, True],
        ),
        ('The plate is 5" wide. It was cast in 1851. The mill sold it.', [True, True, True]),
        ('The mill was "new. It was built in 1851. The mill burned.', [False, True, True]),
    ],
)
def test_of_a_quotation_over_several_sentences_none_is_told(text: str, told: list[bool]) -> None:
    assert [bool(one.clauses) for one in study(text, None).statements] == told


def test_what_the_text_bids_one_to_note_is_not_asked_about() -> None:
    text = "A mark covers names. Note that ideas are not covered because they are no names."
    assert not study(text, None).statements[1].clauses


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "By 1880, a science course was planned, and a hall was built in 1883.",
            "A hall was built in 1883.",
        ),
        (
            "In Leith, a science course was planned, and a hall was built in 1883.",
            "In Leith, a hall was built in 1883.",
        ),
    ],
)
def test_a_time_that_opens_a_sentence_gives_way_to_a_parts_own(text: str, said: str) -> None:
    assert study(text, None).statements[1].said == said


def test_am_is_no_verb_of_anybody_but_the_speaker() -> None:
    text = "In the late 17th century, the Theater am Markt in Hamburg presented operas by Handel."
    (statement,) = study(text, None).statements
    assert not any(one.sound for one in statement.clauses if one.verb.lower_ == "am")


def test_nobody_is_told_about_themselves_for_want_of_another_name() -> None:
    text = "Lee was a writer. Years later, she was reluctant to tell Lee that the watch was gone."
    assert study(text, None).statements[1].loose


@pytest.mark.parametrize(
    "text",
    [
        "Players refuse files of rival stores. Example stores include Norb and Mella.",
        "A captain from Leith charted the river. Heavy ice kept him from going on.",
        "Orr died in 1415. Until then, the court was unaware of the plan.",
        "One is no prime. The theorem (mentioned above) would not hold.",
    ],
)
def test_what_leans_on_something_said_before_cannot_stand_alone(text: str) -> None:
    assert study(text, None).statements[1].loose


def test_a_list_behind_a_colon_is_told_whole() -> None:
    text = "The club shows: a pump; a wagon; two pans, of which one is Roman; letters."
    assert [statement.said for statement in study(text, None).statements] == [text]
    apart = "Two rules hold: the gate opens at nine; the keeper locks the shed."
    assert len(study(apart, None).statements) == 2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The bank's code is ORRN-CH-22, and the transfer costs 40 francs.", "ORRN-CH-22"),
        ("The jars are boiled for 10' at a time. The lid is red.", "10'"),
        ("The pool was 8.5 m × 3 m × 9 m. It was filled in 1987.", "8.5 m × 3 m × 9 m"),
    ],
)
def test_what_is_written_as_one_is_never_asked_in_pieces(text: str, written: str) -> None:
    for candidate in (*candidates(text, None), *unanswerables(text, None)):
        parts = set(re.findall(r"\w+", written)) & set(re.findall(r"\w+", candidate.question))
        assert not parts or written in candidate.question, candidate.question


def test_an_answer_to_what_if_does_not_stand_without_its_if() -> None:
    text = "What happens if a jar fails? All jars of the batch lose the mark. The mark is blue."
    assert [s.loose for s in study(text, None).statements[1:]] == [True, False]
    plain = "How is honey stored? Honey is stored in jars of glass."
    assert not study(plain, None).statements[1].loose
