"""A piece of work that failed in a way nobody foresaw is told, not swallowed, and never ends the desk."""

from __future__ import annotations

import logging

from textual.message_pump import MessagePump
from textual.worker import Worker, WorkerState

from agent_tui.sentences import general

log = logging.getLogger(__name__)


class TellsTrouble(MessagePump):
    """For whatever starts workers."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell of an error; the details go to the log."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            log.error("worker %s failed", event.worker.group, exc_info=error)
            self.app.notify(general(type(error).__name__, {}), severity="error", markup=False)
