"""Opens the desk of a workspace: its store, its settings, the zone of its agent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent_tui.config import Settings
from agent_tui.desk.quoting import ENGLISH, Layout, Phrases
from agent_tui.desk.workspace import Desk, DeskSettings
from agent_tui.locations import Locations


def _nobody() -> None:
    """No worker is there to be woken."""


def open_desk(
    locations: Locations,
    settings: Settings,
    *,
    wake: Callable[[], object] = _nobody,
    phrases: Phrases = ENGLISH,
) -> Desk:
    """The desk on the store of a workspace, which is made where it is missing. Raises `StoreError`."""
    from agent_tui.store.open import open_reads, open_workspace, open_writes

    open_workspace(locations.data)
    return Desk(
        desk_settings(locations, settings, phrases),
        open_reads(locations.data),
        lambda: open_writes(locations.data),
        wake,
    )


def desk_settings(locations: Locations, settings: Settings, phrases: Phrases = ENGLISH) -> DeskSettings:
    """What the desk needs of settings and folders."""
    downloads = Path(settings.downloads).expanduser() if settings.downloads else locations.downloads
    return DeskSettings(
        agent=settings.me,
        runtime=locations.runtime / "drafts",
        downloads=downloads,
        editing=locations.editing,
        colleagues=settings.colleagues,
        zone=settings.hours.zone if _is_zone(settings.hours.zone) else machine_zone(),
        hold_seconds=float(settings.sending.hold_seconds),
        check=settings.sending.check,
        editor=settings.editor,
        layout=Layout(settings.sending.quote, settings.sending.signature),
        phrases=phrases,
    )


def machine_zone() -> str:
    """The zone of this machine by its IANA name; UTC where it does not tell."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if _is_zone(named):
        return named
    try:
        target = str(Path("/etc/localtime").resolve())
        candidates = [target.split("zoneinfo/", 1)[1]] if "zoneinfo/" in target else []
        candidates.append(Path("/etc/timezone").read_text("utf-8").strip())
    except OSError:
        candidates = []
    return next((name for name in candidates if _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
