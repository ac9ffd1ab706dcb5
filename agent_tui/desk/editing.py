"""The agent's own editor: which command it is, and the private file it opens.

What is saved there stands in that file alone until the desk takes it back. The file names its draft, so that a later
start finds where the words belong.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import secrets
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agent_tui.desk.drafts import as_json, from_bytes
from agent_tui.desk.quoting import clean
from agent_tui.domain.outbox import Draft
from agent_tui.locations import our_folder, private_folder, read_file, write_private

LARGEST = 5 * 1024 * 1024
STAYS = 30 * 24 * 3600
"""Seconds that an editor's own files stay which belong to no text any more."""
_IN_NAME = re.compile(r"message-([0-9a-f]{32})(?:-[0-9a-f]{16})?")
_NAME = re.compile(rf"{_IN_NAME.pattern}\.txt")
_NO_MODELINES = (
    *("--cmd", "augroup AgentTui"),
    *("--cmd", "autocmd BufReadPre,BufReadPost * set nomodeline"),
    *("--cmd", "augroup END"),
)
"""Said before the agent's own vimrc and done after it: a `-c` would come after the modelines. One line for all would
leave the group open, and an `autocmd!` of that vimrc would empty it."""
_NO_VARIABLES = ("--eval", "(setq enable-local-variables nil enable-local-eval nil)")
_VIM = re.compile(r"(?:r?g|[remn])?vim(?:x|diff)?(?:[.-]?\d[\d.]*|\.[a-z]\w*)?|(?:r?g|[rem])view")
_PERHAPS_VIM = ("vi", "view", "ex")
"""Names of other editors, too, which know none of Vim's options: what lies behind such a name tells."""
# Of Emacs' client there is nothing to say: it has no option for that, and what its Emacs was told would stay.
_EMACS = re.compile(r"emacs(?:-?\d[\d.]*|-nox|-gtk|-pgtk|-lucid|-x)?")
_JOINER = "\N{WORD JOINER}"
_VERSION = r"(?:[<=>]+[ \t\f\v\r]*)?[+-]?[0-9]*:"
"""As Vim and its kin read it, who let the C library read the number."""
_OBEYED = re.compile(
    rf"(?:(?<!\S)|(?<=\ufeff))(?:[vV]im?(?={_VERSION})|(?:ex|vile)(?=:))|-\*-|(?iu:Local Variables:)", re.ASCII
)
"""What makes editors obey a line. The text may be quoted from anybody, and the settings of the agent may undo any
option, so that these words are broken by a sign without width while the text is out of the house."""
_BROKEN = re.compile(rf"(?<=[vVexLl-]){_JOINER}(?=im?{_VERSION}|x:|ile:|\*-|(?i:ocal Variables:))")
_FALLBACKS = ("nano", "vim", "vi")


class NoEditor(Exception):
    """No editor was found: `code` is `no_editor`, with the command that was looked for."""

    def __init__(self, command: str) -> None:
        super().__init__(command)
        self.code = "no_editor"
        self.parameters = {"command": command}


@dataclass(frozen=True, slots=True)
class EditorCall:
    """A command and the file it is given."""

    argv: tuple[str, ...]
    file: EditedFile


