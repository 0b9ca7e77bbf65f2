"""What `doctor` says about a recipe's models after asking each for one token."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from colloquia.cli.commands.doctor.machine import Finding
from colloquia.cli.view.errors import BAD_INPUT, ENVIRONMENT, as_options
from colloquia.core.model_options import ModelOptions
from colloquia.models.catalogue import Catalogue
from colloquia.models.faults.causes import WEB_PAGE
from colloquia.models.faults.errors import Fault
from colloquia.models.ledger.prices import MILLION
from colloquia.models.ping import Ping, ping
from colloquia.models.retry.reliable import WRONG_SETUP, fix_of


def examine_models(models: Sequence[ModelOptions], *, folder: Path) -> list[Finding]:
    """Ask all models, side by side; one finding each, in their order.

    Args:
        models: `offline` isn't one to ask.
        folder: where the paths of local models start.
    """
    return [_judge_ping(pinged) for pinged in asyncio.run(_ping_all(models, folder))]


async def _ping_all(models: Sequence[ModelOptions], folder: Path) -> list[Ping]:
    catalogue = Catalogue(folder=folder)
    try:
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(ping(options, catalogue)) for options in models]
    finally:
        await catalogue.close()
    return [task.result() for task in asking]


def _judge_ping(pinged: Ping) -> Finding:
    what = f"model {pinged.model}"
    if pinged.unusable is not None:
        # The name is said already.
        says = as_options(pinged.unusable.removeprefix(f"model {pinged.model!r}: "))
        exit_code = ENVIRONMENT if pinged.beyond_setup else BAD_INPUT
        return Finding(what=what, state="fail", detail=says, exit_code=exit_code)
    detail = ", ".join(_describe_ping(pinged))
    fault = pinged.fault
    if fault is None:
        return Finding(what=what, state="ok" if pinged.price else "warn", detail=detail)
    if fault.cause == "rate_limit" or fault.status == 400:
        return Finding(what=what, state="warn", detail=detail)
    mistaken = fault.status in WRONG_SETUP or fault.exhausted
    return Finding(
        what=what, state="fail", detail=detail, exit_code=BAD_INPUT if mistaken else ENVIRONMENT
    )


def _describe_ping(pinged: Ping) -> Iterator[str]:
    if pinged.address:
        yield pinged.address
    if pinged.key_env:
        yield f"key in {pinged.key_env}"
    elif not pinged.has_key:
        yield "no key"
    if pinged.fault is not None:
        yield _describe_fault(pinged.fault)
        return
    yield f"answered in {pinged.seconds * 1000:,.0f} ms"
    yield "takes a reply schema" if pinged.takes_schema else "no reply schema: the prompt must do"
    if pinged.price is None:
        yield "price unknown: give it as price: {input: …, output: …}"
    else:
        per_million = (pinged.price.input * MILLION, pinged.price.output * MILLION)
        yield "${:g} in and ${:g} out per million tokens".format(*per_million)


def _describe_fault(fault: Fault) -> str:
    """Return what went wrong and what to do about it."""
    if fault.unreachable:
        fix = "start the server, or correct api_base"
    elif fault.status in WRONG_SETUP or fault.exhausted:
        fix = fix_of(fault)
    elif fault.cause == "rate_limit":
        fix = "it is there; a run waits as told"
    elif fault.status == 400:
        fix = "it is there, but won't do a reply of one token; colloquia preview tells more"
    elif fault.detail.startswith(WEB_PAGE):
        fix = "check api_base, which often ends in /v1"
    else:
        fix = "try again later"
    return f"{fault.detail}; {fix}"
