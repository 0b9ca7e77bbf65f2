"""Which lines of prose make one passage: lists, tables, headings, contents, talks."""

from pathlib import Path

import pytest
from read_snippets_as import KINDS, read_as

from colloquia.snippets.prose.tables import is_table
from colloquia.snippets.prose.turns import is_talk

Found = list[tuple[str | None, str]]

CHATS = {
    "irc": "<ben> hi all\n<carla> did the build pass?\n<ben> no, the linker ran out of memory",
    "irssi": "14:02 <@ruth> The pump at station 4 tripped.\n14:03 < olaf> Was it the float switch?",
    "brackets": "[10:02] anna: is the kiln free now?\n[10:03] ben: No, it cools until Friday.",
    "one turn": "[10:02] anna: Hi, does anyone know when the kiln is free?",
    "WhatsApp": "12/03/2024, 18:41 - Messages are end-to-end encrypted.\n"
    "12/03/2024, 18:42 - Maria Lopez: Did you water them?\n12/03/2024, 18:45 - Tom: Yes, twice.",
    "WhatsApp on a phone": "[12.03.24, 18:42:10] Maria: The ferry leaves at 7:15.\n"
    "[12.03.24, 18:43:55] Tom Becker: ok, I bring the tickets",
    "Slack": "Anna Keller  10:02 AM\nThe disk was moved.\nBen Ito  10:04 AM\nDid it work?\n"
    "Anna Keller  10:07 AM\nYes.",
    "Discord": "lenny — Today at 4:12 PM\nit draws 3 mA\nsofia — Today at 4:13 PM\nit was 12",
    "Teams": "[3/12/2024 10:02 AM] Keller, Anna\nThe test is due on 4 April.\n"
    "[3/12/2024 10:05 AM] Ito, Ben\nWe need the certificate.",
    "an interview": "INTERVIEWER: When did you begin?\n\nROSSI: I began in 1974.\n\n"
    "INTERVIEWER: What wood do you use?\n\nROSSI: Spruce for the belly.",
    "a hearing": "CHAIRMAN SMITH: Dr. Hale, begin.\nDR. HALE: It holds 4.2 million cubic metres.\n"
    "CHAIRMAN SMITH: How was that measured?",
    "a play": "Thorpe. The signal was at red.\nHale. It was green, sir.\nThorpe. The log says no",
    "small names": "anna: the oven runs at 240 degrees\nben: for rye?\nanna: yes, for 55 minutes",
    "subtitles": "00:00:01.000 --> 00:00:04.000\nAnna Keller: Welcome to the review of the gauge.",
}
NO_TALKS = [
    "The harbour opens at 9:30.\nIt shuts at noon: the gate is locked.",
    "Breakfast 8:00\nLunch 12:30\nDinner 19:00",
    "Height: it is 35 m high.\nBuilt: it was made in 1810.\nNote: it is old.",
    "At 12/03/2024 10:02 the following happened: the pump tripped.",
    "He left Kiel at 10:02. Ann: the ship, the last of three, had sailed.",
]


def found(kind: str, text: str, folder: Path) -> Found:
    return [(snippet.title, snippet.text) for snippet in read_as(kind, text, folder)[0]]


BOTH = pytest.mark.parametrize("kind", ["md", "txt"])