def command(wanted: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The editor as an argument list; never through a shell. Raises `NoEditor`."""
    said = wanted or environment.get("VISUAL", "") or environment.get("EDITOR", "")
    for candidate in (said,) if said else _FALLBACKS:
        try:
            argv = shlex.split(candidate)
        except ValueError:
            argv = []
        if argv and shutil.which(argv[0]):
            return (*argv, *_quiet(argv[0]))
    raise NoEditor(said or ", ".join(_FALLBACKS))


def _quiet(program: str) -> tuple[str, ...]:
    """What tells this editor to obey no line of a text."""
    name = Path(program).name
    if name in _PERHAPS_VIM:
        name = Path(os.path.realpath(shutil.which(program) or program)).name
    if _VIM.fullmatch(name):
        return _NO_MODELINES
    return _NO_VARIABLES if _EMACS.fullmatch(name) else ()


def disarmed(text: str) -> str:
    """The text without a line that an editor would obey; `armed` gives it back."""
    return _OBEYED.sub(lambda found: found[0][0] + _JOINER + found[0][1:], text)


def armed(text: str) -> str:
    """The text as it was before `disarmed`."""
    return _BROKEN.sub("", text)


class EditedFile:
    """A text that is out of the house, and beside it the draft that it was then.

    Whoever deals with it holds the lock on that draft, so that no other desk takes over what is still being edited.
    It dies with its process: an editor that outlives its desk holds nothing.
    """

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self._rescued = self._rescue_files()

    @classmethod
    def hold(cls, path: Path) -> Self | None:
        """The file, or None where another desk has it. Raises `OSError`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(path.with_suffix(".json"), flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        if os.fstat(handle).st_nlink == 0:  # who had it put it away meanwhile
            os.close(handle)
            return None
        return cls(path, handle)

    def write(self, draft: Draft) -> None:
        """The text, and the draft that it is of. Raises `OSError`."""
        os.ftruncate(self._handle, 0)
        with os.fdopen(os.dup(self._handle), "wb") as file:
            file.write(json.dumps(as_json(draft), ensure_ascii=False).encode())
            file.flush()
            os.fsync(self._handle)
        write_private(self.path, disarmed(draft.text).encode())

    @property
    def draft_id(self) -> str:
        """Which draft it is of."""
        named = _NAME.fullmatch(self.path.name)
        return named[1] if named else ""

    def draft(self) -> Draft | None:
        """What the draft was when the editor opened it; None where that cannot be read."""
        try:
            found, _ = from_bytes(os.pread(self._handle, 2 * LARGEST, 0))
        except (OSError, ValueError):
            return None
        return found if found.id == self.draft_id else None

    def text(self) -> str | None:
        """What was saved; None where that is no regular file of ours, or larger than a text can be."""
        try:
            content = read_file(self.path, LARGEST, ours=True)
        except OSError:
            return None
        return clean(armed(content.decode("utf-8", "replace")))

    @property
    def lost_words(self) -> bool:
        """The editor put words aside that were not saved: it did not end because it was told to."""
        return not self._rescue_files() <= self._rescued

    def clear(self, *, finished: bool = True) -> None:
        """The text goes, with all that editors leave beside it. Where the editing was not finished, as by “quit” to the
        question about an older swap file, what lay there before stays for the next time."""
        for left in self.path.parent.glob(f"*{self.path.name}*"):
            if finished or left.name not in self._rescued:
                _unlink(left)
        self.forget()

    def forget(self) -> None:
        """The text goes, for it is kept elsewhere now.

        What the editor put aside of words that were not saved stays: it is theirs alone, and the next time that this
        draft is edited the file has the same name, so that the editor finds it and offers it in its own way.
        """
        _unlink(self.path)
        _unlink(self.path.with_suffix(".json"))
        self.let_go()

    def let_go(self) -> None:
        """The text stays for the next start; any desk may take it over."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _rescue_files(self) -> frozenset[str]:
        """Vim's, nano's and Emacs' own."""
        name = self.path.name
        starts = (f".{name}.sw", f"{name}.save", f"#{name}#")
        return frozenset(left.name for left in self.path.parent.glob(f"*{name}*") if left.name.startswith(starts))


def prepare(folder: Path, draft: Draft, argv: Sequence[str]) -> EditorCall:
    """Put the text into a private file that names its draft. Raises `OSError`.

    Its name is the same each time, unless another desk edits that draft too, or an earlier text lies there still.
    """
    private_folder(folder)
    for name in (f"message-{draft.id}", f"message-{draft.id}-{secrets.token_hex(8)}"):
        path = folder / f"{name}.txt"
        file = EditedFile.hold(path)
        if file is not None and not os.path.lexists(path):
            break
        if file is not None:
            file.let_go()
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    try:
        file.write(draft)
    except BaseException:
        file.clear()
        raise
    return EditorCall((*argv, str(path)), file)


def left_behind(folder: Path) -> Iterator[EditedFile]:
    """Texts that a desk could not take back: it was killed. Each is held until it is put away or let go.

    What belongs to none, as the swap file of an editor that was lost, goes after a month: nobody came back to it.
    """
    try:
        our_folder(folder)
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        path = folder / name
        if _NAME.fullmatch(name):
            with contextlib.suppress(OSError):
                file = EditedFile.hold(path)
                if file is not None:
                    yield file
        elif _is_stale(path):
            _unlink(path)


def _is_stale(path: Path) -> bool:
    """It lies here for long, and the text that it was beside is gone."""
    try:
        old = time.time() - path.lstat().st_mtime > STAYS
    except OSError:
        return False
    beside = _IN_NAME.search(path.name)
    return old and not (beside is not None and os.path.lexists(path.with_name(f"{beside[0]}.txt")))


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def environment_for_editor() -> dict[str, str]:
    """The environment without our secrets, and without what would run programs on the file's name or content."""
    from agent_tui.credentials import scrubbed_environment

    return {name: value for name, value in scrubbed_environment().items() if name not in ("LESSOPEN", "LESSCLOSE")}
