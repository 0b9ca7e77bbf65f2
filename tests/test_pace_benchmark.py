"""A whole run at a server with few places, in small: nothing is lost, and nothing sent again."""

from benchmarks.pace import SHORT, measure


def test_a_run_at_a_server_with_four_places_sends_nothing_twice_and_ends_every_dialogue() -> None:
    case = SHORT[1]
    paced = measure(case, "colloquia")
    assert (paced.again, paced.ended) == (0, case.dialogues)
    assert paced.share > 0
