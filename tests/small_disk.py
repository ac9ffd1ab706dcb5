"""A disk of a few megabytes, to be filled up: a real one, since only the kernel says how a full one fails."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

KINDS = ("bytes", "files")
"""What a disk can run out of."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """6 MB with room for 60 files, mounted there as long as this lasts; skips where one may not mount.

    Also where AGENT_TUI_REQUIRE_SERVERS=1 is set: what may be mounted is a right, not something to install."""
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m,nr_inodes=60", "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        why = str(getattr(error, "stderr", "") or error).strip()
        pytest.skip(f"mounting is not allowed here, so no small disk can be filled (`mount -t tmpfs`): {why}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, kind: str) -> None:
    """Leave not a byte, or not a file."""
    try:
        if kind == "bytes":
            with (disk / "filling").open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        for number in range(1000):
            (disk / f"filling-{number}").touch()
    except OSError:
        pass


def make_room(disk: Path) -> None:
    """Take away what filled it."""
    for path in disk.glob("filling*"):
        path.unlink()
