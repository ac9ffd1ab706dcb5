"""A pytest kit that proves a backend: subclass `BackendContract`, give it a `Site`, and run it.

    class TestMyBackend(BackendContract):
        @pytest.fixture
        async def site(self) -> AsyncIterator[Site]:
            async with MyServer() as server:
                yield MySite(server)

A `Site` is the service seen from its other end: it lets customers write and looks at what reached them. Point it at
a real server where one exists. Tests of what a site cannot arrange are skipped with the reason; a backend's proof
is worth what ran. Needs pytest and pytest-asyncio in auto mode; the product itself never imports this module.
"""

from __future__ import annotations

import asyncio
import typing
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent_tui.backends import api, registry
from agent_tui.backends.api import (
    AuthenticationFailed,
    Backend,
    BackendError,
    CannotTell,
    ChangeBatch,
    Found,
    Hint,
    MailArrived,
    NotFound,
    Outgoing,
    RateLimited,
    Rejected,
    RemoteFile,
    Sent,
    StatusChanged,
    TextArrived,
    Unknown,
)
from agent_tui.backends.testing_site import Mark, Site, all_changes, doors_for_notes, drain, messages, needs
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Status

__all__ = [
    "HOSTILE",
    "PROTOCOLS",
    "BackendContract",
    "Mark",
    "Site",
    "all_changes",
    "doors_for_notes",
    "drain",
    "messages",
    "needs",
]

PROTOCOLS: dict[Capability, type] = {
    Capability.PULL: api.ConversationSource,
    Capability.HISTORY: api.HistorySource,
    Capability.WATCH: api.ChangeWatch,
    Capability.FETCH_BODY: api.BodySource,
    Capability.SEND: api.MessageSender,
    Capability.FLAGS: api.MarksWriter,
    Capability.MOVE: api.MarksWriter,
    Capability.STATUS: api.ConversationWriter,
    Capability.ASSIGN: api.ConversationWriter,
    Capability.TAG: api.ConversationWriter,
    Capability.NOTE: api.NoteWriter,
    Capability.DIRECTORY: api.ContactDirectory,
}
"""The protocol that a backend must implement for each capability it declares."""

HOSTILE: Sequence[str] = (
    "\x1b]52;c;aGVsbG8=\x07\x1b[2J\x1b]0;title\x07",
    "[@click=app.quit]press[/] [/] [bold",
    "\u202emirrored\u2066 \u200b\u200d\ufeff",
    "A001 LOGOUT\r\n.\r\nQUIT\r\nRCPT TO:<x@y.test>",
    "Привіт 👩\u200d👩\u200d👧 \U0001f1fa\U0001f1e6 e" + "\u0301" * 200,
    "%(x)s {0.__class__} ${x} {{7*7}} '; DROP TABLE messages; --",
    "x" * 200_000,
)
"""What customers may write. It must come through, and what comes behind it, too."""


def _texts(batches: Sequence[ChangeBatch]) -> list[TextArrived]:
    return [change for change in all_changes(batches) if isinstance(change, TextArrived)]