class TestLists:
    @BOTH
    @pytest.mark.parametrize("gap", ["", "\n"])
    def test_a_list_under_its_lead_in_is_one_snippet(
        self, kind: str, gap: str, tmp_path: Path
    ) -> None:
        text = f"The kit holds:\n{gap}- a pump\n{gap}- two hoses of 3 m\n{gap}- a lamp\n"
        assert found(kind, text, tmp_path) == [
            (None, "The kit holds: a pump; two hoses of 3 m; a lamp.")
        ]

    @BOTH
    def test_steps_keep_their_order_and_their_numbers(self, kind: str, tmp_path: Path) -> None:
        text = "To start the pump:\n\n1. Open the valve.\n2. Wait 10 minutes.\n3. Repeat step 1."
        assert found(kind, text, tmp_path) == [
            (
                None,
                "To start the pump: (1) Open the valve. (2) Wait 10 minutes. (3) Repeat step 1.",
            )
        ]

    def test_a_list_under_a_heading_is_told_what_it_is_of(self, tmp_path: Path) -> None:
        text = "# Parts of the kit\n\n* pump\n* hose\n\n# Care\n\n* Oil it daily.\n* Dry it well."
        assert found("md", text, tmp_path) == [
            ("Parts of the kit", "Parts of the kit: pump; hose."),
            ("Care", "Oil it daily. Dry it well."),
        ]

    def test_a_paragraph_before_a_list_that_it_does_not_announce_is_its_own(
        self, tmp_path: Path
    ) -> None:
        text = "The pump is of iron and weighs 3 kg.\n\n- It is painted red.\n- It is old."
        assert [text for _, text in found("md", text, tmp_path)] == [
            "The pump is of iron and weighs 3 kg.",
            "It is painted red. It is old.",
        ]

    def test_bullets_and_steps_are_two_lists(self, tmp_path: Path) -> None:
        text = "- a pump of iron\n- two hoses\n\n1. Open the valve.\n2. Wait 10 minutes."
        assert [text for _, text in found("md", text, tmp_path)] == [
            "a pump of iron; two hoses.",
            "(1) Open the valve. (2) Wait 10 minutes.",
        ]

    def test_what_lies_deeper_stands_behind_its_item(self, tmp_path: Path) -> None:
        text = "Kit parts:\n- hoses:\n  - red, 3 m\n  - blue, 5 m\n- a pump"
        ((_, read),) = found("md", text, tmp_path)
        assert read == "Kit parts: hoses (red, 3 m; blue, 5 m); a pump."

    def test_paragraphs_and_code_within_a_step_do_not_end_the_list(self, tmp_path: Path) -> None:
        text = (
            "1. Set it up:\n\n   ```\n   x = 1\n   ```\n\n   Wait 5 s.\n\n       y = 2\n\n"
            "2. Go on.\n\n"
            "It is done at 9:30 then."
        )
        snippets, report = read_as("md", text, tmp_path)
        assert [snippet.text for snippet in snippets] == [
            "(1) Set it up: Wait 5 s. (2) Go on.",
            "It is done at 9:30 then.",
        ]
        assert report.passed_over == {"code": 2}

    @BOTH
    @pytest.mark.parametrize(
        "text",
        [
            "It was still small in the year\n1851. It grew to 3 m in the end.",
            "1851. In that year it was still small, and it grew.",
            "It lost much of its force by\n12. May it was gone, and by\n13) nobody knew.",
        ],
    )
    def test_a_sentence_that_wraps_before_a_number_is_no_list(
        self, kind: str, text: str, tmp_path: Path
    ) -> None:
        assert found(kind, text, tmp_path) == [(None, text.replace("\n", " "))]

    def test_a_dash_in_wrapped_text_is_no_bullet(self, tmp_path: Path) -> None:
        text = "The cable has a loss of\n- 5 dB at most in dry air."
        assert found("txt", text, tmp_path) == [(None, text.replace("\n", " "))]

    def test_a_long_list_is_parted_between_items_each_under_the_lead_in(
        self, tmp_path: Path
    ) -> None:
        items = [f"item {number} of {'word ' * 30}end" for number in range(100)]
        read = found("md", "All parts:\n" + "\n".join(f"- {i}" for i in items), tmp_path)
        assert 3 < len(read) < 10
        assert all(text.startswith("All parts: item ") for _, text in read)
        assert [text.count("; ") + 1 for _, text in read] and sum(
            text.count("; ") + 1 for _, text in read
        ) == 100


