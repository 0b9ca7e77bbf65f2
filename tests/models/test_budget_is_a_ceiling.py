"""P9, short: killed and resumed under a cap, a run is never billed more, and raising it goes on.

The long form, with 64 dialogues in flight: `python -m benchmarks.faults.budget`.
"""

from benchmarks.faults.budget import measure


def test_the_endpoints_bill_stays_below_the_cap_across_kill_9() -> None:
    figures = measure(kills=1, in_flight=16)
    assert figures.billed_usd <= figures.charged_usd <= figures.cap_usd == 1.0, figures
    assert figures.billed_usd > figures.cap_usd / 4, "hardly anything was spent: nothing was shown"
    assert figures.lost_replies > 0
    assert figures.exit_code == 3
    assert (figures.raised_exit_code, figures.finished) == (0, True)
    assert figures.cap_usd < figures.raised_billed_usd <= figures.raised_cap_usd
    assert figures.holds
