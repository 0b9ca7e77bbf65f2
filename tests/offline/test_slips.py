"""What a stranger would stumble over: cut phrases, empty questions, answers that say it twice."""

import pytest

from colloquia.core.roles import AnswererInput, Passage
from colloquia.language.declining import declines
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.reading import read


def questions(text: str, title: str | None = None) -> list[str]:
    return [candidate.question for candidate in candidates(text, title)]


def premises(text: str) -> list[str]:
    found = unanswerables(text, None)
    return [candidate.question for candidate in found if candidate.kind == "false_premise"]


def careful(text: str, question: str, *, seed: int = 1, title: str | None = None) -> str:
    given = AnswererInput(snippet=Passage(title=title, text=text), question=question, sample=1)
    return answer(given, seed=seed).answer


def test_an_owner_is_asked_about_with_what_it_owns() -> None:
    text = "The cloth must be woven by hand in the islanders' own homes."
    assert "What must be woven by hand in the islanders' own homes?" in questions(text)
    assert not [asked for asked in questions(text) if "islanders?" in asked]


def test_a_clause_cut_before_its_verb_is_asked_nowhere() -> None:
    text = "In March 1847 Jakob Holm died after a student's knife cut Holm's finger."
    assert not [asked for asked in questions(text) if "knife?" in asked]


def test_what_one_lake_does_is_not_asked_of_an_agency() -> None:
    text = (
        "The Vela Agency listed the lake in 1996. The lake lies in a rift valley near Bergen. "
        "The Vela seal lives in the lake. The surface is frozen from about January to May."
    )
    assert not [asked for asked in premises(text) if asked.startswith(("When", "Where"))]
    fallen = "The old lamp fell in 1903 near Selby. Karin Holt, a doctor, won a prize."
    assert not [asked for asked in premises(fallen) if "Holt" in asked]


def test_what_one_person_did_is_asked_of_another_whole() -> None:
    text = (
        "Karin Holt, a doctor, replaced the lamp in 1951. Elif Quist, an engineer, won a prize. "
        "The Great Fire of 1903 burned the mill."
    )
    asked = premises(text)
    assert "When did Elif Quist replace the lamp?" in asked
    assert not [one for one in asked if "Great Fire" in one or one.endswith("replace?")]


def test_what_a_thing_is_called_is_not_asked_by_its_name() -> None:
    asked = questions("The largest lenses are called first-order lenses.")
    assert not [one for one in asked if one.startswith("What is called")]


def test_a_measure_does_not_do_the_ordering() -> None:
    asked = questions("The modern table is ordered by atomic number.")
    assert not [one for one in asked if "orders" in one]
    assert "What drives the looms?" in questions("The looms are driven by foot pedals.")


def test_a_result_that_showed_it_is_no_answer_to_what_showed_it() -> None:
    said = "showed that the birds flew over the wide Atlantic."
    assert not [one for one in questions(f"The results {said}") if one.startswith("What showed")]
    whole = f"The recorders on the birds' legs {said}"
    assert [one for one in questions(whole) if one.startswith("What showed")]


def test_a_person_and_a_figure_are_not_compared() -> None:
    text = "Holt estimated ten minutes for the way, whereas the true figure is about twenty."
    assert not [one for one in questions(text) if "differ" in one]


def test_a_place_named_in_passing_is_no_subject() -> None:
    text = (
        "The Selby Bible was the first book in Europe with maps. Karin Holt printed it in Mainz. "
        "The type was cast from lead in May. Most pages have two columns. The paper was bought."
    )
    found = candidates(text, "The Selby Bible")
    asked = " ".join(candidate.question for candidate in found if candidate.general)
    assert "Karin Holt" in asked
    assert not [name for name in ("Europe", "Mainz", "May") if name in asked]


def test_a_text_with_nothing_else_may_be_asked_about_places() -> None:
    assert "Europe" in " ".join(questions("Of the many in Europe, all gone now."))


@pytest.mark.parametrize("asked", ["Who was Michel Holt?", "Who is Michel Holt?"])
def test_who_someone_was_is_answered_with_what_they_were(asked: str) -> None:
    text = (
        "Michel Holt, a French scholar, had suggested the race in memory of the legend of a Greek "
        "messenger who ran home. The race was run in 1896."
    )
    assert read(asked, text=text, title=None).asked.expected == "definition"
    assert "scholar" in careful(text, asked)
    longer = (
        "Michel Holt, scholar of old law, had suggested the race in memory of the legend, and the "
        "council of the town of Selby, which had paid for the older games, opened the new course "
        "beside the river in the spring of 1896 after a long quarrel."
    )
    assert "scholar" in careful(longer, asked)


