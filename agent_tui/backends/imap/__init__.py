"""Mail: IMAP for what comes in, SMTP for what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent_tui.backends.imap.backend import ImapBackend as ImapBackend
    from agent_tui.backends.imap.options import ImapOptions as ImapOptions

__all__ = ["ImapBackend", "ImapOptions"]


def __getattr__(name: str) -> Any:
    """The parts are loaded when they are asked for: a submodule alone stays light."""
    if name == "ImapBackend":
        from agent_tui.backends.imap.backend import ImapBackend

        return ImapBackend
    if name == "ImapOptions":
        from agent_tui.backends.imap.options import ImapOptions

        return ImapOptions
    raise AttributeError(name)
