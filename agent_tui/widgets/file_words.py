"""What is told of a file: its name, and what it says it is."""

from __future__ import annotations

from agent_tui.widgets.cells import in_cell
from agent_tui.words import _


def name_of(name: str) -> str:
    """The name that its sender gave it, or that it has none."""
    return in_cell(name).strip() or _("unnamed file")


def type_of(name: str, declared: str) -> str:
    """The type that its sender declares; where the ending of its name is none of that type, the ending before it."""
    from mimetypes import MimeTypes

    last = name.replace("\\", "/").rpartition("/")[2]
    ending = "." + last.rpartition(".")[2].strip().lower() if "." in last else ""
    usual = MimeTypes().guess_all_extensions(declared.lower(), strict=False)  # those of Python alone, on any machine
    if not ending or not usual or ending in usual or declared.lower() == "application/octet-stream":
        return in_cell(declared)
    return _("{ending}, not {type}").format(ending=in_cell(ending[:17]), type=in_cell(declared))
