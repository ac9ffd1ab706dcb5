"""Files of this machine, as they are chosen to be attached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from agent_tui.content.safe import file_name
from agent_tui.domain.text import SafeText

MOST = 200


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file or folder that fits what was typed."""

    path: Path
    name: SafeText
    folder: bool
    size: int


def completed(typed: str) -> str:
    """What is typed, with as much more as everything that fits has in common; a folder that alone fits is entered."""
    found = matching(typed)
    head, _, tail = typed.rpartition("/")
    names = [f"{one.path.name}/" if one.folder else one.path.name for one in found]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in alike)
    if len(common) < len(tail) or any(str(one.name) != one.path.name for one in found):
        return typed  # names that the field could not show are chosen from the list
    return f"{head}/{common}" if head or typed.startswith("/") else common


def matching(typed: str) -> list[FoundFile]:
    """Entries of the folder that is typed, that begin with what follows its last slash; folders first."""
    text = typed or "~/"
    head, _, tail = text.rpartition("/")
    found = []
    try:
        folder = Path(f"{head}/" if head or text.startswith("/") else ".").expanduser()
        with os.scandir(folder) as entries:
            for entry in entries:
                hidden = entry.name.startswith(".") and not tail.startswith(".")
                if hidden or not entry.name.casefold().startswith(tail.casefold()):
                    continue
                if entry.is_dir():
                    found.append(FoundFile(Path(entry.path), file_name(entry.name), True, 0))
                elif entry.is_file():
                    found.append(FoundFile(Path(entry.path), file_name(entry.name), False, entry.stat().st_size))
    except (OSError, ValueError, RuntimeError):
        return []
    return sorted(found, key=lambda one: (not one.folder, one.name.casefold()))[:MOST]
