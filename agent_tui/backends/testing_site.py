"""What the kit of `backends.testing` needs around a backend: the service from its other end, and how streams are read.

From there it is imported. Needs pytest; the product itself never imports this module.
"""

from __future__ import annotations

import inspect
import typing
from abc import ABC, abstractmethod
from collections.abc import Sequence

import pytest

from agent_tui.backends import api
from agent_tui.backends.api import (
    Backend,
    Change,
    ChangeBatch,
    MailArrived,
    MessageUnreadable,
    Outgoing,
    StatusChanged,
    TextArrived,
)
from agent_tui.domain.account import Capability
from agent_tui.domain.message import Note


class Site(ABC):
    """The service from its other end, with one account of ours."""

    secret: str = ""
    """A secret of the account that must show up in no error."""
    record_decides: bool = False
    """The service remembers our tokens: `find_sent` may answer `NotFound`, and must answer `Found`."""
    patience: float = 15.0
    """Seconds until something that was done there must be seen here."""

    @abstractmethod
    def backend(self) -> Backend:
        """A new backend for the account, as after a restart. It is not open yet."""

    @abstractmethod
    async def arrive(self, text: str) -> None:
        """A customer writes this. It is there when this returns."""

    @abstractmethod
    def outgoing(self, text: str, token: str) -> Outgoing:
        """A message to a customer of ours."""

    @abstractmethod
    async def delivered(self, text: str) -> int:
        """How many messages with this text customers have by now."""

    async def edit(self, text: str, new: str) -> bool:
        """The customer who wrote `text` changes it to `new`. False where the service knows no edits."""
        return False

    async def file_away(self, change: StatusChanged) -> bool:
        """A colleague there sets what `change` says on the conversation that customers write in.

        False where conversations there have nothing of the kind.
        """
        return False

    async def delivered_files(self, text: str) -> Sequence[bytes]:
        """Contents of the files that reached customers with this text."""
        return ()

    def stranger(self) -> Backend | None:
        """A backend whose secret is wrong."""
        return None

    def losing(self) -> Backend | None:
        """A backend whose next message is taken over while the answer gets lost."""
        return None

    def limited(self) -> Backend | None:
        """A backend that has asked too much."""
        return None

    async def settle(self, backend: Backend, item: Outgoing) -> None:
        """What the worker does after a message was sent, before proof is looked for."""
        if isinstance(backend, api.SentFiler):
            await backend.file_sent(item)


def messages(changes: Sequence[Change]) -> dict[str, str]:
    """Text by key of the messages among changes."""
    found: dict[str, str] = {}
    for change in changes:
        match change:
            case MailArrived(raw=raw, copy=copy):
                key = f"{copy.folder}/{copy.uidvalidity}/{copy.uid}" if copy else str(hash(raw))
                found[key] = raw.decode("utf-8", "replace")
            case TextArrived(native_id=native, text=text):
                found[native] = text
            case MessageUnreadable(native_id=native):
                found[native] = ""
            case _:
                pass
    return found


async def drain(backend: Backend, stream: str, cursor: str | None) -> list[ChangeBatch]:
    """All batches of a stream, which must end with one that is done."""
    batches: list[ChangeBatch] = [batch async for batch in getattr(backend, stream)(cursor)]
    assert batches, f"{stream} yielded nothing, not even that it is done"
    assert batches[-1].done, f"the last batch of {stream} does not say that it is done"
    assert not any(batch.done for batch in batches[:-1]), f"{stream} went on after it was done"
    return batches


def all_changes(batches: Sequence[ChangeBatch]) -> list[Change]:
    """Changes of several batches."""
    return [change for batch in batches for change in batch.changes]


class Mark:
    """Stands for the mark that the worker commits before a message leaves."""

    def __init__(self, site: Site, text: str) -> None:
        self.site, self.text, self.times = site, text, 0

    async def __call__(self, *, named: bool = False) -> None:
        assert await self.site.delivered(self.text) == 0, "it had left before the mark"
        self.times += 1


def needs(backend: Backend, *capabilities: Capability) -> None:
    """Skip where the backend does not claim to be able to."""
    for capability in capabilities:
        if capability not in backend.available:
            pytest.skip(f"{backend.name} does not claim {capability.value}")


def doors_for_notes(backend: type[Backend]) -> list[str]:
    """Methods that take a note, and could carry one out. Only `write_note` may be among them."""
    doors = []
    for name, method in inspect.getmembers(backend, inspect.isfunction):
        if name.startswith("_"):
            continue
        try:
            hints = typing.get_type_hints(method)
        except Exception:
            hints = dict(method.__annotations__)
        hints.pop("return", None)
        if (
            any(hint is Note or hint == "Note" or "note" in parameter.lower() for parameter, hint in hints.items())
            or "note" in name.lower()
        ):
            doors.append(name)
    return doors