class TestTables:
    TABLE = (
        "| Name | Height (m) | Lit |\n|:--|--:|---|\n| Bell Rock | 35 | 1811 |\n"
        "| Fastnet | 54 | 1904 |"
    )
    READ = (
        "For Bell Rock, Height (m) is 35 and Lit is 1811. "
        "For Fastnet, Height (m) is 54 and Lit is 1904."
    )

    @BOTH
    def test_a_row_is_a_sentence(self, kind: str, tmp_path: Path) -> None:
        assert found(kind, self.TABLE, tmp_path) == [(None, self.READ)]

    def test_a_table_has_its_lead_in_and_what_surrounds_it_stays(self, tmp_path: Path) -> None:
        text = (
            f"The tower is old and grey.\n\nAll towers:\n{self.TABLE}\n\nThe sea is deep and cold."
        )
        assert [text for _, text in found("md", text, tmp_path)] == [
            "The tower is old and grey.",
            f"All towers: {self.READ}",
            "The sea is deep and cold.",
        ]

    def test_a_table_without_outer_bars_and_text_right_above_it(self, tmp_path: Path) -> None:
        text = "The towers stand here:\nName | Lit\n--- | ---\nFastnet | 1904\nBell \\| Rock | 1811"
        ((_, read),) = found("md", text.replace("1811", "1811"), tmp_path)
        assert (
            read == "The towers stand here: For Fastnet, Lit is 1904. For Bell | Rock, Lit is 1811."
        )

    def test_a_number_that_names_a_row_is_told_with_its_column(self, tmp_path: Path) -> None:
        table = "| Year | Event |\n|---|---|\n| 1811 | first lit |\n| 1904 |  |"
        ((_, read),) = found("md", table, tmp_path)
        assert read == "For Year 1811, Event is first lit. Year 1904."

    def test_a_cell_that_is_a_phrase_is_told_behind_a_colon(self, tmp_path: Path) -> None:
        table = (
            "| Name | Use | Lit |\n|---|---|---|\n| Fastnet | warns ships off the rock | 1904 |\n"
        )
        table += "| Pharos | it led ships to the harbour by night | 280 BC |"
        ((_, read),) = found("md", table, tmp_path)
        assert read == (
            "For Fastnet, Use is warns ships off the rock and Lit is 1904. "
            "Pharos, Use: it led ships to the harbour by night; Lit: 280 BC."
        )

    def test_cells_without_a_head_are_kept(self, tmp_path: Path) -> None:
        table = "| Name | Lit |\n|---|---|\n| Fastnet | 1904 | 54 m |"
        ((_, read),) = found("md", table, tmp_path)
        assert read == "For Fastnet, Lit is 1904 and 54 m."

    def test_bars_in_a_sentence_make_no_table(self, tmp_path: Path) -> None:
        text = "|x| is the absolute value of x, and |y| that of y."
        assert found("md", text, tmp_path) == [(None, text)]


class TestHeadings:
    @BOTH
    def test_a_numbered_heading_is_a_title_and_its_number_no_figure(
        self, kind: str, tmp_path: Path
    ) -> None:
        mark = "## " * (kind == "md")
        text = (
            f"{mark}1.1.1 Pumping station\n\nIt pumps 3 t.  It is old.\n\n{mark}1.1.2 Dock\n\n"
            "It is 5 m deep in winter."
        )
        snippets, _ = read_as(kind, text, tmp_path)
        assert [(s.title, s.metadata) for s in snippets] == [
            ("Pumping station", {"section": "1.1.1"}),
            ("Dock", {"section": "1.1.2"}),
        ]

    @pytest.mark.parametrize("kind", ["txt", "jsonl", "csv"])
    def test_a_numbered_heading_right_above_its_text_is_no_sentence(
        self, kind: str, tmp_path: Path
    ) -> None:
        (snippet,), _ = read_as(kind, "1.1.1 Pumping station\nIt pumps 30 tons a day.", tmp_path)
        assert (snippet.title, snippet.text) == ("Pumping station", "It pumps 30 tons a day.")
        assert snippet.metadata == {"section": "1.1.1"}

    @pytest.mark.parametrize("kind", ["txt", "jsonl", "csv"])
    def test_a_sentence_that_begins_with_a_figure_is_no_heading(
        self, kind: str, tmp_path: Path
    ) -> None:
        text = "2.4 GHz radio reaches further in rooms\nthan 5 GHz does, as tests of 2019 show."
        (snippet,), _ = read_as(kind, text, tmp_path)
        assert snippet.title is None
        assert " ".join(snippet.text.split()) == text.replace("\n", " ")

    def test_a_figure_in_a_heading_stays_where_no_section_comes_before_it(
        self, tmp_path: Path
    ) -> None:
        text = (
            "# 2.4 GHz\n\nIt reaches far in most rooms.\n\n# 3.1 Pumps\n\n"
            "They are old and of iron.\n\n# 3.2 Hoses\n\nThey are new and of rubber."
        )
        snippets, _ = read_as("md", text, tmp_path)
        assert [s.title for s in snippets] == ["2.4 GHz", "Pumps", "Hoses"]

    def test_short_lines_of_plain_text_are_titles_only_with_text_below(
        self, tmp_path: Path
    ) -> None:
        text = "The dock\n\nIt is 5 m deep in winter.\n\nThe lamp burns oil daily\n"
        assert found("txt", text, tmp_path) == [
            ("The dock", "It is 5 m deep in winter."),
            ("The dock", "The lamp burns oil daily"),
        ]

    def test_underlined_lines_of_plain_text_are_titles(self, tmp_path: Path) -> None:
        text = "The dock and all that is in it\n======\nIt is 5 m deep in winter."
        assert found("txt", text, tmp_path) == [
            ("The dock and all that is in it", "It is 5 m deep in winter.")
        ]


