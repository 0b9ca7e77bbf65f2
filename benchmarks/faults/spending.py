"""P9 of the table: `budget`'s figures as a finding."""

from benchmarks.faults.budget import measure
from benchmarks.faults.finding import Finding


def capped(*, kills: int) -> list[Finding]:
    """Kill a run under a cap `kills` times, let it reach the cap, raise the cap and finish."""
    figures = measure(kills=kills)
    over = (figures.billed_usd > figures.cap_usd) + (
        figures.raised_billed_usd > figures.raised_cap_usd
    )
    return [
        Finding(
            promise="a budget is a ceiling, and raising it goes on",
            fault=f"{figures.in_flight} dialogues at once, kill -9, replies billed and then lost",
            n=figures.requests,
            unit="requests",
            broken=over,
            figures=f"billed ${figures.billed_usd:.3f} of ${figures.cap_usd:g} with {kills} kills "
            f"and {figures.lost_replies} lost replies; the store held ${figures.charged_usd:.3f}",
            met=figures.holds,
        )
    ]
