"""The question check turns down what nobody in the conversation would say, and little else."""

import pytest
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken

from colloquia.agents.question_check import QuestionCheck
from colloquia.core.roles import Line, Passage, QuestionReviewInput
from colloquia.core.types import QuestionKind

TEXT = (
    "The Harrow lighthouse stands on a reef off the north coast; Ada Marsh built it there in 1851. "
    "Its lamp of 400 candles could be seen from 18 miles away in clear weather. "
    "Tom Reed, a keeper of great strength, saved 37 sailors from a wreck in 1889. "
    "The tower was painted red because the grey stone could hardly be told from the sea in fog. "
    "After the Marine Board replaced the lamp with an electric one, the last keepers left the reef."
)
OVERVIEW = (
    "The Harrow lighthouse was built in 1851 by Ada Marsh on a reef off the north coast. "
    "Its lamp could be seen from 18 miles away."
)
NOT_OPEN = (
    "The tower is not open to visitors today. Twelve keepers served on the reef: a reef is a ridge "
    "of rock. A boat named Petrel took keepers out to the reef."
)
SAID = (
    Line(speaker="questioner", text="What should I know about the Harrow lighthouse?"),
    Line(speaker="answerer", text=OVERVIEW),
    Line(speaker="questioner", text="Can you tell me whether visitors may climb the tower today?"),
    Line(speaker="answerer", text=NOT_OPEN),
)
DROPPED = "Why did the Marine Board exchange the old lamp?"


def judge(
    question: str, kind: QuestionKind | None = None, *, text: str = TEXT, opening: bool = False
) -> str:
    said = () if opening else SAID
    case = QuestionReviewInput(
        snippet=Passage(
            title="Harrow lighthouse", text=text, language="de" if text == GERMAN else "en"
        ),
        question=question,
        kind=kind,
        transcript=said,
        foundation=OVERVIEW if opening else None,
        asked=() if opening else (SAID[0].text, SAID[2].text, DROPPED),
    )
    verdict = QuestionCheck().judge(case)
    assert verdict.scores == {}
    assert (verdict.decision == "revise") == bool(verdict.rationale)
    return verdict.rationale


SOUND = (
    "Why was the tower painted red?",
    "So what colour did they paint it, and why?",
    "How many sailors did the keeper save from the wreck?",
    "Really? And what sort of lamp did it have at first?",
    "So nobody gets in? Then what became of the keepers?",
    "Can I ask something? Why is the tower red?",
    "What was the lamp made of? Candles?",
    "How did they get out there? By boat, or over the sand?",
    "Tell me about the keepers.",
    "I'd like to know what became of the last keepers.",
    "Exam tomorrow, keepers of Harrow, go.",
    "Need the colour of the tower and the reason, briefly.",
    "thanks, now what colour is it",
    "Noted. Last one: why red of all colours, in terms my readers can follow?",
    "Quick question: who saved the sailors?",
    "Date check: when did the wreck happen?",
    "I read an article on reefs once. Was the wreck on this reef?",
    "I need it for the article: who saved the sailors of the wreck?",
    "In the article I'm writing there's a wreck. Who saved its sailors?",
    "What was the source of light before electricity?",
    "When was it painted red?",
    "When did the last keepers leave the reef?",
    "Who painted the tower?",
    "How many keepers lived there besides Tom?",
    "What else did Ada Marsh build?",
    "Was the lighthouse built of brick?",
    "Was it built before the wreck?",
    "How far off the coast is the reef?",
    "Where was Ada Marsh born?",
    "When was Ada Marsh born?",
    "Who paid Ada Marsh for it?",
    "Who did the keepers serve on the reef?",
    "How could the light be seen from so far away?",
    "Which keeper was known for his strength?",
    "Since visitors can't climb it, where do people look at it from?",
    "How tall is the tower, then?",
    "What is a lighthouse keeper, by the way?",
    "Was the lighthouse built by Ada Marsh on her own?",
    "When exactly was the lighthouse built, in which month?",
    "Why did a board decide about the lamp at all?",
    "So the builder was a woman; wasn't that unusual then?",
    "I wonder who keeps it running nowadays.",
    "Hmm, and is there anyone on the reef now?",
    "I've heard it was lit in 1860: is that so?",
    "What happened in 1851 when it was built?",
)

