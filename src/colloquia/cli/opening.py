"""Opening the store of a command that only reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from colloquia.cli.common import Common

if TYPE_CHECKING:
    from colloquia.store.repository import Store


@contextmanager
def opened(common: Common) -> "Iterator[Store]":
    """Open the store of a command that only reads.

    Raises:
        StoreError: there is none, or it can't be opened.
    """
    from colloquia.store.repository import Store

    with Store.open(common.store) as store:
        yield store