class TestContents:
    @BOTH
    def test_lines_that_lead_to_pages_are_counted_as_contents(
        self, kind: str, tmp_path: Path
    ) -> None:
        text = (
            "1.1 Pumps ........ 12\n1.2 Docks . . . . . 14\nIndex …… xii\n\n"
            "The dock is 5 m deep in winter."
        )
        snippets, report = read_as(kind, text, tmp_path)
        assert [snippet.text for snippet in snippets] == ["The dock is 5 m deep in winter."]
        assert report.passed_over == {"contents lines": 3}

    def test_links_within_the_page_and_lists_under_contents_are_counted(
        self, tmp_path: Path
    ) -> None:
        text = (
            "- [Pumps](#pumps)\n  - [Iron](#iron)\n\n## Contents\n\n1. Pumps of iron\n"
            "2. Docks\n\n## Docks\n\nThe dock is 5 m deep."
        )
        snippets, report = read_as("md", text, tmp_path)
        assert [snippet.text for snippet in snippets] == ["The dock is 5 m deep."]
        assert report.passed_over == {"contents lines": 3}

    @pytest.mark.parametrize("kind", KINDS)
    def test_contents_alone_are_no_snippet(self, kind: str, tmp_path: Path) -> None:
        lines = "Pumps of iron ........ 12\nDocks of stone ........ 14"
        file = "The dock is 5 m deep in winter."
        if kind in ("md", "txt"):
            _, report = read_as(kind, f"{lines}\n\n{file}", tmp_path)
            assert (report.read, report.skipped) == (1, 2)
        else:
            with pytest.raises(Exception, match="a table of contents, not a passage"):
                read_as(kind, lines, tmp_path)


