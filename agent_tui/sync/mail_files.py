"""Mails out of files: Maildir, mbox and `.eml`, one after the other, never a whole folder in memory."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

SIZE_CAP = 64 << 20
"""A larger one is set aside by its headers."""
_FROM_LINE = re.compile(rb"From \S.*\d{4}\s*$|From [^@]*@.* \d|From MAILER-DAEMON|From - ")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_STATUS = re.compile(rb"(?im)^(?:X-)?Status:[ \t]*([A-Z]*)")
_HEAD = 64 << 10
_ANY_HEADER = re.compile(rb"(?m)^[!-9;-~]{1,76}[ \t]*:")
_MAIL_HEADER = re.compile(
    rb"(?mi)^(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path"
    rb"|delivered-to|mime-version|content-(?:type|transfer-encoding)|list-[a-z-]+|resent-[a-z-]+|x-[a-z0-9-]+)[ \t]*:"
)
_LINE_CAP = 1 << 20
"""Longer lines are read in pieces: a file can be one line without an end."""
_MAILDIR = ("cur", "new")
DEEPEST = 200
"""Folders within folders that are looked into: no mail program nests them so."""
_ROLES = {
    "inbox": ("inbox",),
    "sent": ("sent", "sent items", "sent messages", "sent mail", "outbox"),
    "junk": ("junk", "spam", "junk e-mail", "bulk"),
    "trash": ("trash", "deleted items", "deleted messages", "bin"),
    "drafts": ("drafts", "draft"),
    "archive": ("archive", "archives", "all mail"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}


_LOOSE = "other"
"""Role of files that no folder tells anything of: letters that somebody put together, both ways of a talk among them."""


def role_of(folder: str, unnamed: str = "inbox") -> str:
    """What the name of a mail folder says of it: `.Sent`, `Sent.mbox`, `[Gmail].Sent Mail`."""
    leaf = re.split(r"[./\\]", folder.removesuffix(".mbox"))[-1]
    return _ROLE_OF.get(leaf.replace("_", " ").strip().lower(), unnamed)


@dataclass(frozen=True, slots=True)
class FoundMail:
    """A mail in a file."""

    path: str
    """The file; with `:number` for one of an mbox."""
    raw: bytes
    seen: bool
    answered: bool = False
    size: int = 0
    fault: str = ""
    """Why it could not be read: `unreadable_file`, `too_large`, `empty`, `not_a_mail`."""
    detail: str = ""
    modified: float = 0.0
    role: str = "inbox"
    """Role of its folder, as far as the folder's name tells."""


def find_mails(paths: Iterable[Path]) -> Iterator[FoundMail]:
    """Every mail of these files and folders. What cannot be read comes too, with its fault."""
    for path in paths:
        try:
            if path.is_dir():
                yield from _folder(path)
            elif path.exists() or path.is_symlink():
                # what a person names may be a link of his own; one found in a folder may be anybody's
                yield from _file(path.resolve() if path.is_symlink() else path)
            else:
                yield _fault(path, "unreadable_file", "does not exist")
        except OSError as error:
            yield _fault(path, "unreadable_file", error.strerror or type(error).__name__)


