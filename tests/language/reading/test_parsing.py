from collections import OrderedDict

import pytest

from colloquia.language.reading import parsing
from colloquia.language.reading.parsing import parse, parse_all, parse_sentences
from colloquia.offline.reading.clauses import clauses_of


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No parse from before, and room for three."""
    monkeypatch.setattr(parsing, "_parses", OrderedDict())
    monkeypatch.setattr(parsing, "KEPT", 3)


def test_a_text_is_parsed_once_while_it_is_in_use() -> None:
    first = parse("Bees dance.")
    assert parse("Bees dance.") is first
    assert parse_all(["Bees hum.", "Bees dance."])[1] is first


def test_a_box_offers_the_train() -> None:
    read = parse("A box in rear offers the train to the box in advance.")
    (verb,) = (token for token in read if token.dep_ == "ROOT")
    assert verb.text == "offers"
    assert {token.text for token in verb.children if token.dep_ in ("nsubj", "dobj")} == {
        "box",
        "train",
    }


def test_no_more_parses_are_kept_than_there_is_room_for_and_the_latest_stay() -> None:
    texts = [f"Lamp {number} burns." for number in range(5)]
    docs = parse_all(texts)
    assert [doc.text for doc in docs] == texts
    assert len(parsing._parses) == 3
    assert parse(texts[-1]) is docs[-1]
    assert parse(texts[0]) is not docs[0]


def test_one_text_in_two_languages_is_two_parses() -> None:
    assert parse("Die Bar hat Bier.", "de").lang_ == "de"
    assert parse("Die Bar hat Bier.", "en").lang_ == "en"


def test_entities_are_found_for_who_asks_and_then_stand_in_the_same_parse() -> None:
    bare = parse("Darwin sailed to Tenerife in 1831.", entities=False)
    assert not bare.ents
    assert parse("Darwin sailed to Tenerife in 1831.") is bare
    assert "1831" in {entity.text for entity in bare.ents}


def test_a_batch_reads_as_its_texts_do_one_by_one() -> None:
    texts = ["Bees dance.", "A box in rear offers the train to the box in advance."]
    batch = [[(t.tag_, t.dep_, t.head.i, t.ent_type_) for t in doc] for doc in parse_all(texts)]
    parsing._parses.clear()
    assert batch == [[(t.tag_, t.dep_, t.head.i, t.ent_type_) for t in parse(x)] for x in texts]


def test_a_text_is_parsed_by_its_sentences() -> None:
    assert [doc.text for doc in parse_sentences("Bees dance. Bees hum.")] == [
        "Bees dance.",
        "Bees hum.",
    ]


@pytest.mark.parametrize(
    ("text", "verb", "lemma"),
    [
        ("He rated the valve.", "rated", "rate"),
        ("The mill that was sited here burned.", "sited", "site"),
        ("They are rating it.", "rating", "rate"),
    ],
)
def test_a_parse_has_the_lemmas_that_verbs_are_forms_of(text: str, verb: str, lemma: str) -> None:
    assert [token.lemma_ for token in parse(text) if token.text == verb] == [lemma]


def test_what_reads_a_parse_leaves_it_as_it_is() -> None:
    read = parse("The mill rated the valve that was sited here, and it ground rye.")
    before = read.to_bytes()
    clauses_of(read)
    assert read.to_bytes() == before
