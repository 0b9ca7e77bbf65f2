"""A whole run at a server with few places, in small: nothing is lost, and nothing sent again."""

from dataclasses import replace

from benchmarks.pace import SHORT, measure
from benchmarks.servers.endpoint import Received, steady


def test_a_run_at_a_server_with_four_places_sends_nothing_twice_and_ends_every_dialogue() -> None:
    case = SHORT[1]
    paced = measure(case, "colloquia")
    assert (paced.again, paced.ended) == (0, case.dialogues)
    assert paced.share > 0


def test_a_reply_with_a_blank_is_another_one_each_time() -> None:
    decide = steady({"who": "Who built this ~ tower?", "": "Ann Hart."}, latency_s=0)
    request = Received(method="POST", path="/v1/chat/completions", headers={}, body=b"who", at_s=0)
    said = {decide(request).body for _ in range(500)}
    assert len(said) == 500
    assert decide(replace(request, body=b"")) is decide(replace(request, body=b""))