NOTHING_ASKED = (
    "Thanks, that's very clear.",
    "Thank you so much for explaining this to me!",
    "Good to know.",
    "Great, I'll tell my friend.",
    "The lighthouse was built in 1851.",
    "What a story!",
    "I like that.",
    "Okay, that makes sense now.",
    "That's all, goodbye!",
    "Ada Marsh must have been a bold woman.",
    "Noted, thank you.",
    "How brave they were!",
)
TWO_ASKED = (
    "Why is the tower red? Who painted it in that colour?",
    "When did the wreck happen? How many sailors were saved?",
    "Who was Tom Reed? And what did he do on the reef?",
    "What colour is the tower? Is it still standing?",
    "How was the lamp lit? When was it replaced?",
    "Did anyone drown? Why was there a wreck at all?",
    "Thanks. What did the keepers eat? Where did they sleep?",
    "Is the lamp electric now? When did the keepers leave?",
    "Really? When did they leave? And who took over from them?",
    "Where did the board sit? What was its task?",
    "May I ask who painted it? And how often was that done?",
    "Could you tell me why it is red? Do you know who decided that?",
)
LABELS = (
    "User: Why is the tower red?",
    "user: why is the tower red?",
    "**User:** Why is the tower red?",
    "Question: Why is the tower red?",
    "Questioner: Why is the tower red?",
    "Q: Why is the tower red?",
    "Assistant: Why is the tower red?",
    "Human: Why is the tower red?",
    "curious_teen: Why is the tower red?",
    "Curious Teen: Why is the tower red?",
    "Question 3: Why is the tower red?",
    "Why is the tower red?\nAssistant: Because of the fog.",
    "Why is the tower red? Assistant: Because of the fog.",
)
MARKUP = (
    "Why is the tower red?<|im_end|>",
    "<|im_start|>user Why is the tower red?",
    "[INST] Why is the tower red? [/INST]",
    "<think>short</think> Why is the tower red?",
    "Why is the tower red?</s>",
    "<start_of_turn>user Why is the tower red?",
    '<data id="3f2a">Why is the tower red?</data>',
    "Why is the tower red? </data>",
    '{"question": "Why is the tower red?"}',
    '```json\n{"question": "Why is the tower red?"}\n```',
    'Why is the tower red? "question": "…"',
)
MENTIONS = (
    "What does the passage say about the keepers?",
    "According to the text, why is the tower red?",
    "What else is in this article about the keepers?",
    "Does the snippet tell who painted the tower?",
    "In the source, why is the tower red?",
    "What does your source say about the wreck?",
    "Could you sum up the above paragraph?",
    "What does the author say about the wreck?",
    "As described above, why is the tower red?",
    "Why is the tower red, going by the given information?",
    "What does this document say about the wreck?",
    "From the provided text, who saved the sailors?",
    "Which keepers does the excerpt name?",
)
GIVEN_AWAY = (
    "Who saved the sailors of the wreck in 1889?",
    "How did a keeper save 37 sailors?",
    "When did a keeper save 37 sailors from a wreck?",
    "What kind of lamp had 400 candles?",
    "What happened to the wreck in 1889, and were the sailors saved?",
    "Why did the lamp need 400 candles in clear weather?",
    "How did the keeper Tom Reed save sailors from the wreck?",
    "When did Tom Reed, the keeper of great strength, save them?",
    "Did the Marine Board replace the lamp with an electric one so the last keepers left?",
    "What became of the 37 sailors after the wreck?",
    "Which wreck did the keeper Tom Reed save sailors from?",
)
PARROTED = (
    "Why could the grey stone hardly be told from the sea in fog?",
    "What was painted red because the grey stone could hardly be told?",
    "Is it so that the Marine Board replaced the lamp with an electric one?",
    "Is it true that a keeper of great strength saved 37 sailors from drowning?",
    "What could be seen from 18 miles away in clear weather?",
    "Who was a keeper of great strength, saved 37 sailors from a wreck?",
    "Is it because the grey stone could hardly be told from the sea?",
    "What replaced the lamp with an electric one, the last keepers left?",
    "Did someone say the tower was painted red because the grey stone was dull?",
    "Why painted red because the grey stone could hardly be told from the sea?",
)
BROKEN = (
    "Why is the the tower red?",
    "Why the tower is red?",
    "What are the colour of the tower?",
    "Who saved the sailors of the?",
)
CLOZE = (
    "Was the tower painted red since the grey stone could hardly be told from the sea?",
    "I'd love to know whether Tom Reed saved 40 sailors from a wreck in 1889.",
    "Could its lamp be seen from 19 miles away in clear weather?",
)
OPENINGS_THAT_TELL = (
    "Who built the Harrow lighthouse in 1851?",
    "Why was the Harrow lighthouse built on a reef off the north coast by Ada Marsh?",
    "How could the lamp be seen from 18 miles away?",
    "What is the Harrow lighthouse, which Ada Marsh built on a reef off the north coast?",
    "Is the lighthouse that was built in 1851 on the reef worth a visit?",
    "When did Ada Marsh build the Harrow lighthouse on its reef off the coast?",
    "How was a lighthouse built by Ada Marsh on a reef off the north coast in those days?",
    "Why could its lamp be seen from miles away?",
    "What do I need to know about the lighthouse built in 1851 off the north coast?",
    "Which woman, Ada Marsh, built a lighthouse on the reef off the north coast?",
)
REPEATS = (
    "What should I know about the Harrow lighthouse?",
    "what should I know about the Harrow lighthouse",
    "Thanks. What should I know about the Harrow lighthouse?",
    "Okay, and what should I know about the Harrow lighthouse, please?",
    "May visitors climb the tower today?",
    "Do you know if visitors may climb the tower today?",
    "I'd love to know whether visitors may climb the tower today.",
    "Why did the Marine Board exchange the old lamp?",
    "Right, what should I know about the Harrow lighthouse?",
    "Why exactly did the Marine Board exchange the old lamp?",
    "Why was the old lamp exchanged by the Marine Board?",
    "One more thing: why did the Marine Board exchange the old lamp?",
    "What's the reason the Marine Board exchanged the old lamp?",
)
ANSWERED = (
    "When was the Harrow lighthouse built?",
    "In what year was the lighthouse built?",
    "Do you know when the Harrow lighthouse was built?",
    "When did Ada Marsh build the lighthouse?",
    "Who built the Harrow lighthouse?",
    "By whom was the lighthouse built?",
    "Was the lighthouse built by Ada Marsh?",
    "Did Ada Marsh build the lighthouse on a reef?",
    "Could the lamp be seen from miles away?",
    "How many miles away could the lamp be seen?",
    "How many keepers served on the reef?",
    "Is the tower open to visitors?",
    "What is a reef?",
    'Please, what does the word "reef" mean here?',
    "What exactly is the boat that took keepers out to the reef called?",
    "Thanks. Is the tower open to visitors today?",
)
REFUTED = (
    "Why was the lighthouse built in 1815?",
    "Who built the Harrow lighthouse in 1861?",
    "Why did Ada Marsh build the lighthouse in 1871?",
    "How was the Harrow lighthouse built in 1951?",
    "Why could the lamp be seen from 28 miles away?",
    "How could the lamp be seen from just 8 miles away?",
    "When did Ben Holt build the Harrow lighthouse?",
    "Why did Ben Holt build the lighthouse on a reef?",
    "Now that the tower is open to visitors, what does a ticket cost?",
    "They say the tower is open to visitors today, so who shows them round?",
)
BAD = {
    "Nothing is asked": NOTHING_ASKED,
    "questions are asked here": TWO_ASKED,
    "reply with what the person says": LABELS,
    "in plain words": MARKUP,
    "no text at hand": MENTIONS,
    "Nobody has said": GIVEN_AWAY,
    "word for word": PARROTED,
    "asked before": REPEATS,
    "answered this already": ANSWERED,
    "isn't good English": BROKEN,
    "asks if it is so": CLOZE,
}

