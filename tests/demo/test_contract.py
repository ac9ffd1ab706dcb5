"""Both doors of the demo keep the contract that every backend keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from agent_tui.backends.api import Backend, Leaving, Outgoing, Rejected, Sent, StatusChanged, Unknown
from agent_tui.backends.demo import letters
from agent_tui.backends.demo.backend import DemoBackend
from agent_tui.backends.demo.later import State
from agent_tui.backends.demo.records import Message, Thread
from agent_tui.backends.testing import BackendContract, Site
from tests.demo.service import ALL, Service, backend

CUSTOMER = "anna.test@example.com"


class _OpensItself(DemoBackend):
    """Opens before it sends, for a site that hands it over closed."""

    async def send(self, item: Outgoing, leaving: Leaving) -> Sent | Rejected | Unknown:
        await self.open()
        return await super().send(item, leaving)


class DemoSite(Site):
    """The service from its customers' end."""

    record_decides = True

    def __init__(self, path: Path, channel: str) -> None:
        self.service = Service(path)
        self.channel = channel
        self.number = 0
        self.service.server.records.keep(Thread("test", channel, "", CUSTOMER, 0, "Test", _FACTS))

    def backend(self) -> Backend:
        return backend(self.service.path, self.channel, self.service.clock)

    async def arrive(self, text: str) -> None:
        self.number += 1
        native_id = f"test-{self.number}@example.com"
        raw = f"From: {CUSTOMER}\r\nTo: support@aurora.example\r\nMessage-ID: <{native_id}>\r\n\r\n{text}\r\n"
        self.service.server.records.add(
            Message(
                channel=self.channel,
                native_id=native_id,
                thread="test",
                outgoing=False,
                arrived_at=self.service.clock.now,
                raw=raw.encode() if self.channel == "email" else b"",
                author="anna.test",
                name="Anna",
                text="" if self.channel == "email" else text,
            )
        )

    def outgoing(self, text: str, token: str) -> Outgoing:
        if self.channel == "chat":
            return Outgoing(token, b"", text, "", (), "test", "anna.test")
        raw = (
            f"From: support@aurora.example\r\nTo: {CUSTOMER}\r\nMessage-ID: <{token}>\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        )
        return Outgoing(token, raw.encode(), text, "support@aurora.example", [CUSTOMER], None, CUSTOMER)

    async def delivered(self, text: str) -> int:
        ours = [m for m in self.service.server.before(self.channel, ALL, 50) if m.outgoing and m.token]
        return sum(text in (letters.plain_text(m.raw) if m.raw else m.text) for m in ours)

    async def edit(self, text: str, new: str) -> bool:
        if self.channel != "chat":
            return False
        (found,) = [m for m in self.service.said("test") if m.text == text]
        self.service.server.edit(found.native_id, new)
        return True

    async def file_away(self, change: StatusChanged) -> bool:
        if self.channel != "chat":
            return False
        state = State("test", change.status or "", change.assignee or "", change.tags or ())
        self.service.server.file_away("chat", state)
        return True

    async def delivered_files(self, text: str) -> Sequence[bytes]:
        ours = [m for m in self.service.said("test") if m.outgoing and m.text == text]
        return [content for message in ours for _, _, content in message.files]

    def stranger(self) -> Backend | None:
        self.service.server.inject("refuse_login")
        return self.backend()

    def losing(self) -> Backend | None:
        self.service.server.inject("lose_answer")
        return _OpensItself(self.backend().context, self.service.clock)

    def limited(self) -> Backend | None:
        self.service.server.inject("rate_limit")
        return self.backend()


_FACTS: Mapping[str, str] = {"name": "Anna", "city": "Leeds", "full_name": "Anna Test", "order": "AU-20417"}


@pytest.mark.parametrize("channel", ["email", "chat"])
class TestDemo(BackendContract):
    @pytest.fixture
    async def site(self, tmp_path: Path, channel: str) -> AsyncIterator[Site]:
        site = DemoSite(tmp_path / "service.db", channel)
        yield site
        site.service.server.close()
