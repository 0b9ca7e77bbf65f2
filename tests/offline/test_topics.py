"""Topics are named as they stand inside a sentence: in the case and number that the text uses."""

import pytest

from colloquia.offline.reading.topics import Topic, topic_of


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Steps of a root canal treatment", "", "the steps of a root canal treatment"),
        ("Periodontal probing", "Probing is done in spring.", "periodontal probing"),
        ("Working hours and overtime in Velmarra", "", "working hours and overtime in Velmarra"),
        ("Filing deadlines in Ostrevia", "", "filing deadlines in Ostrevia"),
        ("Parental leave", "The Parental Fund pays for parental leave.", "parental leave"),
        ("Parcelwright API: webhooks", "", "webhooks in the Parcelwright API"),
        ("Chapter 4: The harbour", "", "the harbour"),
        ("1.1.1 Pumping station", "The pumping station is new.", "the pumping station"),
        ("FIRST AID FOR BURNS", "", "first aid for burns"),
        ("Sky (United Kingdom)", "In 2014 Sky grew.", "Sky"),
        ("Normans", "The Norman knights won. All feared Normans.", "the Normans"),
        ("Huguenot", "Many Huguenots left. A Huguenot church stood there.", "the Huguenots"),
        ("Harvard University", "The Harvard University Library is old.", "Harvard University"),
        ("Steam engine", "A kettle boils.", "the steam engine"),
        ("Huguenot", "The bulk of Huguenot émigrés left.", "Huguenot émigrés"),
        ("Harvard University", "The University is old.", "Harvard University"),
        ("Warsaw", "Warsaw architecture is varied.", "Warsaw"),
        ("Force", "The applied force is opposed. A conservative force acts.", "forces"),
        ("Force", "The force does work. A force has a direction.", "forces"),
        ("Sun", "The sun shines. The earth turns around the sun.", "the sun"),
        ("Moth", "All moths fly. Few moths sting.", "moths"),
        ("Packet switching", "Messages are parted by packet switching.", "packet switching"),
        ("Black Death", "It came by sea and was called the Black Death.", "Black Death"),
        ("Amazon rainforest", "", "the Amazon rainforest"),
        ("University of Leith", "University of Leith scholars wrote.", "the University of Leith"),
        ("Battle of Grun", "", "the Battle of Grun"),
        ("Joan of Arc", "", "Joan of Arc"),
        ("1973 oil crisis", "Prices rose.", "the 1973 oil crisis"),
    ],
)
def test_a_title_is_named_as_inside_a_sentence(title: str, text: str, name: str) -> None:
    assert topic_of(text, title) == Topic(name=name, place=name == "Warsaw")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Applying fluoride varnish", "applying fluoride varnish"),
        ("Choosing and changing air filters", "choosing and changing air filters"),
        ("Choosing A Pinhole", "choosing a pinhole"),
        ("Recognising bronze disease", "recognising bronze disease"),
        ("Calibrating a meter", "calibrating a meter"),
        ("Setting the valve clearance", "setting the valve clearance"),
        ("Rule 14: avoiding contact", "avoiding contact in rule 14"),
    ],
)
def test_what_one_does_is_told_from_a_thing(title: str, name: str) -> None:
    assert topic_of("", title) == Topic(name=name, doing=True)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("How gluten forms in dough", "how gluten forms in dough"),
        ("Who counts as a tax resident of Ostrevia", "who counts as a tax resident of Ostrevia"),
        ("How to prune an apple tree", "how to prune an apple tree"),
        ("Replace the filter", "how to replace the filter"),
        ("Reset your password", "how to reset your password"),
    ],
)
def test_a_question_or_an_order_is_a_question_put_indirectly(title: str, name: str) -> None:
    assert topic_of("", title) == Topic(name=name, asking=True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Selby Tower is a lighthouse.", "the Selby Tower"),
        ("A box in rear offers the train to the box in advance.", "a box in rear"),
        ("Root canal treatment (RCT), also called a root filling, helps.", "root canal treatment"),
        ("Some keepers came for 2 years. The lamp shone.", "the lamp"),
        ("It was built in 1900. Ada Marsh paid for it.", "Ada Marsh"),
        ("", "this"),
    ],
)
@pytest.mark.parametrize("title", [None, "", "How does gluten form?", "Is honey good for coughs?"])
def test_without_a_title_that_names_it_the_first_subject_is_the_topic(
    title: str | None, text: str, name: str
) -> None:
    assert topic_of(text, title).name == name