class BackendContract:
    """What every backend must hold."""

    many: int = 25
    """Messages that arrive before a stream is cut in every place."""

    @pytest.fixture
    async def site(self) -> Any:
        """The service; subclasses give it."""
        raise NotImplementedError

    @pytest.fixture
    async def opened(self, site: Site) -> Any:
        """An open backend."""
        backend = site.backend()
        await backend.open()
        yield backend
        await backend.close()
        await backend.close()

    # what it says of itself

    async def test_it_declares_itself(self, site: Site) -> None:
        kind = type(site.backend())
        assert registry.check(kind.name, kind) is kind
        about = registry.info(kind)
        assert about.title
        assert about.proof in registry.PROOFS
        for capability in kind.capabilities:
            if protocol := PROTOCOLS.get(capability):
                assert issubclass(kind, protocol), f"{capability.value} without {protocol.__name__}"

    async def test_what_is_available_is_what_it_declared(self, opened: Backend) -> None:
        assert opened.available <= opened.capabilities

    async def test_no_note_can_leave(self, site: Site) -> None:
        backend = site.backend()
        assert set(doors_for_notes(type(backend))) <= {"write_note"}
        if isinstance(backend, api.MessageSender):
            hints = typing.get_type_hints(type(backend).send)
            assert hints["item"] is Outgoing

    # what comes in

    async def test_what_arrives_is_pulled(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        first = await drain(opened, "pull", None)
        await site.arrive("the first words")
        second = await drain(opened, "pull", first[-1].cursor)
        arrived = [text for text in messages(all_changes(second)).values() if "the first words" in text]
        assert len(arrived) == 1

    async def test_a_pull_goes_on_from_any_batch(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        for number in range(self.many):
            await site.arrive(f"words number {number};")
        whole = await drain(opened, "pull", None)
        everything = messages(all_changes(whole))
        assert all(any(f"words number {n};" in text for text in everything.values()) for n in range(self.many))
        exact = type(opened).overlap.startswith("none")
        for at in range(len(whole) - 1):
            again = site.backend()
            await again.open()
            try:
                before = messages(all_changes(whole[: at + 1]))
                after = messages(all_changes(await drain(again, "pull", whole[at].cursor)))
            finally:
                await again.close()
            assert set(before) | set(after) == set(everything), f"killed behind batch {at}, messages were lost"
            if exact:
                assert not set(before) & set(after), f"killed behind batch {at}, messages came twice"

    async def test_a_quiet_account_brings_nothing(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        await site.arrive("once")
        whole = await drain(opened, "pull", None)
        again = await drain(opened, "pull", whole[-1].cursor)
        assert set(messages(all_changes(again))) <= set(messages(all_changes(whole)))
        if type(opened).overlap.startswith("none"):
            assert not messages(all_changes(again))

    async def test_batches_are_small(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        for number in range(self.many):
            await site.arrive(f"small {number}")
        for batch in await drain(opened, "pull", None):
            assert len(messages(batch.changes)) <= 200
            assert sum(len(c.raw) for c in batch.changes if isinstance(c, MailArrived)) <= 64 << 20

    async def test_history_goes_on_from_any_batch(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL, Capability.HISTORY)
        new = messages(all_changes(await drain(opened, "pull", None)))
        whole = await drain(opened, "history", None)
        old = messages(all_changes(whole))
        if type(opened).overlap.startswith("none"):
            assert not set(new) & set(old), "history brings again what the pull brought"
        for at in range(len(whole) - 1):
            rest = messages(all_changes(await drain(opened, "history", whole[at].cursor)))
            before = messages(all_changes(whole[: at + 1]))
            assert set(before) | set(rest) == set(old), f"killed behind batch {at} of history, messages were lost"

    async def test_hostile_text_comes_through(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        cursor = (await drain(opened, "pull", None))[-1].cursor
        for number, text in enumerate(HOSTILE):
            await site.arrive(f"hostile {number}: {text} :end {number}")
            await site.arrive(f"behind it {number};")
        found = list(messages(all_changes(await drain(opened, "pull", cursor))).values())
        for number in range(len(HOSTILE)):
            assert any(f"hostile {number}:" in text for text in found)
            assert any(f"behind it {number};" in text for text in found)

    async def test_an_edit_comes_under_the_name_of_what_was_edited(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        await site.arrive("words as they were first")
        before = await drain(opened, "pull", None)
        if not await site.edit("words as they were first", "words as they are now"):
            pytest.skip("the service knows no edits")
        (first,) = [c for c in _texts(before) if c.text == "words as they were first"]
        after = await drain(opened, "pull", before[-1].cursor)
        (edited,) = [c for c in _texts(after) if c.text == "words as they are now"]
        assert edited.edited
        assert (edited.native_id, edited.author_id, edited.outgoing) == (first.native_id, first.author_id, False)
        assert not _texts(await drain(opened, "pull", after[-1].cursor)), "the edit comes again and again"

    async def test_what_became_of_a_conversation_is_told(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        await site.arrive("to be handed on")
        before = await drain(opened, "pull", None)
        conversations = {c.conversation for c in _texts(before) if "to be handed on" in c.text}
        wanted = StatusChanged("", Status.SOLVED, assignee="dana", tags=["refund", "vip"])
        if not await site.file_away(wanted):
            pytest.skip("conversations there have no status, assignee or tags")
        after = all_changes(await drain(opened, "pull", before[-1].cursor))
        told = [c for c in after if isinstance(c, StatusChanged) and c.conversation in conversations]
        assert told, "not told, or told of another conversation"
        last = told[-1]
        assert (last.status, last.assignee) == (wanted.status, wanted.assignee)
        assert set(last.tags or ()) == {"refund", "vip"}

    async def test_news_are_told(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL, Capability.WATCH)
        assert isinstance(opened, api.ChangeWatch)
        cursor = (await drain(opened, "pull", None))[-1].cursor
        hints = opened.watch()
        told: list[str] = []

        async def listen() -> None:
            nonlocal cursor
            async for hint in hints:
                if isinstance(hint, Hint):
                    batches = await drain(opened, "pull", cursor)
                    cursor = batches[-1].cursor
                    told.extend(messages(all_changes(batches)).values())
                    if any("news, please" in text for text in told):
                        return

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0)
        await site.arrive("news, please")
        await asyncio.wait_for(listening, site.patience)

    # what goes out

    async def test_a_message_is_sent_once(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.SEND)
        assert isinstance(opened, api.MessageSender)
        item = site.outgoing("our answer", "token-sent-1@example.test")
        assert not isinstance(await opened.find_sent(item), Found)
        mark = Mark(site, "our answer")
        result = await opened.send(item, mark)
        assert isinstance(result, Sent)
        assert mark.times == 1
        await self._until_delivered(site, "our answer", 1)
        await site.settle(opened, item)
        proof = await opened.find_sent(item)
        assert isinstance(proof, Found if site.record_decides else Found | CannotTell)

    async def test_files_go_with_the_text(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.SEND, Capability.ATTACH)
        assert isinstance(opened, api.MessageSender)
        item = site.outgoing("with a picture", "token-file-1@example.test")
        if item.raw:
            pytest.skip("files lie within the mail")
        content = b"\x89PNG\0" + bytes(range(256))
        item = replace(item, files=[RemoteFile("picture.png", "image/png", len(content), content)])
        assert isinstance(await opened.send(item, Mark(site, "with a picture")), Sent)
        await self._until_delivered(site, "with a picture", 1)
        assert list(await site.delivered_files("with a picture")) == [content]

    async def test_nothing_leaves_where_the_mark_fails(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.SEND)
        assert isinstance(opened, api.MessageSender)

        class StoreIsFull(Exception):
            pass

        async def leaving(*, named: bool = False) -> None:
            raise StoreIsFull

        item = site.outgoing("never to be seen", "token-mark-1@example.test")
        with pytest.raises(StoreIsFull):
            await opened.send(item, leaving)
        follower = site.outgoing("the one behind it", "token-mark-2@example.test")
        assert isinstance(await opened.send(follower, Mark(site, "the one behind it")), Sent)
        await self._until_delivered(site, "the one behind it", 1)
        assert await site.delivered("never to be seen") == 0

    async def test_a_lost_answer_is_unknown(self, site: Site) -> None:
        backend = site.losing()
        if backend is None:
            pytest.skip("the site cannot lose an answer")
        assert isinstance(backend, api.MessageSender)
        item = site.outgoing("was it sent?", "token-lost-1@example.test")
        mark = Mark(site, "was it sent?")
        try:
            result = await backend.send(item, mark)
            assert isinstance(result, Unknown)
            assert mark.times == 1
            if await site.delivered("was it sent?"):
                await backend.open()
                assert not isinstance(await backend.find_sent(item), NotFound)
        finally:
            await backend.close()

    async def _until_delivered(self, site: Site, text: str, number: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + site.patience
        while await site.delivered(text) < number:
            assert loop.time() < end, f"it did not arrive within {site.patience} seconds"
            await asyncio.sleep(0.05)
        assert await site.delivered(text) == number

    # what goes wrong

    async def test_a_wrong_secret_is_told_as_such(self, site: Site) -> None:
        backend = site.stranger()
        if backend is None:
            pytest.skip("the site knows no wrong secret")
        try:
            with pytest.raises(AuthenticationFailed) as caught:
                await self._use(backend)
        finally:
            await backend.close()
        assert caught.value.needs_person
        if site.secret:
            assert site.secret not in f"{caught.value!r} {caught.value} {caught.value.parameters}"

    async def test_too_much_asked_says_when_to_come_back(self, site: Site) -> None:
        backend = site.limited()
        if backend is None:
            pytest.skip("the site sets no limits")
        try:
            with pytest.raises(RateLimited) as caught:
                await self._use(backend, site.outgoing("much", "token-much@example.test"))
            assert caught.value.retry_after > 0
        finally:
            await backend.close()

    async def _use(self, backend: Backend, item: Outgoing | None = None) -> None:
        async def leaving(*, named: bool = False) -> None:
            pass

        await backend.open()
        await drain(backend, "pull", None)
        if item is not None and isinstance(backend, api.MessageSender):
            result = await backend.send(item, leaving)
            if isinstance(result, Rejected) and result.passing:
                raise RateLimited(retry_after=result.retry_after or 1.0)

    async def test_closing_ends_whatever_runs(self, site: Site) -> None:
        backend = site.backend()
        await backend.open()
        tasks = [asyncio.create_task(drain(backend, "pull", None))]
        await asyncio.sleep(0)
        await backend.close()
        await backend.close()
        for result in await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), site.patience):
            assert isinstance(result, list | BackendError), repr(result)

    async def test_cancelling_leaves_it_usable(self, site: Site, opened: Backend) -> None:
        needs(opened, Capability.PULL)
        await site.arrive("after the break")
        for turns in (1, 2, 5, 20):
            task = asyncio.create_task(drain(opened, "pull", None))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            (result,) = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(result, list | asyncio.CancelledError), repr(result)
        found = messages(all_changes(await drain(opened, "pull", None)))
        assert any("after the break" in text for text in found.values())