class TestTalks:
    @BOTH
    @pytest.mark.parametrize("gap", ["", "\n"])
    @pytest.mark.parametrize(("asks", "answers"), [("Q", "A"), ("Question", "Answer")])
    def test_a_question_is_one_passage_with_its_answer(
        self, kind: str, gap: str, asks: str, answers: str, tmp_path: Path
    ) -> None:
        text = (
            f"{asks}: How deep is the dock\n{gap}{answers}: It is 3 m deep.\n\n"
            f"{asks}: When does it open?\n{gap}{answers}: At 9:30 a.m.\nIt is shut on Sundays."
        )
        assert found(kind, text, tmp_path) == [
            (None, "How deep is the dock? It is 3 m deep."),
            (None, "When does it open? At 9:30 a.m. It is shut on Sundays."),
        ]

    def test_a_question_may_be_a_heading(self, tmp_path: Path) -> None:
        text = "# Q: When was it lit?\n\nA: It was lit in 1811 at 9:30.\n\n# Q: By whom?\n\n"
        assert found("md", f"{text}It was lit by Stevenson.", tmp_path) == [
            ("When was it lit?", "It was lit in 1811 at 9:30."),
            ("By whom?", "It was lit by Stevenson."),
        ]

    @BOTH
    def test_users_and_assistants_ask_and_answer(self, kind: str, tmp_path: Path) -> None:
        text = "User: I look for the height.\nAssistant: It is 35 m high."
        ((_, read),) = found(kind, text, tmp_path)
        assert read == "I look for the height. It is 35 m high."

    @BOTH
    def test_the_time_may_stand_behind_the_name(self, kind: str, tmp_path: Path) -> None:
        text = "Al (10:31): the pump broke\nBo (10:32): which of them?\nAl (10:35): number 2"
        assert found(kind, text, tmp_path) == [(None, text)]

    def test_numbered_and_bold_labels_are_labels(self, tmp_path: Path) -> None:
        text = (
            "**Q1:** How deep is it?\n**A1:** It is 3 m deep.\n\n*Q2:* Is it old?\n\n"
            "*A2:* It is of 1851."
        )
        assert [text for _, text in found("md", text, tmp_path)] == [
            "How deep is it? It is 3 m deep.",
            "Is it old? It is of 1851.",
        ]

    @pytest.mark.parametrize("kind", ["jsonl", "csv"])
    @pytest.mark.parametrize("gap", ["\n", " "])
    def test_a_pair_in_one_cell_loses_its_labels(self, kind: str, gap: str, tmp_path: Path) -> None:
        text = f"Q: How deep is the dock?{gap}A: It is 3 m deep."
        ((_, read),) = found(kind, text, tmp_path)
        assert read == f"How deep is the dock?{gap}It is 3 m deep."

    @BOTH
    def test_a_chat_log_keeps_who_speaks_and_when(self, kind: str, tmp_path: Path) -> None:
        text = (
            "[09:30] bob: the pump broke\n[09:31] ann: which one of\nthe two?\n[09:35] bob: no. 2"
        )
        assert found(kind, text, tmp_path) == [
            (
                None,
                "[09:30] bob: the pump broke\n"
                "[09:31] ann: which one of the two?\n[09:35] bob: no. 2",
            )
        ]

    @BOTH
    def test_an_interview_is_one_passage(self, kind: str, tmp_path: Path) -> None:
        turns = ["Ed: When was it lit?", "Mr Fox: In 1811.", "Ed: By whom?", "Mr Fox: By us."]
        assert found(kind, "\n\n".join(turns), tmp_path) == [(None, "\n".join(turns))]

    @BOTH
    @pytest.mark.parametrize(
        "text",
        [
            "Note: the lamp is lit at dusk.\n\nWarning: it is hot for 3 h.\n\nNote: it is old now.",
            "Height: it is 35 m high.\n\nBuilt: it was made in 1810.",
            "The harbour opens at\nNoon: it is loud until 22:15.",
        ],
    )
    def test_labels_that_nobody_answers_make_no_talk(
        self, kind: str, text: str, tmp_path: Path
    ) -> None:
        paragraphs = [part.replace("\n", " ") for part in text.split("\n\n")]
        assert found(kind, text, tmp_path) == [(None, part) for part in paragraphs]

    @BOTH
    @pytest.mark.parametrize("kind_of_log", CHATS)
    def test_chat_logs_of_many_makers_are_talks(
        self, kind: str, kind_of_log: str, tmp_path: Path
    ) -> None:
        text = CHATS[kind_of_log]
        read = found(kind, text, tmp_path)
        assert read and all(is_talk(passage) for _, passage in read)
        assert is_talk(text)

    @pytest.mark.parametrize("text", NO_TALKS)
    def test_prose_is_no_talk(self, text: str) -> None:
        assert not is_talk(text)


class TestWhatIsATable:
    @pytest.mark.parametrize("head", ["Moons", "moons", "52 kcal", "Diameter (km)"])
    def test_rows_are_told_by_the_column_they_name(self, head: str, tmp_path: Path) -> None:
        table = f"| a | {head} |\n|---|---|\n| Mars | 2 |\n| Saturn | 146 |\n"
        text = f"Some planets have moons.\n\n{table}"
        (_, lead), (_, rows) = found("md", text, tmp_path)
        assert is_table(rows) and not is_table(lead)

    def test_long_cells_make_rows_too(self, tmp_path: Path) -> None:
        rows = "| 0 | It was all built. |\n| 2 | The line could not be read at all. |\n"
        ((_, read),) = found("md", f"| Code | Meaning |\n|---|---|\n{rows}", tmp_path)
        assert is_table(read)

    @pytest.mark.parametrize(
        "text",
        [
            "For adults, the dose is 20 mg. For children, the dose is 10 mg.",
            "For ships, it is short. For boats, it is shorter.",
            "He has three jobs, but it is not much. She is late, but it is light. He left, one: x.",
        ],
    )
    def test_prose_is_no_table(self, text: str) -> None:
        assert not is_table(text)
