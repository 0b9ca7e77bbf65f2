import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import dialogue, dialogues, manifest

from colloquia.core.errors import UserError
from colloquia.core.recipe import Recipe
from colloquia.core.record import DialogueRecord
from colloquia.core.types import Snippet
from colloquia.corpus.canonical import parse_dialogue
from colloquia.corpus.check import check
from colloquia.corpus.export import export
from colloquia.corpus.formats import FORMATS
from colloquia.corpus.manifest import ExportManifest

SPLIT = {"train": 0.9, "validation": 0.1}


def make(out: Path, records: Iterable[DialogueRecord], **options: Any) -> ExportManifest:
    asked: dict[str, Any] = {"manifest": manifest(), "to": FORMATS, "split": SPLIT, **options}
    return export(records, out=out, **asked)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def refusal(out: Path, records: Iterable[DialogueRecord], **options: Any) -> str:
    before = sorted(out.parent.iterdir())
    with pytest.raises(UserError) as caught:
        make(out, records, **options)
    assert sorted(out.parent.iterdir()) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_two_runs_of_a_recipe_may_differ_in_is_not_in_the_manifest(tmp_path: Path) -> None:
    models = {"cheap": {"model": "openai/any", "price": {"input": 1, "output": 2}}}
    recipe = Recipe.model_validate({"snippets": "x.txt", "models": models})
    of_run = manifest().model_copy(update={"recipe": recipe})
    made = make(tmp_path / "out", dialogues(2), manifest=of_run)
    settings = made.run.recipe["models"]["cheap"]
    assert settings["model"] == "openai/any"
    assert not settings.keys() & {"price", "api_key_env", "timeout_s", "max_batch"}


def test_stale_dialogues_are_left_out_and_counted(tmp_path: Path) -> None:
    records = list(dialogues(6))
    stale = {records[0].snippet.id}
    made = make(tmp_path / "out", records, stale=stale, to=["canonical", "trl-sft"])
    assert made.dialogues["planned"] == 6
    assert [count.excluded.get("stale") for count in made.counts if count.split is None] == [1]
    assert not any(row["snippet"]["id"] in stale for row in lines(tmp_path / "out/dialogues.jsonl"))
    everything = {record.snippet.id for record in records}
    says = refusal(tmp_path / "none", records, stale=everything)
    assert "its snippet is no longer in the source" in says


class TestFiles:
    def test_an_export_holds_each_format_and_split_a_card_and_a_manifest(
        self, tmp_path: Path
    ) -> None:
        made = make(tmp_path / "out", dialogues(20))
        assert content(tmp_path / "out").keys() == {
            "README.md",
            "manifest.json",
            "dialogues.jsonl",
            *(
                f"{folder}/{split}.jsonl"
                for folder in ("sft", "sft-turns", "dpo", "grpo", "echo")
                for split in SPLIT
            ),
        }
        assert made.rows == 20 + 20 + 40 + 20 + 40 + 20
        assert [entry.name for entry in tmp_path.iterdir()] == ["out"]

    def test_no_passage_is_in_two_splits(self, tmp_path: Path) -> None:
        make(tmp_path / "out", dialogues(30))
        seen = {
            split: {
                row["snippet_ids"][0] for row in lines(tmp_path / f"out/{folder}/{split}.jsonl")
            }
            for folder in ("sft", "sft-turns", "grpo")
            for split in SPLIT
        }
        assert seen["train"] and seen["validation"]
        assert not seen["train"] & seen["validation"]

    def test_the_canonical_file_is_read_back_into_records(self, tmp_path: Path) -> None:
        make(tmp_path / "out", dialogues(5))
        read = [parse_dialogue(row) for row in lines(tmp_path / "out/dialogues.jsonl")]
        assert read == sorted(dialogues(5), key=lambda record: record.dialogue.id)

    def test_order_second_runs_and_time_leave_no_trace(self, tmp_path: Path) -> None:
        make(tmp_path / "first", dialogues(20))
        again = list(dialogues(20, ordinal=2))
        random.Random(1).shuffle(again)
        make(tmp_path / "second", again, manifest=manifest(ordinal=2))
        assert content(tmp_path / "first") == content(tmp_path / "second")

    def test_what_the_recipe_hash_leaves_out_is_not_in_the_manifest(self, tmp_path: Path) -> None:
        made = make(tmp_path / "out", dialogues(3))
        kept = made.run.recipe
        assert kept.keys() == Recipe.model_fields.keys() - {"name", "export"}
        assert kept["limits"] == {"calls_per_dialogue": 120}
        assert kept["snippets"] == {"path": "snippets.jsonl"}
        assert made.run.recipe_hash == manifest().recipe_hash

    def test_text_no_file_can_hold_is_replaced(self, tmp_path: Path) -> None:
        make(tmp_path / "out", [dialogue(answers=("a\ud800\x00b", "c"))])
        words = [row["messages"][1]["content"] for row in lines(tmp_path / "out/sft/train.jsonl")]
        assert "a\ufffdb" in words