SOUND_OPENINGS = (
    "What should I know about the Harrow lighthouse?",
    "Exam tomorrow, Harrow lighthouse, go.",
    "The Harrow lighthouse came up in a video and I got lost. What is it, and why is it there?",
    "Good afternoon. Would you kindly tell me what the Harrow lighthouse was built for?",
    "My grandfather, born in 1921, spoke of the Harrow lighthouse. What's its story?",
    "On deadline, need the basics of the Harrow lighthouse: what is it and who is behind it?",
)


@pytest.mark.parametrize(
    ("question", "joined"),
    [
        ("How was the lamp lit, and what did it burn?", "what did"),
        ("Were there keepers before him, and who exactly were they?", "who exactly"),
        ("Which lamp came first and how far could it be seen?", "how far"),
        ("Fifty, glad I checked! And how far could it be seen?", None),
        ("Who and what lived there?", None),
        ("Do you know when it was built?", None),
    ],
)
def test_two_questions_in_one_sentence_are_two(question: str, joined: str | None) -> None:
    told = f"Two things are asked at once, the second from {joined!r} on"
    assert told in judge(question, "what") if joined else judge(question, "what") == ""


@pytest.mark.parametrize("question", SOUND)
def test_a_sound_question_is_let_through(question: str) -> None:
    assert judge(question) == ""


