"""What isn't English prose: turned down by the offline teacher, taken up by models."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import Command

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.authoring.starter import starter_files

ENGLISH = [json.loads(line) for line in starter_files()["snippets.jsonl"].splitlines()[:2]]
GERMAN = (
    "Der Leuchtturm von Harrow steht auf einem Riff vor der Nordküste und wurde 1851 von Ada Marsh "
    "gebaut. Seine Lampe war bei klarem Wetter noch aus 18 Meilen Entfernung zu sehen."
)
OTHERS = {
    "German": GERMAN,
    "French": "Le phare de Harrow fut construit en 1851 sur un récif. Il portait à 18 milles.",
    "Greek": "Ο φάρος του Χάροου χτίστηκε το 1851 πάνω σε έναν ύφαλο και έφεγγε ως τα 18 μίλια.",
    "Chinese": "哈罗灯塔于1851年建在一座礁石上，晴天时灯光在18海里外也能看到。",
    "short German": "Der Turm in Hochfeld wurde 1851 erbaut.",
}
NAMES = "Robert Stevenson, John Rennie, John Smeaton, Alan Stevenson"
WHAT_TO_DO = "name a model under agents, or set language: en\n"

Write = Callable[..., Path]


@pytest.fixture
def recipe(workplace: Path) -> Write:
    """Write a recipe about these texts, with further lines."""

    def write(*texts: str, more: str = "") -> Path:
        lines = [json.dumps({"text": text}) for text in texts]
        (workplace / "snippets.jsonl").write_text("\n".join(lines), encoding="utf-8")
        file = workplace / "recipe.yaml"
        file.write_text(f"snippets: {{path: snippets.jsonl}}\n{more}")
        return file

    return write


def test_the_offline_teacher_is_given_no_other_language(colloquia: Command, recipe: Write) -> None:
    file = recipe(*OTHERS.values())
    result = colloquia("run", file)
    assert result.code == 1
    assert result.out.startswith("planned 5 = accepted 0 + rejected 5\n  rejected: language 5\n")
    assert result.out.count(WHAT_TO_DO) == 1
    again = colloquia("run", file, "--json").document
    assert (again["planned"], again["rejected"], again["calls"]) == (5, {"language": 5}, 0)
    assert again["exchanges"] == again["worked_on"] == 0
    status = colloquia("status")
    assert "  rejected: language 5\n" in status.out and WHAT_TO_DO in status.out
    listed = colloquia("ls", "--outcome", "rejected", "--json").document["dialogues"]
    assert [row["reason"] for row in listed] == ["language"] * 5


def test_of_a_mixed_source_the_english_is_worked_off(colloquia: Command, recipe: Write) -> None:
    texts = [snippet["text"] for snippet in ENGLISH]
    file = recipe(texts[0], *OTHERS.values(), texts[1])
    forecast = colloquia("run", file, "--dry-run", "--json").document
    assert (forecast["snippets"], forecast["to_do"]) == (7, 2)
    assert forecast["rejected"] == {"language": 5}
    told = colloquia("run", file, "--dry-run").out
    assert "5 snippets not in English" in told and WHAT_TO_DO in told
    assert colloquia("run", file).out.startswith("planned 7 = accepted 2 + rejected 5\n")
    over = colloquia("run", file, "--dry-run", "--json").document
    assert (over["finished"], over["to_do"]) == (7, 0)


def test_a_folder_may_hold_a_file_per_language(colloquia: Command, workplace: Path) -> None:
    (workplace / "texts").mkdir()
    texts = {"en.txt": ENGLISH[0]["text"], "de.md": GERMAN, "zh.txt": OTHERS["Chinese"]}
    for name, text in texts.items():
        (workplace / "texts" / name).write_text(text, encoding="utf-8")
    (workplace / "recipe.yaml").write_text("snippets: texts\n")
    totals = colloquia("run", "recipe.yaml", "--json").document
    assert (totals["accepted"], totals["rejected"]) == (1, {"language": 2})


def test_a_dry_run_of_nothing_but_another_language_says_so(
    colloquia: Command, recipe: Write
) -> None:
    result = colloquia("run", recipe(GERMAN), "--dry-run")
    assert result.code == 0
    assert "dialogues 0 to do" in result.out and "no dialogue can be made" in result.out


def test_several_processes_turn_them_down_too(colloquia: Command, recipe: Write) -> None:
    file = recipe(GERMAN, ENGLISH[0]["text"])
    result = colloquia("run", file, "--workers", 2, "--json").document
    assert (result["accepted"], result["rejected"]) == (1, {"language": 1})


def test_the_recipe_has_the_last_word(colloquia: Command, recipe: Write) -> None:
    names = colloquia("run", recipe(NAMES, GERMAN, more="language: en\n"), "--json").document
    assert "language" not in names["rejected"]
    english = ENGLISH[0]["text"]
    german = colloquia("run", recipe(english, more="language: de\n"), "--json").document
    assert german["rejected"] == {"language": 1}


TALKS = {
    "chat.txt": "[10:02] anna: Hi, is the kiln free?\n[10:03] ben: No, it cools until Friday.\n",
    "table.md": "# Moons\n\n| Planet | Moons |\n|---|---|\n| Mars | 2 |\n| Saturn | 146 |\n",
}


def test_the_offline_teacher_is_given_prose_alone(colloquia: Command, workplace: Path) -> None:
    (workplace / "texts").mkdir()
    for name, text in (TALKS | {"prose.txt": ENGLISH[0]["text"]}).items():
        (workplace / "texts" / name).write_text(text, encoding="utf-8")
    (workplace / "recipe.yaml").write_text("snippets: texts\n")
    what = (
        "2 snippets of conversations, logs or tables, while the offline teacher reads prose alone"
    )
    assert what in colloquia("run", "recipe.yaml", "--dry-run").out
    result = colloquia("run", "recipe.yaml")
    assert result.out.startswith("planned 3 = accepted 1 + rejected 2\n  rejected: not_prose 2\n")
    assert f"{what}; name a model under agents\n" in result.out
    assert colloquia("run", "recipe.yaml", "--json").document["rejected"] == {"not_prose": 2}


def test_names_alone_are_no_other_language(colloquia: Command, recipe: Write) -> None:
    assert "language" not in colloquia("run", recipe(NAMES), "--json").document["rejected"]


@pytest.mark.parametrize("language", ["german", "de-AT", "EN", "qq"])
def test_a_language_that_nobody_knows_is_told_before_anything_starts(
    colloquia: Command, recipe: Write, language: str, workplace: Path
) -> None:
    file = recipe(GERMAN, more=f"language: {language}\n")
    says = f"language: spaCy knows no {language!r}; give an ISO 639-1 code such as 'en' or 'de'"
    assert f"recipe.yaml:2: R103 {says}" in colloquia("lint", file).out
    for more in ((), ("--dry-run",)):
        result = colloquia("run", file, *more)
        assert result.code == 2 and says in result.err
    assert not (workplace / "colloquia.db").exists()


MODEL = """
models: {{m: {{model: openai/x, api_base: {url}/v1, price: {{input: 1, output: 2}}}}}}
agents: {{{agents}}}
dialogue: {{exchanges: 2, unanswerable_share: 0}}
"""
ROLES = ("planner", "questioner", "answerer", "critic", "refusal_checker")
ASKED = "Erzähl mir bitte, wer den Leuchtturm auf dem Riff vor der Nordküste gebaut hat."


def german_speaker(request: Received) -> Answer:
    """Play every role in German; the year is wrong until the evidence check complains."""
    system, *_, last = (message["content"] for message in request.json()["messages"])
    review = {"grounded": 1, "helpful": 1, "clear": 1, "rationale": "", "snippet_answers": True}
    said: dict[str, Any]
    if system.startswith("You plan"):
        kinds = ("overview", "who")
        said = {"difficulty": 0.4, "exchanges": [{"kind": k, "aim": f"{k}: Bau"} for k in kinds]}
    elif system.startswith("You play a person"):
        assert "in the language of the passage" in system and "natural English" not in system
        said = {"question": "Was ist der Leuchtturm?" if "to come" in last else ASKED}
    elif system.startswith("You answer questions"):
        assert "Answer in the language of the passage." in system
        opening = {"answer": "Er steht auf einem Riff.", "quotes": ["steht auf einem Riff"]}
        year = "1851" if "1815" in last else "1815"
        built = {"answer": f"Ada Marsh, {year}.", "quotes": ["wurde 1851 von Ada Marsh"]}
        said = opening if "Nobody has asked" in last else built
    else:
        said = {"reviews": [review | {"label": "answered"}]}
    return Answer(body=completion(request, json.dumps(said)))


def test_a_model_is_asked_about_a_german_snippet(
    colloquia: Command, recipe: Write, endpoint: Endpoint
) -> None:
    endpoint.decide = german_speaker
    played = ", ".join(f"{role}: {{model: m}}" for role in ROLES)
    file = recipe(GERMAN, more=MODEL.format(url=endpoint.url, agents=played))
    assert colloquia("run", file, "--dry-run", "--json").document["rejected"] == {}
    result = colloquia("run", file)
    assert result.out.startswith("planned 1 = accepted 1\n"), result.out + result.err
    assert colloquia("export", "-o", "corpus", "--to", "trl-sft").code == 0
    (row,) = Path("corpus", "sft", "train.jsonl").read_text(encoding="utf-8").splitlines()
    said = [message["content"] for message in json.loads(row)["messages"]]
    assert said[-2:] == [ASKED, "Ada Marsh, 1851."]
    assert any("has 1815" in request.body.decode() for request in endpoint.requests)


@pytest.mark.parametrize("role", ["planner", "questioner", "answerer"])
def test_one_offline_writer_is_enough_to_turn_it_down(
    colloquia: Command, recipe: Write, endpoint: Endpoint, role: str
) -> None:
    played = ", ".join(f"{other}: {{model: m}}" for other in ROLES if other != role)
    file = recipe(GERMAN, more=MODEL.format(url=endpoint.url, agents=played))
    assert colloquia("run", file, "--json").document["rejected"] == {"language": 1}
    assert endpoint.seen == 0


def test_an_offline_reviewer_is_no_reason(
    colloquia: Command, recipe: Write, endpoint: Endpoint
) -> None:
    endpoint.decide = german_speaker
    played = ", ".join(f"{role}: {{model: m}}" for role in ROLES[:3])
    file = recipe(GERMAN, more=MODEL.format(url=endpoint.url, agents=played))
    assert "language" not in colloquia("run", file, "--json").document["rejected"]
    assert endpoint.seen > 0
