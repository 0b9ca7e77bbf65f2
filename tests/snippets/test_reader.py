import csv
import gzip
import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.errors import SnippetError
from colloquia.core.hashing import content_id
from colloquia.core.text import TextLine, clean_text
from colloquia.core.types import Snippet
from colloquia.snippets.formats.delimited import csv_records
from colloquia.snippets.prose.plain import text_blocks
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

TEXT = "The Harrow lighthouse was built in 1851 on a chalk cliff."
OTHER = "Its lamp could be seen for 18 miles on a clear night."


def read(path: Path, **options: Any) -> list[Snippet]:
    return list(read_snippets(path, report=SnippetReport(), **options))


def read_with_report(path: Path) -> tuple[list[Snippet], SnippetReport]:
    report = SnippetReport()
    return list(read_snippets(path, report=report)), report


def error_of(path: Path) -> str:
    with pytest.raises(SnippetError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def jsonl(path: Path, *rows: Any) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


class TestJsonLines:
    def test_named_fields_are_kept_and_the_rest_is_metadata(self, tmp_path: Path) -> None:
        row = {"id": 7, "text": TEXT, "title": "Harrow", "license": "CC0-1.0", "year": 1851}
        (snippet,) = read(jsonl(tmp_path / "a.jsonl", row))
        assert snippet == Snippet.of(
            TEXT, external_id="7", title="Harrow", license="CC0-1.0", metadata={"year": 1851}
        )

    def test_a_metadata_field_of_the_users_own_is_not_nested_again(self, tmp_path: Path) -> None:
        (snippet,) = read(jsonl(tmp_path / "a.jsonl", {"text": TEXT, "metadata": {"a": 1}, "b": 2}))
        assert snippet.metadata == {"a": 1, "b": 2}

    def test_the_same_text_is_the_same_snippet_whatever_stands_around_it(
        self, tmp_path: Path
    ) -> None:
        rows = [{"text": TEXT, "title": "One"}, {"text": f"  {TEXT}\r\n", "title": "Two"}]
        first, second = read(jsonl(tmp_path / "a.jsonl", *rows))
        assert first.id == second.id

    def test_copies_that_differ_in_white_space_are_one_snippet(self, tmp_path: Path) -> None:
        copies = [TEXT, TEXT.replace(" ", "  "), TEXT.replace(" was ", "\nwas\u00a0"), f"{TEXT}\n"]
        file = jsonl(tmp_path / "a.jsonl", *({"text": text} for text in copies))
        snippets, report = read_with_report(file)
        assert (report.read, report.distinct) == (4, 1)
        assert {snippet.id for snippet in snippets} == {Snippet.of(TEXT).id}
        assert Snippet.of(TEXT).id == content_id("snip1", TEXT), "older ids stay"

    def test_a_copy_is_named_with_the_place_of_the_first(self, tmp_path: Path) -> None:
        rows = [{"text": OTHER}, {"text": TEXT}, {"text": f"{TEXT} "}, {"text": OTHER}]
        file = jsonl(tmp_path / "a.jsonl", *rows)
        _, report = read_with_report(file)
        assert (report.copies, report.first_copy()) == (2, f"{file}:3: the text of {file}:2")
        _, report = read_with_report(jsonl(tmp_path / "b.jsonl", *rows[:2]))
        assert (report.copies, report.first_copy()) == (0, None)

    def test_an_id_with_two_texts_is_told_with_both_places(self, tmp_path: Path) -> None:
        rows = [
            {"id": "a", "text": TEXT},
            {"id": "b", "text": TEXT},
            {"text": OTHER},
            {"id": "b", "text": f"{TEXT}  "},
            {"id": "a", "text": OTHER},
            {"id": "a", "text": f"{OTHER} Again."},
        ]
        file = jsonl(tmp_path / "a.jsonl", *rows)
        _, report = read_with_report(file)
        assert report.clashes() == (f"{file}:5: the id of {file}:1, with another text",)
        assert (report.read, report.bad) == (6, 0)

    def test_an_id_is_one_over_all_files_of_a_folder(self, tmp_path: Path) -> None:
        jsonl(tmp_path / "a.jsonl", {"id": 7, "text": TEXT})
        write(tmp_path / "b.csv", f"id,text\n8,{OTHER}\n7,{OTHER}\n")
        _, report = read_with_report(tmp_path)
        first, second = tmp_path / "a.jsonl", tmp_path / "b.csv"
        assert report.clashes() == (f"{second}:3: the id of {first}:1, with another text",)

    def test_the_limit_counts_snippets_not_lines(self, tmp_path: Path) -> None:
        file = jsonl(tmp_path / "a.jsonl", {"text": "bad"}, {"text": TEXT}, {"text": OTHER})
        assert [snippet.text for snippet in read(file, limit=1)] == [TEXT]

    def test_a_byte_order_mark_and_blank_lines_do_no_harm(self, tmp_path: Path) -> None:
        line = json.dumps({"text": TEXT}).encode()
        assert len(read(write(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + line + b"\n\n"))) == 1

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{not json", "not a JSON object on one line: Expecting property name"),
            ("[1, 2]", 'a list, not an object: write {"text": "…"}'),
            ('{"txt": "abc"}', "no 'text'; did you mean 'txt'?"),
            ('{"text": null}', "'text' is null, not text"),
            ('{"text": " "}', "no text in it"),
            (f'{{"text": "{TEXT}", "text": "{OTHER}"}}', "key 'text' is given twice; keep one"),
            (f'{{"text": "{TEXT}", "a": [{{"b": 1, "b": 1}}]}}', "key 'b' is given twice"),
            ('{"text": ["a"]}', "'text' is a list, not text"),
            ('{"text": "too short"}', "too short to ask about (9 characters, at least 20)"),
            ('{"text": "1234567890 1234567890 !"}', "no letters in it"),
            (f'{{"text": "{TEXT}", "title": {{}}}}', "'title' is an object, not text"),
            (f'{{"text": "{TEXT}", "x": NaN}}', "NaN is not JSON"),
            (f'{{"text": "{TEXT}", "x": 1e999}}', "the number 1e999 is too large"),
            (f'{{"text": "{TEXT}", "x": {"9" * 5000}}}', "Exceeds the limit"),
            (f'{{"text": "{TEXT}", "x": {"[" * 100}{"]" * 100}}}', "nested too deeply"),
            ('{"text": ' + "[" * 100_000, "nested too deeply"),
            (json.dumps({"text": "word " * 5000}), "24,999 characters, more than 20,000: split"),
        ],
    )
    def test_a_bad_line_is_reported_with_its_place_and_reason(
        self, tmp_path: Path, line: str, reason: str
    ) -> None:
        file = write(tmp_path / "a.jsonl", f'{{"text": "{TEXT}"}}\n{line}\n{{"text": "{OTHER}"}}\n')
        snippets, report = read_with_report(file)
        assert [snippet.text for snippet in snippets] == [TEXT, OTHER]
        assert (report.read, report.bad) == (2, 1)
        (problem,) = report.problems
        assert problem.startswith(f"{file}:2: ")
        assert reason in problem

    def test_only_the_first_problems_are_listed_but_all_are_counted(self, tmp_path: Path) -> None:
        file = jsonl(tmp_path / "a.jsonl", {"text": TEXT}, *[{"text": "short"}] * 50)
        _, report = read_with_report(file)
        assert report.bad == 50
        assert len(report.problems) == report.max_problems

    def test_the_log_has_every_bad_line(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        file = jsonl(tmp_path / "a.jsonl", {"text": TEXT}, *[{"text": "short"}] * 50)
        with caplog.at_level("INFO", logger="colloquia"):
            read(file)
        assert len(caplog.messages) == 50
        assert caplog.messages[-1].startswith(f"{file}:51: too short to ask about")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
class TestLineEnds:
    """Unix, Windows, and the Macintosh before 2001."""

    def test_rows_of_json(self, tmp_path: Path, end: str) -> None:
        lines = [json.dumps({"text": TEXT}), "", json.dumps({"text": "bad"}), ""]
        _, report = read_with_report(write(tmp_path / "a.jsonl", end.join(lines)))
        assert (report.read, report.problems[0].split(": ")[0]) == (1, f"{tmp_path}/a.jsonl:3")

    def test_rows_of_csv(self, tmp_path: Path, end: str) -> None:
        file = write(tmp_path / "a.csv", end.join(["id,text", f'1,"{TEXT}', f'{OTHER}"', "2,bad"]))
        (snippet,), report = read_with_report(file)
        assert snippet.text == f"{TEXT}\n{OTHER}"
        assert report.problems[0].split(": ")[0] == f"{file}:4"

    @pytest.mark.parametrize("name", ["a.txt", "a.md"])
    def test_paragraphs(self, tmp_path: Path, end: str, name: str) -> None:
        file = write(tmp_path / name, end.join([TEXT, OTHER, "", OTHER, ""]))
        assert [snippet.text for snippet in read(file)] == [f"{TEXT} {OTHER}", OTHER]

    def test_another_encoding_is_found_in_its_line(self, tmp_path: Path, end: str) -> None:
        file = write(tmp_path / "a.txt", f"{TEXT}{end}é{end}".encode() + b"caf\xc3\xa9 \xe9")
        assert error_of(file).startswith(
            f"{file}:3: not UTF-8 (byte 0xe9 at position 7 of the line)"
        )


class TestOtherLineEnds:
    @pytest.mark.parametrize("name", ["a.txt", "a.md"])
    @pytest.mark.parametrize("end", ["\x0b", "\x0c", "\x85", "\u2028", "\r\n\x0c"])
    def test_they_end_lines_of_prose(self, tmp_path: Path, name: str, end: str) -> None:
        file = write(tmp_path / name, f"{TEXT}{end}{OTHER}{end}{end}{OTHER}")
        joined, last = (snippet.text for snippet in read(file))
        assert (joined, last) == (f"{TEXT} {OTHER}", OTHER)

    def test_a_paragraph_ends_with_its_separator(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.txt", f"{TEXT}\u2029{OTHER}")
        assert [snippet.text for snippet in read(file)] == [TEXT, OTHER]

    def test_they_end_no_row(self, tmp_path: Path) -> None:
        text = f"{TEXT}\u2028{OTHER}"
        rows = write(tmp_path / "a.jsonl", json.dumps({"text": text}, ensure_ascii=False))
        (tmp_path / "a.csv").write_text(f"text\n{text}\n", newline="")
        for file in (rows, tmp_path / "a.csv"):
            (snippet,) = read(file)
            assert snippet.text == f"{TEXT}\n{OTHER}"


class TestCsv:
    def test_a_quoted_text_may_span_lines_and_hold_commas(self, tmp_path: Path) -> None:
        file = write(
            tmp_path / "a.csv", f'Title, Text ,place\nHarrow,"{TEXT}\n{OTHER}, too",cliff\n'
        )
        (snippet,) = read(file)
        assert snippet.text == f"{TEXT}\n{OTHER}, too"
        assert (snippet.title, snippet.metadata) == ("Harrow", {"place": "cliff"})

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_spreadsheets_with_other_marks_are_read(self, tmp_path: Path, mark: str) -> None:
        (snippet,) = read(write(tmp_path / "a.csv", f"id{mark}text\n3{mark}{TEXT}\n"))
        assert (snippet.external_id, snippet.text) == ("3", TEXT)

    def test_a_row_with_too_many_values_is_bad_at_the_line_it_starts(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.csv", f'text\n"{TEXT}\n"\n{TEXT}, and more\n')
        _, report = read_with_report(file)
        assert report.problems == [
            f"{file}:4: 2 cells where the header has 1; put a text with a comma or a line break in "
            "quotes"
        ]

    def test_a_row_with_too_few_values_says_so(self, tmp_path: Path) -> None:
        rows = f"2,Bell Rock\n3,{TEXT}\n4,Harrow,\n5,Harrow,{TEXT}\n"
        snippets, report = read_with_report(write(tmp_path / "a.csv", f"id,title,text\n{rows}"))
        assert [snippet.external_id for snippet in snippets] == ["5"]
        what = [problem.partition(":")[2].partition(";")[0] for problem in report.problems]
        few = "2 cells where the header has 3"
        assert what == [f"2: {few}", f"3: {few}", "4: no text in it"]

    def test_empty_cells_beyond_the_header_and_blank_rows_do_no_harm(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.csv", f"id,text\n1,{TEXT},,\n,\n , \n\n2,{OTHER}\n\n")
        snippets, report = read_with_report(file)
        assert ([snippet.text for snippet in snippets], report.bad) == ([TEXT, OTHER], 0)
        assert report.passed_over == {"blank rows": 2}

    def test_two_columns_of_one_name_are_refused(self, tmp_path: Path) -> None:
        message = error_of(write(tmp_path / "a.csv", f"text,Text\n{TEXT},{TEXT}\n"))
        assert message.endswith(":1: two columns are named 'text'; rename one of them")

    def test_a_file_without_a_text_column_says_what_it_has(self, tmp_path: Path) -> None:
        message = error_of(write(tmp_path / "a.csv", "id,texts\n1,abc\n"))
        assert "no column named 'text'; did you mean 'texts'?" in message
        assert message.endswith("the first line is 'id, texts'")

    def test_a_file_without_a_header_says_what_to_put_on_top(self, tmp_path: Path) -> None:
        message = error_of(write(tmp_path / "a.csv", f"{TEXT}\n{OTHER}\n"))
        assert message.startswith(
            f"{tmp_path / 'a.csv'}:1: no column named 'text'; name the column"
        )
        assert "or put such a header on top" in message

    @pytest.mark.parametrize(
        ("rows", "line"),
        [
            (f'"open {OTHER}\n7,{OTHER}\n8,{OTHER}\n', 3),
            (f'7,"{OTHER}\nand more"\n8,"open\n\n', 5),
            (f'"{OTHER}\n{OTHER}", "no quote"\n"doubled ""\n', 5),
            (f'"open {"word " * 400_000}\n', 3),
        ],
    )
    def test_a_quote_left_open_is_an_error_with_its_line(
        self, tmp_path: Path, rows: str, line: int
    ) -> None:
        file = write(tmp_path / "a.csv", f"text,b\n{TEXT},1\n{rows}")
        assert error_of(file).startswith(f"{file}:{line}: a quote is opened here and never closed")

    @pytest.mark.parametrize("cell", ["x" * 200_000, f'"{"two words" * 200_000}"'])
    def test_a_row_that_cannot_be_read_is_one_bad_row(self, tmp_path: Path, cell: str) -> None:
        file = write(tmp_path / "a.csv", f"text\n{TEXT}\n{cell}\n{OTHER}\n")
        snippets, report = read_with_report(file)
        assert [snippet.text for snippet in snippets] == [TEXT, OTHER]
        assert (report.bad, report.problems[0].split(": ")[0]) == (1, f"{file}:3")

    @given(st.lists(st.lists(st.text('ab", \n;0'), min_size=1, max_size=3), min_size=1, max_size=6))
    def test_rows_are_those_of_the_csv_module(self, rows: list[list[str]]) -> None:
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\n").writerows(rows)
        lines = (
            TextLine(number=number, text=text)
            for number, text in enumerate(written.getvalue().splitlines(keepends=True), 1)
        )
        found = csv_records(Path("a.csv"), lines, delimiter=",")
        assert [record.cells(",") for record in found] == rows


class TestText:
    def test_paragraphs_are_snippets_and_wrapped_lines_are_joined(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.txt", f"\n{TEXT}\n{OTHER}\n \n{OTHER}\n")
        assert [snippet.text for snippet in read(file)] == [f"{TEXT} {OTHER}", OTHER]

    def test_a_paragraph_without_end_is_bad_and_not_kept(self, tmp_path: Path) -> None:
        _, report = read_with_report(
            write(tmp_path / "a.txt", f"{TEXT}\n\n" + "word word\n" * 9000)
        )
        assert "89,999 characters, more than 20,000: part it into paragraphs" in report.problems[0]

    def test_no_more_of_a_paragraph_is_held_than_asked_for(self) -> None:
        lines = (TextLine(number=n, text="word\n") for n in range(10_000))
        (block,) = text_blocks(lines, keep=100)
        assert len(block.text) < 120
        assert block.length == 49_999


class TestMarkdown:
    def test_paragraphs_take_the_nearest_heading_as_title(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.md", f"# The *Harrow* light #\n{TEXT}\n\nLamp\n----\n{OTHER}\n")
        assert [(s.title, s.text) for s in read(file)] == [
            ("The Harrow light", TEXT),
            ("Lamp", OTHER),
        ]

    def test_links_and_emphasis_become_plain_words(self, tmp_path: Path) -> None:
        marked = (
            "The **Harrow** [lighthouse](http://x.test) was `built` in _1851_.[^1] <b>High</b>!"
        )
        (snippet,) = read(write(tmp_path / "a.md", marked))
        assert snippet.text == "The Harrow lighthouse was built in 1851. High!"

    def test_names_with_underscores_and_stars_in_sums_stay(self, tmp_path: Path) -> None:
        text = "The file snake_case_name holds 2 * 3 * 4 numbers in all."
        assert read(write(tmp_path / "a.md", text))[0].text == text

    @pytest.mark.parametrize(
        "block",
        [
            f"```\n{OTHER}\n\n{OTHER}\n```",
            f"~~~~ python\n{OTHER}\n~~~\n~~~~",
            f"    {OTHER}\n    {OTHER}",
            f"> ```\n> {OTHER}\n> ```",
            f"<table>\n<tr><td>{OTHER}</td></tr>\n\n<tr><td>{OTHER}</td></tr></table>",
            f"<pre>\n{OTHER}\n\n{OTHER}\n</pre>",
            f"[^1]: {OTHER}\n    {OTHER}",
            "[TOC]",
            f"<!-- {OTHER}\n\n{OTHER} -->",
            "[there]: http://a.very.long.address.test/of/a/page",
            "![A picture of the lighthouse](harrow.png)",
        ],
    )
    def test_what_is_not_prose_is_skipped_and_counted(self, tmp_path: Path, block: str) -> None:
        snippets, report = read_with_report(write(tmp_path / "a.md", f"{block}\n\n{TEXT}\n"))
        assert [snippet.text for snippet in snippets] == [TEXT]
        assert (report.skipped, report.bad) == (1, 0)

    def test_front_matter_is_skipped_but_a_rule_is_not_taken_for_it(self, tmp_path: Path) -> None:
        assert len(read(write(tmp_path / "a.md", f"---\ntitle: {OTHER}\n---\n{TEXT}\n"))) == 1
        assert len(read(write(tmp_path / "b.md", f"---\n\n{TEXT}\n\n{OTHER}\n"))) == 2

    @given(st.text(alphabet="#-`~|<>![]()*_ \n\tab1:.", max_size=300))
    def test_no_markup_breaks_the_reader(self, tmp_path_factory: Any, text: str) -> None:
        file = tmp_path_factory.mktemp("md") / "a.md"
        snippets, report = read_with_report(write(file, f"{TEXT}\n\n{text}"))
        assert report.read == len(snippets)

    @pytest.mark.parametrize("piece", ["![", "[a](", "<a ", "`", "*a ", "**", "_a", "[^", "\\"])
    def test_hostile_markup_takes_no_longer_than_its_length(
        self, tmp_path: Path, piece: str
    ) -> None:
        text = (piece * 20_000)[:19_000]
        _, report = read_with_report(write(tmp_path / "a.md", f"{TEXT}\n\n{text}\n"))
        assert report.read + report.bad + report.skipped >= 1


class TestFolders:
    def test_all_files_are_read_in_order_hidden_and_other_ones_are_not(
        self, tmp_path: Path
    ) -> None:
        jsonl(tmp_path / "b.jsonl", {"text": f"Second. {TEXT}"})
        write(tmp_path / "a.txt", f"First. {TEXT}")
        write(tmp_path / "sub" / "c.MD", f"Third. {TEXT}")
        write(tmp_path / ".hidden.txt", f"Hidden. {TEXT}")
        write(tmp_path / ".git" / "d.txt", f"Hidden. {TEXT}")
        write(tmp_path / "picture.png", b"\x89PNG")
        snippets, report = read_with_report(tmp_path)
        assert [s.text.split(".")[0] for s in snippets] == ["First", "Second", "Third"]
        assert report.skipped == 1

    def test_a_file_without_text_is_counted(self, tmp_path: Path) -> None:
        write(tmp_path / "a.txt", TEXT)
        for name, content in (("b.txt", ""), ("c.jsonl", "\n\n"), ("d.csv", "id,text\n")):
            write(tmp_path / name, content)
        _, report = read_with_report(tmp_path)
        assert report.passed_over == {"files without text": 3}

    def test_a_loop_of_links_ends(self, tmp_path: Path) -> None:
        write(tmp_path / "a.txt", TEXT)
        (tmp_path / "loop").symlink_to(tmp_path)
        (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
        assert len(read(tmp_path)) == 1

    def test_one_file_of_another_encoding_stops_the_read(self, tmp_path: Path) -> None:
        write(tmp_path / "a.txt", TEXT)
        write(tmp_path / "b.txt", "Café society".encode("latin-1"))
        assert f"{tmp_path / 'b.txt'}:1: not UTF-8" in error_of(tmp_path)


class TestBadSources:
    def test_a_missing_file_names_one_that_is_there(self, tmp_path: Path) -> None:
        jsonl(tmp_path / "snippets.jsonl", {"text": TEXT})
        file = tmp_path / "snipets.jsonl"
        assert error_of(file) == f"{file}: no such file or folder; did you mean 'snippets.jsonl'?"

    def test_bad_sources_are_refused_before_the_first_snippet_is_asked_for(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(SnippetError):
            read_snippets(tmp_path / "nothing.jsonl", report=SnippetReport())

    @pytest.mark.parametrize("content", ["", "\n \n"])
    def test_an_empty_file_says_what_belongs_in_it(self, tmp_path: Path, content: str) -> None:
        message = error_of(write(tmp_path / "a.jsonl", content))
        assert 'a .jsonl file has one {"text": "…"} per line' in message

    def test_a_folder_in_a_folder_without_end(self, tmp_path: Path) -> None:
        deepest = tmp_path
        for _ in range(1_200):
            deepest = deepest / "d"
            deepest.mkdir()
        (deepest / "a.txt").write_text(TEXT)
        assert [snippet.text for snippet in read(tmp_path)] == [TEXT]
        (deepest / "a.txt").unlink()  # so deep, who cleans up after tests would give up
        for folder in (deepest, *deepest.parents)[:1_200]:
            folder.rmdir()

    def test_a_folder_without_snippets(self, tmp_path: Path) -> None:
        write(tmp_path / "readme.rst", TEXT)
        assert error_of(tmp_path) == f"{tmp_path}: no .jsonl, .csv, .md or .txt file in this folder"

    def test_an_unknown_kind_lists_the_known_ones(self, tmp_path: Path) -> None:
        message = error_of(write(tmp_path / "a.docx", TEXT))
        assert "unknown kind '.docx'; snippets come as .jsonl, .csv, .md or .txt" in message

    @pytest.mark.parametrize(
        ("content", "what", "fix"),
        [
            (b"%PDF-1.4\n%\xe2\xe3\n", "a PDF", "pdftotext NAME text-of-a.txt"),
            (b"PK\x03\x04\x14\0\0\0", "a zip archive, as .docx", "save the document as"),
            (gzip.compress(TEXT.encode()), "a compressed file", "unpack it first"),
            (b"BZh91AY&SY" + bytes(range(200)), "a compressed file", "unpack it first"),
            (b"\x7fELF\x02\x01\x01" + bytes(9), "a program", "not text"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image", "OCR"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "an image", "OCR"),
            (b"{\\rtf1\\ansi Hello}", "an RTF document", "save the document as plain text"),
            (b"SQLite format 3\0\x10\0", "an SQLite database", "as CSV"),
            (b"PAR1\x15\x04\x15\0\0\x01\x02\x03", "a Parquet file", "pandas"),
            (bytes(range(256)) * 4, "binary data", "save it as UTF-8 text first"),
        ],
    )
    @pytest.mark.parametrize("ending", [".txt", ".md", ".csv", ".jsonl", ".doc", ""])
    def test_a_file_that_is_no_text_is_called_what_it_is(
        self, tmp_path: Path, content: bytes, what: str, fix: str, ending: str
    ) -> None:
        file = write(tmp_path / f"a{ending}", content)
        message = error_of(file)
        known = what != "binary data" or ending not in (".doc", "")
        start = f"{file} is {what}" if known else f"{file}: unknown kind '{ending}'"
        assert message.startswith(start)
        assert not known or fix.replace("NAME", file.name) in message

    @pytest.mark.parametrize("start", ["BZh is a word", "RIFF raff", "GIF89 files", "PAR1, ID3"])
    def test_a_text_may_begin_as_such_a_file_does(self, tmp_path: Path, start: str) -> None:
        (snippet,) = read(write(tmp_path / "a.txt", f"{start}. {TEXT}\0"))
        assert snippet.text == f"{start}. {TEXT}"

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.jsonl")
        assert "not a file or folder" in error_of(tmp_path / "a.jsonl")

    @pytest.mark.parametrize("name", ["a\x00b.jsonl", "x" * 300 + ".jsonl", "a\nb.jsonl"])
    def test_an_impossible_name_gives_one_line(self, tmp_path: Path, name: str) -> None:
        assert error_of(tmp_path / name)

    def test_latin_1_is_named_by_line_and_byte_with_the_command_that_mends_it(
        self, tmp_path: Path
    ) -> None:
        file = write(tmp_path / "a.txt", f"{TEXT}\n\nCafé society".encode("latin-1"))
        message = error_of(file)
        assert message.startswith(f"{file}:3: not UTF-8 (byte 0xe9 at position 4 of the line)")
        assert "iconv -f WINDOWS-1252 -t UTF-8 a.txt" in message

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_utf_16_is_recognised(self, tmp_path: Path, encoding: str) -> None:
        named = "UTF-32" if encoding == "utf-32" else "UTF-16"
        file = write(tmp_path / "a.txt", TEXT.encode(encoding))
        assert f"{file}:1: this is {named}" in error_of(file)

    def test_only_bad_lines_are_an_error_that_shows_the_first(self, tmp_path: Path) -> None:
        file = jsonl(tmp_path / "a.jsonl", {"body": TEXT}, {"body": OTHER})
        assert error_of(file) == f"{file}: none of 2 can be used; the first: {file}:1: no 'text'"

    def test_a_line_of_a_gigabyte_is_refused_without_reading_it(self, tmp_path: Path) -> None:
        file = tmp_path / "a.jsonl"
        with file.open("wb") as stream:
            stream.write(b'{"text": "' + b"a" * 10_000)
            stream.truncate(1 << 30)  # sparse: takes no room on disk
        program = (
            "import sys\n"
            "from colloquia.snippets.reader import read_snippets\n"
            "from colloquia.snippets.report import SnippetReport\n"
            "try:\n"
            "    next(read_snippets(sys.argv[1], report=SnippetReport()))\n"
            "except Exception as error:\n"
            "    print(error)\n"
            "status = open('/proc/self/status').read()\n"
            "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, file], capture_output=True, text=True, check=True
        )
        message, megabytes = done.stdout.splitlines()
        assert message.startswith(f"{file}:1: a line of more than 16 million characters")
        assert int(megabytes) < 150


class TestCleaning:
    @pytest.mark.parametrize(
        ("raw", "clean"),
        [
            ("Cafe\u0301", "Café"),
            (" \ufeffa\x00b\x07c\t ", "abc"),
            ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
            ("lone \ud83d here", "lone \ufffd here"),
            ("\x1b[31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "red link"),
            ("fine — “as is” 日本語 😀", "fine — “as is” 日本語 😀"),
        ],
    )
    def test_text_is_cleaned(self, raw: str, clean: str) -> None:
        assert clean_text(raw) == clean

    @given(st.text(alphabet=st.characters(exclude_categories=())))
    def test_clean_text_can_be_written_is_stripped_and_stays_as_it_is(self, raw: str) -> None:
        clean = clean_text(raw)
        clean.encode("utf-8")
        assert clean == clean.strip() == clean_text(clean)
        assert not any(ord(char) < 32 and char not in "\n\t" for char in clean)


def test_memory_stays_flat_over_many_snippets(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    with file.open("w") as stream:
        for number in range(20_000):
            stream.write(json.dumps({"id": number, "text": f"{TEXT} {number} {OTHER * 10}"}) + "\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in read_snippets(file, report=SnippetReport())) == 20_000
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 10


def test_a_row_or_a_name_that_is_too_long_is_told_and_not_worked_on(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    said = "The mill was built in 1851 by Ann Hart."
    rows: list[dict[str, Any]] = [
        {"text": said},
        {"text": said, "title": "a" * 2_001},
        {"text": said, "id": "9" * 3_000},
        {"text": said, "more": "a" * 1_000_000},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    snippets, report = read_with_report(file)
    assert len(snippets) == 1 and report.bad == 3
    title, identity, row = (problem.partition(": ")[2] for problem in report.problems)
    assert title == "'title' has 2,001 characters, more than 2,000"
    assert identity == "'id' has 3,000 characters, more than 2,000"
    assert row.startswith("a row of 1,000,0") and row.endswith("more than 1,000,000")


def test_a_line_of_comments_is_as_many_comments(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    said = "The mill was built in 1851 by Ann Hart."
    file.write_text("<!-- a -->" * 3_000 + said, "utf-8")
    snippets, report = read_with_report(file)
    assert [snippet.text for snippet in snippets] == [said]
    assert report.passed_over["comments"] == 3_000
