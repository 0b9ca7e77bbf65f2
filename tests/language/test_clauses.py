from hypothesis import given, settings
from hypothesis import strategies as st

from colloquia.language.clauses import Clause, clauses
from colloquia.language.tagging import tag


def only(sentence: str) -> Clause:
    found = clauses(sentence)
    assert len(found) == 1
    return found[0]


def pieces(clause: Clause) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in clause.pieces]


def test_subject_verb_and_typed_pieces_are_found() -> None:
    clause = only("Sailors built the old lighthouse in Bergen in 1842.")
    assert (clause.subject, clause.lemma, clause.plural) == ("Sailors", "build", True)
    assert pieces(clause) == [
        ("object", "the old lighthouse"),
        ("place", "in Bergen"),
        ("time", "in 1842"),
    ]


def test_a_passive_keeps_its_doer() -> None:
    clause = only("The bridge was designed by Marta Olsen.")
    assert clause.passive
    assert pieces(clause) == [("agent", "by Marta Olsen")]


def test_a_fronted_time_is_kept_with_or_without_its_comma() -> None:
    for sentence in ("In 1927, the town opened a school.", "In 1927 the town opened a school."):
        fronted = only(sentence).fronted
        assert fronted is not None
        assert (fronted.kind, fronted.text) == ("time", "In 1927")


def test_reasons_and_means_are_recognised() -> None:
    cause = only("The harbour closed because the ice was thick.").first("cause")
    means = only("The guild paid the workers by selling salt.").first("means")
    assert cause is not None and cause.text == "because the ice was thick"
    assert means is not None and means.text == "by selling salt"


def test_two_clauses_joined_by_and_are_both_read() -> None:
    found = clauses("The glacier feeds the lake, and the river leaves it at Moss.")
    assert [clause.subject for clause in found] == ["The glacier", "the river"]


def test_a_second_verb_shares_the_subject() -> None:
    found = clauses("The mill bought rye and sold flour.")
    assert [(clause.subject, clause.lemma) for clause in found] == [
        ("The mill", "buy"),
        ("The mill", "sell"),
    ]


def test_a_second_participle_shares_the_auxiliary_too() -> None:
    found = clauses("The engine was designed in Leeds and shown in Paris.")
    assert [(clause.aux, clause.verb) for clause in found] == [
        (("was",), "designed"),
        (("was",), "shown"),
    ]


def test_an_apposition_says_what_its_subject_was() -> None:
    found = clauses("Tarn, a small village, lost its market.")
    assert [(clause.lemma, pieces(clause)[0][1]) for clause in found] == [
        ("lose", "its market"),
        ("be", "a small village"),
    ]


def test_words_without_a_finite_verb_give_no_clause() -> None:
    assert clauses("A small red house.") == ()
    assert clauses("x = f(y) + 3") == ()


def test_a_denied_clause_knows_it() -> None:
    assert only("The well did not freeze.").negated


def test_neighbours_decide_between_noun_and_verb() -> None:
    tags = {token.text: token.tag for token in tag("He plays the flute, and the plays end.")}
    assert tags["flute"] == "NN"
    assert [token.tag for token in tag("He plays chess.")][1] == "VBZ"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=160))
def test_pieces_and_tokens_stand_where_they_say(sentence: str) -> None:
    for token in tag(sentence):
        assert sentence[token.start : token.end] == token.text
    for clause in clauses(sentence):
        for piece in clause.pieces:
            assert sentence[piece.start : piece.end] == piece.text


def test_an_owner_is_never_cut_from_what_is_owned() -> None:
    woven = only("The cloth must be woven by hand in the islanders' own homes.")
    assert pieces(woven) == [("agent", "by hand"), ("phrase", "in the islanders' own homes")]
    built = only("The tower was built for the world's fair of 1889.")
    assert pieces(built) == [("phrase", "for the world's fair of 1889")]
    assert pieces(only("The bread was sold at the baker's in Selby.")) == []


def test_an_apostrophe_that_closes_a_quote_owns_nothing() -> None:
    tags = {token.text: token.tag for token in tag("They said 'the guards' were gone.")}
    assert tags["'"] != "POS"


def test_both_ends_of_a_span_are_one_time() -> None:
    assert pieces(only("The lake is frozen from about January to May.")) == [
        ("time", "from about January to May")
    ]


def test_a_rate_keeps_what_it_is_per() -> None:
    clause = only("The speed is fixed at exactly 299 metres per second.")
    assert pieces(clause) == [("phrase", "at exactly 299 metres per second")]


def test_a_clause_after_a_conjunction_is_not_cut_before_its_verb() -> None:
    for verb in ("cut", "pricked"):
        clause = only(f"Jakob Holm died after a student's knife {verb} Holm's finger.")
        assert pieces(clause) == []


def test_more_without_than_cannot_stand_alone() -> None:
    assert not only("The pressure is more than a thousand times the pressure of air.").separable


def test_behind_an_aside_the_only_verb_is_finite() -> None:
    found = clauses("Jon Palm, a farmer near Selby, sighted the comet in 1758.")
    assert (found[0].verb, found[0].form) == ("sighted", "VBD")
    assert clauses("A comet, the brightest, sighted by night") == ()


def test_a_year_before_its_noun_stays_with_it() -> None:
    clause = only("Jon Palm met Karin Holt at the 1967 meeting in Selby.")
    assert pieces(clause)[1] == ("time", "at the 1967 meeting")


def test_followed_by_is_no_verb_of_its_own() -> None:
    assert clauses("Jon Palm, a translation of the gospels, followed by the whole Bible.") == ()


def test_what_an_item_of_a_list_is_from_may_begin_a_clause() -> None:
    found = clauses("Holt ran the mills of Selby, and a list of the port from 1700 describes one.")
    assert [clause.verb for clause in found] == ["ran", "describes"]