def count_mails(paths: Iterable[Path]) -> int:
    """About how many there are, for a progress line. Files count, an mbox by its size."""
    total = 0
    for path in paths:
        files = [path] if path.is_file() else (one.path / name for one in _walk(path) for name in one.names)
        for file in files:
            try:
                total += max(1, file.stat().st_size // 20_000) if _is_mbox(file) else 1
            except OSError:
                total += 1
    return total


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that was looked into."""

    path: Path
    names: Sequence[str] = ()
    """Of what lies in it besides folders, in order."""
    fault: str = ""
    """Why it could not be looked into."""


def _walk(top: Path) -> Iterator[_Folder]:
    """This folder and those within it, each ahead of its own; links are followed nowhere.

    What waits stands in a list: nested folders are anybody's to make, and a function that calls itself, as those of
    the standard library do, stops at a thousand.
    """
    waiting = [(top, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > DEEPEST:
            yield _Folder(here, fault=f"more than {DEEPEST} folders deep")
            continue
        try:
            with os.scandir(here) as entries:
                kinds = {entry.name: _kind(entry) for entry in entries}
        except OSError as error:
            yield _Folder(here, fault=error.strerror or type(error).__name__)
            continue
        yield _Folder(here, sorted(name for name, kind in kinds.items() if kind == "file"))
        within = sorted((name for name, kind in kinds.items() if kind == "folder"), reverse=True)
        if "tmp" in within and _is_maildir(here):
            within.remove("tmp")
        waiting += [(here / name, depth + 1) for name in within]


def _kind(entry: os.DirEntry[str]) -> str:
    """`folder`, `link` for one that leads to a folder, or `file` for all else."""
    try:
        if not entry.is_dir():
            return "file"
        return "link" if entry.is_symlink() else "folder"
    except OSError:
        return "file"  # opening it tells why


class _NoFile(OSError):
    """What stands there is no file to be read: a link, a pipe, a device."""


def _open(path: Path) -> BinaryIO:
    """Open a regular file. A link may lead to what is not mail, and a pipe or a device has no end."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise _NoFile(0, "a link")
    if not stat.S_ISREG(found.st_mode):
        raise _NoFile(0, "not a file")
    # it may be another by now
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise _NoFile(0, "not a file")
    return file


def _folder(folder: Path) -> Iterator[FoundMail]:
    """A Maildir, or a folder of files and Maildirs. Links that lead out of it are not followed."""
    for one in _walk(folder):
        if one.fault:
            yield _fault(one.path, "unreadable_file", one.fault)
        maildir = _is_maildir(one.path.parent) and one.path.name in _MAILDIR
        for name in one.names:
            path = one.path / name
            if maildir:
                yield from _guarded(path, maildir=True)
            elif not _is_maildir(one.path) or name.endswith((".eml", ".mbox")):  # else an index of some server
                yield from _guarded(path)


def _guarded(path: Path, *, maildir: bool = False) -> Iterator[FoundMail]:
    try:
        yield from (_maildir_file(path) if maildir else _file(path))
    except OSError as error:
        yield _fault(path, "unreadable_file", error.strerror or type(error).__name__)


def _is_maildir(folder: Path) -> bool:
    return all(os.path.isdir(folder / name) for name in _MAILDIR)  # false, too, of a path too long


def _maildir_file(path: Path) -> Iterator[FoundMail]:
    _, _, flags = path.name.rpartition(":2,")
    seen = path.parent.name == "cur" and ":2," in path.name and "S" in flags
    folder = path.parent.parent.name
    role = role_of(folder) if folder.startswith(".") else "inbox"
    yield _whole(path, seen=seen, answered=":2," in path.name and "R" in flags, role=role)


def _file(path: Path) -> Iterator[FoundMail]:
    if _is_mbox(path):
        with _open(path) as file:
            yield from _mbox(path, file)
        return
    found = _whole(path, seen=True, role=_LOOSE)
    if not found.fault and found.raw.strip() and not _has_header(found.raw, named=path.suffix.lower() == ".eml"):
        found = replace(found, fault="not_a_mail")
    yield found


def _has_header(raw: bytes, *, named: bool) -> bool:
    """Whether it can be a mail: texts, pages and pictures lie in folders of mails, too.

    In a file that is called a mail anything that looks like a header will do.
    """
    head = re.split(rb"\r?\n\r?\n", raw[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(), maxsplit=1)[0]
    return bool((_ANY_HEADER if named else _MAIL_HEADER).search(head))


def _whole(path: Path, *, seen: bool, answered: bool = False, role: str = "inbox") -> FoundMail:
    with _open(path) as file:
        found = os.fstat(file.fileno())
        raw = file.read(SIZE_CAP + 1)
    if len(raw) > SIZE_CAP:
        return _too_large(str(path), raw, found.st_size, found.st_mtime)
    return FoundMail(str(path), raw, seen, answered, len(raw), modified=found.st_mtime, role=role)


def _is_mbox(path: Path) -> bool:
    with _open(path) as file:
        head = file.read(512)
    first, _, rest = head.partition(b"\n")
    # An .eml may begin with a stray From line too; it has one mail either way.
    return bool(_FROM_LINE.match(first.rstrip(b"\r"))) and bool(re.match(rb"[!-9;-~]+[ \t]*:|>From ", rest))


def _mbox(path: Path, file: BinaryIO) -> Iterator[FoundMail]:
    """The mails of an mbox. A line `From …` separates only behind an empty line and ahead of a header."""
    raw = bytearray()
    number, size, blank, whole = 0, 0, True, True
    modified = os.fstat(file.fileno()).st_mtime
    pending: bytes | None = None
    while line := file.readline(_LINE_CAP):
        begins, whole = whole, line.endswith(b"\n")
        if pending is not None:
            if re.match(rb"[!-9;-~]+[ \t]*:|>From ", line):
                if number:
                    yield _from_mbox(path, number, raw, size, modified)
                number, raw, size = number + 1, bytearray(), 0
            else:
                raw += pending
                size += len(pending)
            pending = None
        if begins and blank and line.startswith(b"From ") and _FROM_LINE.match(line.rstrip(b"\r\n")):
            pending = line
            blank = False
            continue
        blank = begins and line in (b"\n", b"\r\n")
        size += len(line)
        if len(raw) <= SIZE_CAP:
            raw += line
    if pending is not None:
        raw += pending
        size += len(pending)
    if number:
        yield _from_mbox(path, number, raw, size, modified)


def _from_mbox(path: Path, number: int, lines: bytearray, size: int, modified: float) -> FoundMail:
    raw = bytes(lines)
    if raw in (b"\n", b"\r\n") or raw.endswith((b"\n\n", b"\n\r\n")):
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")  # the last empty line belongs to the separator
    name = f"{path}:{number}"
    if size > SIZE_CAP:
        return _too_large(name, raw, size, modified)
    head, separator, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw[:4096] else b"\n\n")
    status = b"".join(_STATUS.findall(head))
    return FoundMail(
        name,
        head + separator + _QUOTED_FROM.sub(rb"\1", body),
        seen=not status or b"R" in status,
        answered=b"A" in status,
        size=len(raw),
        modified=modified,
        role=role_of(path.name, _LOOSE),
    )


def _too_large(path: str, raw: bytes, size: int, modified: float) -> FoundMail:
    head = re.split(rb"\r?\n\r?\n", raw[: 1 << 20], maxsplit=1)[0]
    return FoundMail(path, head + b"\r\n\r\n", seen=True, size=size, fault="too_large", modified=modified)


def _fault(path: Path, code: str, detail: str) -> FoundMail:
    return FoundMail(str(path), b"", seen=True, fault=code, detail=detail)
