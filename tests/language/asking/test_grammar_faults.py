"""A question is broken where no hurry excuses it; what people really ask is let through."""

import pytest

from colloquia.language.asking.grammar_faults import grammar_fault

BROKEN = {
    "What is the the network?": "'the' stands twice",
    "How many wheels are made a year are made?": "'are made' stands twice",
    "Does season always ticket are not refunded?": "'are' has an auxiliary already",
    "Thanks. When did did it open?": "'did' stands twice",
    "What gives the?": "stops short after 'the'",
    "So what did it get its": "stops short after 'its'",
    "Where should I start with?": "stops short after 'with'",
    "What happened in?": "stops short after 'in'",
    "What do we learn about?": "stops short after 'about'",
    "What kind of?": "stops short after 'of'",
    "Good to know! How does the necessary scope come into?": "stops short after 'into'",
    "What the main points?": "no verb",
    "What the boiling point of water here?": "no verb",
    "What the miller gives to the abbey?": "'gives' lacks its auxiliary",
    "When Einstein develop the theory?": "'develop' lacks its auxiliary",
    "Why the bread rises in the oven?": "'rises' lacks its auxiliary",
    "What do the mill give to the abbey?": "'do' doesn't agree with 'mill'",
    "What is the three laws of motion?": "'is' doesn't agree with 'laws'",
    "How many people is employed there?": "'is' doesn't agree with 'people'",
    "Who were Casimir Pulaski?": "'were' doesn't agree with 'Pulaski'",
    "What detect a wide variety of agents?": "'detect' doesn't agree with 'What'",
    "What you tell me about steam?": "'tell' lacks its auxiliary",
    "What should I know first about?": "stops short after 'about'",
    "What about the nobility of?": "stops short after 'of'",
    "How frames put?": "no verb",
    "When acidity be measured?": "no verb",
    "What must a boat that gains right of way does?": "'does' can't follow 'must'",
    "How often are DOT fluid changed?": "'are' doesn't agree with 'fluid'",
    "What happens if payment are not made in time?": "'are' doesn't agree with 'payment'",
}
SOUND = (
    "What is it made of?",
    "Where do they come from?",
    "Since nobody may climb it, where do people look at it from?",
    "What can the miller tell us about?",
    "What is fluid pushed from?",
    "Who did King Charles III swear fealty to?",
    "In what century was quantum mechanics made?",
    "What are the three laws of motion?",
    "How many pounds of coal is one bushel?",
    "In which years was the concept published?",
    "Which rulers in Germany took the refugees in?",
    "Any idea what gluten gives to the dough?",
    "I'd love to know when the mill was built.",
    "Can you tell me why the bread rises in the oven?",
    "How come the lamp is red?",
    "What about the keepers?",
    "What else?",
    "why so?",
    "thanks, now what colour is it",
    "whats the admission charge on a thursday?",
    "What does quantum mechanics describe?",
    "Who did Alexander marry?",
    "Who was the network developed by?",
    "What does MoD stand for?",
    "From which countries did the Norse originate?",
    "How do a new starter and an old one differ?",
    "When a pathogen has been eaten, what happens to it?",
    "Is that all there is to it?",
    "Which company was the first to be listed?",
    "Which one is that that you mean?",
    "",
)


@pytest.mark.parametrize("question", BROKEN)
def test_a_broken_question_is_told_where_it_is_broken(question: str) -> None:
    assert BROKEN[question] in (grammar_fault(question) or "sound")


@pytest.mark.parametrize("question", SOUND)
def test_a_sound_question_passes_however_it_is_put(question: str) -> None:
    assert grammar_fault(question) is None
