"""What takes longer than a moment: keys go on working, the right end of the hint line tells how far it is, Esc stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from agent_tui.desk.progress import Progress
from agent_tui.words import _, grouped

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

T = TypeVar("T")

MOMENT = 1.0
"""Seconds for which nothing is told."""
TOLD_EVERY = 0.5


class LongWork:
    """What is being done with files at the moment. The last one begun is told, and stopped first."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen
        self._told: list[tuple[Progress, asyncio.Task[Any]]] = []
        """Those that take longer than a moment."""

    @property
    def said(self) -> str:
        """How far it is; empty where nothing takes long."""
        if not self._told:
            return ""
        progress = self._told[-1][0]
        return _("{done} of {all} files").format(done=grouped(progress.done), all=grouped(progress.whole))

    def stop(self) -> bool:
        """The agent does not want to wait; false where nothing is under way that he was told of."""
        if not self._told:
            return False
        progress, task = self._told[-1]
        progress.stop()
        task.cancel()
        return True

    async def run(self, progress: Progress, work: Coroutine[Any, Any, T]) -> T | None:
        """Wait for it; None where the agent stopped it. What it raises is raised."""
        task = asyncio.create_task(work)
        entry = (progress, task)
        try:
            done, _waiting = await asyncio.wait([task], timeout=MOMENT)
            if not done:
                self._told.append(entry)
            while not task.done():
                self._screen.bars.tell_place()
                await asyncio.wait([task], timeout=TOLD_EVERY)
            return None if task.cancelled() else task.result()
        finally:  # also where the desk is left meanwhile
            progress.stop()
            task.cancel()
            if entry in self._told:
                self._told.remove(entry)
                self._screen.bars.tell_place()