def test_who_did_it_still_asks_for_a_name() -> None:
    text = "Karin Holt was the founder of Selby Mill. The mill closed in 1903."
    titled = "Who is President of Selby?"
    assert read(titled, text=text, title=None).asked.expected == "who"
    for asked in ("Who was the founder of Selby Mill?", "Who founded Selby Mill?"):
        assert read(asked, text=text, title=None).asked.expected == "who"


def test_a_water_carrier_may_be_a_ship() -> None:
    text = "Lars Holt, a water carrier from Selby, won in two hours over forty kilometres."
    assert "What was Lars Holt?" not in questions(text)


def test_a_sentence_in_the_past_asks_who_someone_was() -> None:
    text = "Jon Palm, a farmer near Selby, sighted the comet on 25 December 1758."
    assert "Who was Jon Palm?" in questions(text)


def test_a_way_is_said_once_at_the_head() -> None:
    text = (
        "William Holt, an army doctor, ended yellow fever in the canal zone by fighting the "
        "mosquitoes that spread the disease."
    )
    said = careful(text, "How did William Holt end yellow fever in the canal zone?", seed=2)
    assert said.startswith("By fighting the mosquitoes that spread the disease, William Holt")
    assert said.count("fighting") == 1


def test_what_cannot_be_parted_from_its_tail_is_said_whole() -> None:
    text = (
        "The modern distance of forty-two kilometres was first used at the Selby Games of 1908, "
        "where the course led from the old castle to the white stadium."
    )
    said = careful(text, "When was the modern distance of forty-two kilometres first used?")
    assert "where the course led" in said and said.count("1908") == 1


def test_a_figure_put_right_says_what_it_is_of() -> None:
    text = "The descent took nearly five hours. The crew found the stone in July 1799."
    hours = {careful(text, "Why did the descent take seven hours?", seed=seed) for seed in range(9)}
    assert len(hours) > 2
    assert all("five hours" in said and declines(said) for said in hours)
    years = {
        careful(text, "Why did the crew find the stone in July 1797?", seed=seed)
        for seed in range(9)
    }
    assert any("The year I have isn't 1797 but 1799." in said for said in years)


def test_a_name_that_is_out_of_place_is_given_with_its_noun() -> None:
    text = "The stone passed to Britain after the surrender. The key was a text in the old museum."
    asked = "Why did the Greek text pass to Britain after the surrender?"
    found = read(asked, text=text, title=None)
    assert (found.reason, found.asked_fact) == ("false_premise", "the Greek text")


def test_no_refusal_of_a_date_claims_to_be_short_of_time() -> None:
    text = "Coloured initials were added by hand afterwards."
    said = {careful(text, "When were coloured initials added by hand?", seed=s) for s in range(40)}
    assert len(said) > 4
    assert not [one for one in said if "no time" in one]
    assert all(declines(one) for one in said)


def test_an_overview_opens_with_a_sentence_that_leans_on_none() -> None:
    text = (
        "The sea undermined the rock beneath it. Karin Holt built the second tower on the rock. "
        "The tower and the rock were bought by Selby. The sea took the tower and the rock."
    )
    given = AnswererInput(snippet=Passage(title="Selby Light", text=text), question=None)
    assert not answer(given, seed=1).answer.startswith("The sea undermined")


def test_names_are_asked_after_in_the_number_of_the_topic() -> None:
    def naming(title: str) -> list[str]:
        found = unanswerables("It stands by the river. The town is proud of it.", title)
        return [one.question for one in found if "name" in one.question]

    assert naming("The seven bridges of Selby") == [
        "How did the seven bridges of Selby get their name?"
    ]
    assert naming("The Tower of Hercules") == ["How did the Tower of Hercules get its name?"]
    assert naming("Holt and the speed of light") == []


def test_a_clause_is_turned_round_only_where_nothing_is_lost() -> None:
    text = (
        "The old harbour of the town of Selby was closed by the council in 1903, and the mill "
        "beside the harbour was sold to the brewer Lars Palm."
    )
    said = careful(text, "When was the old harbour of the town of Selby closed by the council?")
    assert said.startswith(("In 1903, the old harbour", "The old harbour"))
    whole = careful(text, "When was the mill sold to the brewer and the old harbour closed?")
    assert "Lars Palm" in whole
