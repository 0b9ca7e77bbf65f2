"""A worker process of a run, `python -m colloquia.runs.worker TOKEN`; `pool.py` starts it.

It ends at once when its standard input ends: then the process that started it is gone. It listens
before it imports anything that takes time.
"""

import asyncio
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colloquia.runs.pool import Job, Report
    from colloquia.simulator.runner import Runner

    Send = Callable[[Report], None]

ORPHANED = 1

OrderLines = SimpleQueue[bytes]


async def work(job: "Job", *, token: str, orders: OrderLines, send: "Send") -> None:
    """Do a share of a run.

    Args:
        job: what to do.
        token: names this worker in the store.
        orders: where orders come from.
        send: reports to who started it.
    """
    from colloquia.core.errors import UserError
    from colloquia.core.recipe import Recipe
    from colloquia.runs.pool import Report
    from colloquia.runs.prepare import prepare
    from colloquia.runs.run_models import RunModels
    from colloquia.simulator.runner import Runner
    from colloquia.store.repository import Store

    recipe = Recipe.from_content(job.recipe, folder=Path(job.folder))
    models = RunModels.of(recipe)
    setup = prepare(recipe, models=models)
    if setup.recipe_hash != job.recipe_hash:
        raise UserError(
            "prompts, personas or models changed while the workers started; run the command again"
        )
    with Store.open(job.store, token=token) as store:
        await models.begin(store, job.run_id)
        runner = Runner(
            setup,
            store=store,
            run_id=job.run_id,
            on_finish=lambda dialogue: send(Report(finished=dialogue)),
            heartbeat=models.catalogue.heartbeat,
            share=job.share,
        )
        loop = asyncio.get_running_loop()
        threading.Thread(target=_follow_orders, args=(orders, runner, loop), daemon=True).start()
        async with aclosing(models):
            await runner.work()


def _follow_orders(orders: OrderLines, runner: "Runner", loop: asyncio.AbstractEventLoop) -> None:
    from colloquia.runs.pool import Order

    while True:
        order = Order.model_validate_json(orders.get())
        if order.stop:
            loop.call_soon_threadsafe(runner.stop)
        loop.call_soon_threadsafe(partial(runner.announce, all_in=order.all_in))


def _read_orders(orders: OrderLines) -> None:
    for line in sys.stdin.buffer:  # JSON is UTF-8, whatever the locale is
        orders.put(line)
    os._exit(ORPHANED)


class _Reporter(logging.Handler):
    """Hands log lines to the process that knows how to show them."""

    def __init__(self, send: "Send") -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        from colloquia.runs.pool import Report

        self._send(Report(logged=(record.name, record.levelno, record.getMessage())))


def main() -> None:
    """Work, and report how it ended."""
    orders: OrderLines = SimpleQueue()
    threading.Thread(target=_read_orders, args=(orders,), daemon=True).start()
    # What a library prints must not end up among the reports.
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from colloquia.core.errors import ColloquiaError
    from colloquia.models.faults.redactor import redact
    from colloquia.runs.pool import Job, Report

    one_at_a_time = threading.Lock()

    def send(report: Report) -> None:
        with one_at_a_time:
            reports.write(report.model_dump_json(exclude_none=True) + "\n")
            reports.flush()

    logging.basicConfig(level=logging.WARNING, handlers=[_Reporter(send)])
    job = Job.model_validate_json(orders.get())
    try:
        asyncio.run(work(job, token=sys.argv[1], orders=orders, send=send))
    except ColloquiaError as error:
        raised = error.__cause__
        trace = None
        if raised is not None and not isinstance(raised, ColloquiaError):
            trace = redact("".join(traceback.format_exception(raised)))
        send(Report(error=(type(error).__name__, str(error)), traceback=trace))


if __name__ == "__main__":
    main()
    os._exit(0)  # the thread that listens still holds standard input