@pytest.mark.parametrize(
    ("reason", "question"), [(reason, bad) for reason, table in BAD.items() for bad in table]
)
def test_a_question_that_cannot_stand_is_told_why(reason: str, question: str) -> None:
    assert reason in judge(question)


@pytest.mark.parametrize("question", OPENINGS_THAT_TELL)
def test_an_opening_that_tells_its_answer_is_turned_down(question: str) -> None:
    assert judge(question, "overview", opening=True)


@pytest.mark.parametrize("question", REFUTED)
def test_a_premise_that_was_refuted_is_turned_down(question: str) -> None:
    assert "nobody would assume" in judge(question, "false_premise")


@pytest.mark.parametrize("question", SOUND_OPENINGS)
def test_an_opening_may_name_the_subject(question: str) -> None:
    assert judge(question, "overview", opening=True) == ""


@pytest.mark.parametrize("kind", ["yes_no", "false_premise"])
def test_a_question_that_must_state_something_may_have_a_figure(kind: QuestionKind) -> None:
    assert judge("Was the wreck with the sailors in 1889?", kind) == ""


def test_only_a_premise_can_be_refuted() -> None:
    assert judge("Why was the lighthouse built in 1815?", "why") == ""


@pytest.mark.parametrize("thing", ["passage", "document", "text"])
def test_what_the_talk_is_about_may_be_named(thing: str) -> None:
    question = f"Who found the {thing} in the end?"
    assert "no text at hand" in judge(question)
    assert judge(question, text=f"{TEXT} A {thing} in a bottle told of the wreck.") == ""


def test_an_answer_that_declines_has_answered_nothing() -> None:
    told = "I don't know whether the lighthouse was built by Ada Marsh for the Marine Board."
    case = QuestionReviewInput(
        snippet=Passage(text=TEXT),
        question="Was the lighthouse built by Ada Marsh for the board?",
        transcript=(Line(speaker="answerer", text=told),),
    )
    assert QuestionCheck().judge(case).decision == "accept"


GERMAN = (
    "Der Leuchtturm von Harrow steht auf einem Riff vor der Nordküste und wurde 1851 von Ada Marsh "
    "gebaut. Seine Lampe war bei klarem Wetter noch aus 18 Meilen Entfernung zu sehen."
)


@pytest.mark.parametrize(
    "question",
    [
        "Wann wurde der Leuchtturm auf dem Riff gebaut, und was steht im Text?",
        "Erzähl mir vom Leuchtturm.",
        "Sag mir, warum Ada Marsh den Turm 1851 auf einem Riff vor der Nordküste gebaut hat.",
        "Ach so? Und wer hat ihn gebaut?",
        "Wirklich? Der Turm steht noch?",
    ],
)
def test_what_is_not_english_is_not_judged_by_english_words(question: str) -> None:
    assert judge(question, text=GERMAN) == ""


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Frage: Wer hat den Turm gebaut?", "reply with what the person says"),
        ("Wer hat den Turm gebaut?<|im_end|>", "in plain words"),
        (DROPPED, "asked before"),
        ("Wer hat den Turm gebaut? Warum steht er da?", "questions are asked here"),
        ("灯塔是什么时候建成的呢？谁建造了这座灯塔呢？", "questions are asked here"),
    ],
)
def test_form_and_repeats_are_judged_in_every_language(question: str, reason: str) -> None:
    assert reason in judge(question, text=GERMAN)


def test_a_long_and_hostile_question_is_judged_at_once() -> None:
    for piece in ("? ", "and, ", "the passage ", "{"):
        assert judge(piece * 3000)


async def test_it_speaks_in_an_autogen_chat() -> None:
    said = [
        TextMessage(content=text, source="user")
        for text in (TEXT, "Why is the tower red?", "Why is the tower red?")
    ]
    response = await QuestionCheck().on_messages(said, CancellationToken())
    assert "asked before" in response.chat_message.to_text()