class TestCounts:
    def test_what_goes_in_comes_out_or_is_left_out_for_a_reason(self, tmp_path: Path) -> None:
        records = [
            *dialogues(12),
            dialogue(20, outcome="rejected"),
            dialogue(21, outcome="failed"),
            dialogue(22, outcome="pending"),
            dialogue(23, answers=("a", "[INST] b")),
            dialogue(24, scores=(0.1, 0.9)),
        ]
        made = make(tmp_path / "out", records)
        assert made.dialogues == {
            "planned": 17,
            "accepted": 14,
            "rejected": 1,
            "failed": 1,
            "pending": 1,
        }
        sums: dict[str, dict[str, int]] = {}
        for count in made.counts:
            assert count.candidates == count.rows + sum(count.excluded.values())
            for reason, number in {"in": count.candidates, **count.excluded}.items():
                total = sums.setdefault(count.format, {})
                total[reason] = total.get(reason, 0) + number
        unfinished = {"rejected": 1, "failed": 1, "pending": 1}
        assert sums["canonical"] == {"in": 17, **unfinished}
        assert sums["trl-sft"] == {"in": 17, **unfinished, "control_tokens": 1}
        assert sums["trl-sft-turns"] == {
            "in": 34,
            **{reason: 2 for reason in unfinished},
            "control_tokens": 1,
        }
        assert sums["trl-dpo"] == {
            "in": 16,
            **unfinished,
            "control_tokens": 1,
        }

    def test_a_format_without_rows_is_left_out_and_said_so(self, tmp_path: Path) -> None:
        made = make(tmp_path / "out", dialogues(4, draft=None))
        assert made.empty == ("trl-dpo",)
        assert not (tmp_path / "out/dpo").exists()
        card = (tmp_path / "out/README.md").read_text()
        assert "No rows, so no files: trl-dpo." in card
        assert 'config_name: "dpo"' not in card

    def test_a_split_without_any_snippet_is_named(self, tmp_path: Path) -> None:
        assert make(tmp_path / "one", dialogues(1)).empty_splits == ("validation",)
        assert make(tmp_path / "two", dialogues(2)).empty_splits == ()
        canonical = make(tmp_path / "canonical", dialogues(1), to=["canonical"])
        assert canonical.empty_splits == ()

    def test_nothing_to_write_is_an_error_that_says_why(self, tmp_path: Path) -> None:
        message = refusal(tmp_path / "out", dialogues(3, outcome="failed"), to=["trl-sft"])
        assert message == (
            "nothing to export as trl-sft (3 planned, 3 failed dialogues); "
            "left out 3: its dialogue failed"
        )
        assert "run the recipe first" in refusal(tmp_path / "out", [])

    def test_rejected_dialogues_are_not_out_of_reach(self, tmp_path: Path) -> None:
        message = refusal(tmp_path / "out", dialogues(3, outcome="rejected"), to=["trl-sft"])
        assert "; `only=all` takes rejected ones too, colloquia show ID --drafts" in message
        rejected = dialogues(3, outcome="rejected")
        assert make(tmp_path / "out", rejected, to=["trl-sft"], only="all").files


class TestCard:
    def test_names_from_files_can_not_write_markup_or_yaml(self, tmp_path: Path) -> None:
        evil = "x`|<script>\n---\nlicense: mit\n[a](http://evil)"
        snippet = Snippet.of("A passage of some length.", source=evil, license=evil)
        make(tmp_path / "out", [dialogue(snippet=snippet)], manifest=manifest(name=evil))
        _, header, body = (tmp_path / "out/README.md").read_text().split("---\n", 2)
        assert header.startswith('license: "other"\n')
        assert "<script>" not in body
        assert not [line for line in body.splitlines() if line.startswith(("---", "license"))]

    def test_one_license_for_all_is_the_corpus_license(self, tmp_path: Path) -> None:
        make(tmp_path / "out", dialogues(3))
        assert (tmp_path / "out/README.md").read_text().startswith('---\nlicense: "cc0-1.0"\n')

    def test_it_says_how_to_train_on_answers_alone(self, tmp_path: Path) -> None:
        make(tmp_path / "out", dialogues(3), to=["trl-sft"])
        assert "assistant_only_loss=True" in (tmp_path / "out/README.md").read_text()


class TestRefusals:
    def test_a_folder_that_exists_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        assert "exists already" in refusal(tmp_path / "out", dialogues(2))

    def test_a_dangling_link_is_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
        assert "exists already" in refusal(tmp_path / "out", dialogues(2))
        assert not (tmp_path / "elsewhere").exists()

    @pytest.mark.parametrize("name", ["a\x00b", "..", "x" * 300])
    def test_a_name_no_folder_can_have(self, tmp_path: Path, name: str) -> None:
        assert refusal(tmp_path / name, dialogues(2))

    def test_a_file_in_the_way(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match="can't be made"):
            make(tmp_path / "file/out", dialogues(2))

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"to": ["trl-sfd"]}, "no format 'trl-sfd'; did you mean 'trl-sft'?"),
            ({"to": []}, "name at least one format: canonical"),
            ({"split": {"train": 2}}, "a share is above 0 and at most 1"),
            ({"only": "some"}, "only='some': choose accepted or all"),
            ({"context": "ajar"}, "context='ajar': choose closed or open"),
            ({"min_score": 8}, "scores are 0 to 1"),
        ],
    )
    def test_arguments_that_do_not_fit(
        self, tmp_path: Path, options: dict[str, Any], message: str
    ) -> None:
        assert message in refusal(tmp_path / "out", dialogues(2), **options)

    def test_an_error_among_the_records_leaves_nothing(self, tmp_path: Path) -> None:
        def broken() -> Iterable[DialogueRecord]:
            yield dialogue(1)
            raise RuntimeError("the store went away")

        with pytest.raises(RuntimeError):
            make(tmp_path / "out", broken())
        assert list(tmp_path.iterdir()) == []


def test_one_snippet_is_enough_for_a_corpus(tmp_path: Path) -> None:
    made = make(tmp_path / "out", dialogues(1))
    assert {file.split for file in made.files} == {None, "train"}
    assert check(tmp_path / "out", load=False).ok
