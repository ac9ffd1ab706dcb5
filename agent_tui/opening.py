"""Opening the desk of a workspace on this terminal: settings, store, the door to the secrets, and the app."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent_tui import logs
from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.desk.opening import open_desk
from agent_tui.desk.plain import StoreError
from agent_tui.last_key import LastKey
from agent_tui.locations import Locations
from agent_tui.secret_door import SecretDoor
from agent_tui.terminal.notify import Title

if TYPE_CHECKING:
    from agent_tui.credentials import Secret

LOG = "desk.log"
log = logging.getLogger(__name__)


class DeskFailed(Exception):
    """The desk ended by a fault of ours, which its log tells."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code, self.parameters = code, parameters


def run_desk(
    places: Locations,
    settings: Settings,
    *,
    wrong: Sequence[str],
    wake: Callable[[], object],
    after_first_paint: Callable[[], object],
    title: Title,
    vault_key: Secret | None,
    vault_opened: Callable[[Secret], object],
    worker_failing: Callable[[], bool],
) -> int:
    """Open the desk of a workspace on this terminal; returns the exit code. `after_first_paint` starts the worker.

    `vault_opened` brings the key of a vault that was opened on the screen to the worker; `worker_failing` tells whether
    it ends as soon as it is started. `wrong` is what of the settings was not understood: told once the screen stands.
    """

    def start_log() -> None:
        with contextlib.suppress(OSError):  # a full disk: the worker is started all the same
            logs.start(places.log / LOG, settings.log_level)

    def begin() -> None:
        start_log()
        after_first_paint()

    desk = open_desk(places, settings, wake=wake)
    last_key = LastKey(places.last_key)
    try:
        door = SecretDoor(places, settings.secrets, vault_key, vault_opened)
        options = AppOptions(
            settings,
            wrong=wrong,
            own_themes=places.config / "themes",
            after_first_paint=begin,
            worker_failing=worker_failing,
            key_pressed=last_key.pressed,
            title=title,
            keep_secret=door.keep,
            forget_secrets=door.forget,
            door=door,
        )
        app = AgentApp(desk, options)
        result = app.run(mouse=settings.mouse)
        if isinstance(app.fault, StoreError):
            raise app.fault
        if app.fault is not None:
            start_log()
            log.error("the desk failed", exc_info=app.fault)
            raise DeskFailed("desk_failed", kind=type(app.fault).__name__, path=str(places.log / LOG))
        return app.return_code or result or 0
    finally:
        last_key.close()
        desk.close()
