"""History is fetched ahead while what came is read and written; what fails meanwhile loses nothing that came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from agent_tui.backends.api import Change, ChangeBatch, MailArrived, Unreachable
from agent_tui.domain.times import Micros
from agent_tui.sync.courtesy import Pace
from agent_tui.sync.incoming import Prepared, Result
from agent_tui.sync.pull import Intake
from agent_tui.sync.services import Timing

CHANGE = MailArrived(b"From: a@b.example\r\n\r\nx", Micros(0), None)


class Steps(Intake):
    """An intake whose reading waits to be let go, and whose writing is noted."""

    def __init__(self) -> None:
        self._timing = Timing()
        self._pace = Pace(lambda: self.key_ago)
        self.key_ago = float("inf")
        self.reading = asyncio.Event()
        self.may_read = asyncio.Event()
        self.written: list[str] = []

    async def _prepare(self, piece: Sequence[Change]) -> list[Prepared]:
        self.reading.set()
        await self.may_read.wait()
        return []

    async def _write(
        self,
        batch: ChangeBatch,
        prepared: Sequence[Prepared],
        stream: str,
        gathered: list[Result],
        noted: Callable[[ChangeBatch, Sequence[Result]], object] | None,
    ) -> None:
        for _turn in range(20):  # a disk takes its time
            await asyncio.sleep(0)
        self.written.append(str(batch.cursor))


class Stream:
    """Three batches; `asked` is how many were asked for, and one may fail."""

    def __init__(self, fails_at: int = -1) -> None:
        self.asked = 0
        self.closed = False
        self.fails_at = fails_at

    async def batches(self, written: Sequence[str] | None = None) -> AsyncIterator[ChangeBatch]:
        try:
            for number in range(3):
                self.asked = number + 1
                if written is not None:
                    assert len(written) == number, "asked on before what came was durable"
                if number == self.fails_at:
                    raise Unreachable("gone")
                yield ChangeBatch((CHANGE,), cursor=str(number), done=number == 2)
        finally:
            self.closed = True


def nothing(*_: Any) -> None:
    return


async def test_the_next_batch_is_fetched_while_this_one_is_read() -> None:
    intake, stream = Steps(), Stream()
    taking = asyncio.ensure_future(intake.take(stream.batches(), "history", nothing, nothing))
    await asyncio.wait_for(intake.reading.wait(), 5)
    await asyncio.sleep(0.01)
    assert stream.asked == 2
    assert intake.written == []
    intake.may_read.set()
    await asyncio.wait_for(taking, 5)
    assert intake.written == ["0", "1", "2"]
    assert stream.closed


async def test_a_stream_without_turns_is_asked_only_when_all_is_taken() -> None:
    """Where asking acknowledges what came before, what came must be durable first."""
    intake, stream = Steps(), Stream()
    taking = asyncio.ensure_future(intake.take(stream.batches(intake.written), "pull", nothing))
    await asyncio.wait_for(intake.reading.wait(), 5)
    await asyncio.sleep(0.01)
    assert stream.asked == 1
    intake.may_read.set()
    await asyncio.wait_for(taking, 5)
    assert intake.written == ["0", "1", "2"]


@pytest.mark.parametrize("fails_at", [1, 2])
async def test_what_came_is_written_though_the_next_fails(fails_at: int) -> None:
    intake, stream = Steps(), Stream(fails_at)
    intake.may_read.set()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(intake.take(stream.batches(), "history", nothing, nothing), 5)
    assert intake.written == [str(number) for number in range(fails_at)]
    assert stream.closed


async def test_who_is_stopped_leaves_no_fetch_behind() -> None:
    intake, stream = Steps(), Stream()
    taking = asyncio.ensure_future(intake.take(stream.batches(), "history", nothing, nothing))
    await asyncio.wait_for(intake.reading.wait(), 5)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert stream.closed
    assert len(asyncio.all_tasks()) == 1


async def test_history_waits_while_somebody_types_and_goes_on_behind() -> None:
    intake, stream = Steps(), Stream()
    intake.may_read.set()
    intake.key_ago = 0.0
    taking = asyncio.ensure_future(intake.take(stream.batches(), "history", nothing, nothing))
    await asyncio.sleep(0.05)
    assert not intake.reading.is_set()
    intake.key_ago = 1.0
    await asyncio.wait_for(taking, 5)
    assert intake.written == ["0", "1", "2"]


async def test_what_is_new_waits_for_nobody() -> None:
    intake, stream = Steps(), Stream()
    intake.may_read.set()
    intake.key_ago = 0.0
    await asyncio.wait_for(intake.take(stream.batches(), "pull", nothing), 1)
    assert intake.written == ["0", "1", "2"]
