"""`colloquia preview`: real dialogues to read, a projection that holds, and nothing paid twice."""

from pathlib import Path

from command import Command
from critics import approve, critic_recipe

from benchmarks.servers.endpoint import Answer, Endpoint, completion


def test_a_few_dialogues_are_shown_with_their_reviews(colloquia: Command, project: Path) -> None:
    result = colloquia("preview", "recipe.yaml", "-n", 2)
    assert result.code == 0
    assert result.out.count("1  overview") == 2
    assert "critic  accept  grounded" in result.out and "evidence  accept" in result.out
    assert "the rest of the run, 22 dialogues:\n" in result.out
    assert "measured on 2 finished dialogues of this recipe\n" in result.out
    assert "next: colloquia run recipe.yaml goes on from these" in result.err


def test_the_run_goes_on_from_the_preview_and_pays_nothing_twice(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = approve()
    recipe = critic_recipe(project, endpoint.url)
    first = colloquia("preview", recipe, "--limit", 8, "--json").document
    assert [d["dialogue"]["outcome"] for d in first["dialogues"]] == ["accepted"] * 3
    paid = len(endpoint.requests)
    assert colloquia("preview", recipe, "--limit", 8, "-q").code == 0
    assert len(endpoint.requests) == paid, "a second preview asks nobody"
    rest = first["rest"]["expected"]
    assert (first["rest"]["to_do"], rest["basis"]) == (5, "measured")
    before = colloquia("status", "--json").document
    done = colloquia("run", recipe, "--limit", 8, "--json").document
    assert (done["run"], done["planned"], done["worked_on"]) == (first["run"], 8, 5)
    sent = [request.body for request in endpoint.requests]
    assert len(set(sent)) == len(sent)
    assert rest["cost_usd"][0] > 0
    more = done["cost_usd"] - before["cost_usd"]
    assert 0.5 * rest["cost_usd"][0] < more < 2 * rest["cost_usd"][1]


def test_more_are_made_where_fewer_were_made_before(colloquia: Command, project: Path) -> None:
    colloquia("preview", "recipe.yaml", "-n", 1)
    result = colloquia("preview", "recipe.yaml", "-n", 3, "--json").document
    assert (len(result["dialogues"]), result["rest"]["to_do"]) == (3, 21)


def test_a_preview_of_all_there_is_leaves_nothing_to_do(colloquia: Command, project: Path) -> None:
    result = colloquia("preview", "recipe.yaml", "-n", 9, "--limit", 2)
    assert result.code == 0
    assert "nothing to do: this run is finished" in result.out
    assert "goes on from these" not in result.err


def test_an_interrupted_run_is_previewed_no_further_than_asked(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = lambda request: Answer(status=401, body=b"{}")
    recipe = critic_recipe(project, endpoint.url)
    assert colloquia("run", recipe).code in (2, 4)
    assert colloquia("status", "--json").document["pending"] == 24
    endpoint.decide = approve()
    assert len(colloquia("preview", recipe, "-n", 2, "--json").document["dialogues"]) == 2
    assert colloquia("status", "--json").document["pending"] == 22


def test_a_preview_that_goes_wrong_says_why(colloquia: Command, project: Path) -> None:
    recipe = project / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "limits: {calls_per_dialogue: 2}\n")
    result = colloquia("preview", recipe)
    assert result.code == 1
    assert "more than 2 calls" in result.out
    assert result.err.endswith("error: all of these failed; what each ended of is said below it\n")
    assert "next:" not in result.err and "reviews" not in result.err
    assert colloquia("preview", "none.yaml").code == 2


def test_a_reply_that_cannot_be_read_is_no_measure_and_no_review(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    endpoint.decide = lambda request: Answer(body=completion(request, "no verdict"))
    result = colloquia("preview", critic_recipe(project, endpoint.url), "-n", 1)
    assert result.code == 1
    assert "time           unknown until a dialogue is accepted or rejected\n" in result.out
    assert "colloquia preview" not in result.out and "next:" not in result.err
    assert "all of these failed" in result.err


def test_dialogues_turned_down_have_reviews_that_say_why(colloquia: Command, project: Path) -> None:
    recipe = project / "recipe.yaml"
    text = recipe.read_text().replace("grounded: 0.8, helpful: 0.6", "grounded: 1, helpful: 1")
    text = text.replace("dialogue:\n", "dialogue:\n  stuck: reject\n")
    recipe.write_text(text)
    result = colloquia("preview", recipe, "-n", 1)
    assert (result.code, "the reviews above say why\n" in result.err) == (1, True)
