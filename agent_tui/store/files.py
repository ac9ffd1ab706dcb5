"""The file store beside the database: raw messages and attachments, named by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from agent_tui.store.errors import store_errors

T = TypeVar("T")

_ASIDE = "new"
"""Folder of what is being written."""
_SYNCS = 16
_OPEN_AT_ONCE = 64
"""Files kept open for their sync."""
_NAME = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """Files that are whole or absent: written aside, synced, renamed, and the folder synced."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._syncing: ThreadPoolExecutor | None = None

    def path(self, sha256: str) -> Path:
        """Where a file lies. Names are checked: they come out of the database, but end in a path."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._root / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes | None:
        """The bytes, or None where there is no such file."""
        try:
            path = self.path(sha256)
        except ValueError:
            return None
        with store_errors():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def has(self, sha256: str) -> bool:
        """Whether there is such a file."""
        try:
            path = self.path(sha256)
        except ValueError:
            return False
        with store_errors():
            return path.is_file()

    def clear(self, older_than: float = 600.0) -> None:
        """Remove what a killed process left half written."""
        limit = time.time() - older_than
        with store_errors():
            for path in (self._root / _ASIDE).glob("*"):
                try:
                    if path.stat().st_mtime < limit:
                        path.unlink()
                except FileNotFoundError:
                    pass  # its writer was quicker

    def put(self, content: bytes) -> str:
        """Write one file; returns its name."""
        return self.put_all([content])[0]

    def put_all(self, contents: Iterable[bytes]) -> Sequence[str]:
        """Write many with few syncs: all are written, then synced, then named, then their folders are synced."""
        names: list[str] = []
        fresh: dict[str, tuple[int, Path]] = {}
        try:
            with store_errors(self._root.parent):  # asks the disk before what was written aside makes room again
                for content in contents:
                    name = hashlib.sha256(content).hexdigest()
                    names.append(name)
                    if name not in fresh and not self.path(name).exists():
                        fresh[name] = self._write_aside(name, content)
                    if len(fresh) >= _OPEN_AT_ONCE:
                        self._keep(fresh)
                        _let_go(fresh)
                self._keep(fresh)
        finally:
            with store_errors():
                _let_go(fresh)
        return names

    def _write_aside(self, name: str, content: bytes) -> tuple[int, Path]:
        self._root.mkdir(mode=0o700, exist_ok=True)  # `parents` would not give it this mode
        for folder in (self.path(name).parent, self._root / _ASIDE):
            folder.mkdir(mode=0o700, exist_ok=True)
        aside = self._root / _ASIDE / secrets.token_hex(16)
        handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
        except BaseException:
            os.close(handle)
            aside.unlink(missing_ok=True)
            raise
        return handle, aside

    def _keep(self, fresh: dict[str, tuple[int, Path]]) -> None:
        self._side_by_side(_sync_data, [handle for handle, _ in fresh.values()])
        folders = set()
        for name, (_, aside) in fresh.items():
            target = self.path(name)
            aside.replace(target)
            folders.add(target.parent)
        if folders:
            folders.add(self._root)
        self._side_by_side(_sync_folder, list(folders))

    def _side_by_side(self, work: Callable[[T], None], things: Sequence[T]) -> None:
        """A file system writes its journal once for all who wait for it: fifty syncs together cost little more than one."""
        if len(things) < 3:
            for thing in things:
                work(thing)
            return
        if self._syncing is None:
            self._syncing = ThreadPoolExecutor(_SYNCS, "sync")
        # a share for each thread: to hand over every file by itself takes longer than to sync it
        shares = [things[place::_SYNCS] for place in range(min(_SYNCS, len(things)))]
        for _ in self._syncing.map(partial(_each, work), shares):
            pass


def _each(work: Callable[[T], None], things: Sequence[T]) -> None:
    for thing in things:
        work(thing)


def _let_go(files: dict[str, tuple[int, Path]]) -> None:
    """Close, and remove what was not named."""
    for handle, aside in files.values():
        os.close(handle)
        aside.unlink(missing_ok=True)
    files.clear()


def _sync_data(handle: int) -> None:
    getattr(os, "fdatasync", os.fsync)(handle)  # the size is written with it, the times need not be


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
