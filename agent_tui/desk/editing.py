"""The agent's own editor: which command it is, and the private file it opens."""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent_tui.desk.quoting import clean
from agent_tui.locations import private_folder, write_private

LARGEST = 5 * 1024 * 1024
_NO_MODELINES = ("--cmd", "augroup AgentTui | autocmd BufReadPre,BufReadPost * set nomodeline | augroup END")
"""Said before the agent's own vimrc and done after it: a `-c` would come after the modelines."""
_QUIET = {
    "vim": _NO_MODELINES,
    "nvim": _NO_MODELINES,
    "emacs": ("--eval", "(setq enable-local-variables nil enable-local-eval nil)"),
}
_JOINER = "\N{WORD JOINER}"
_OBEYED = re.compile(r"(?<!\S)(?:vim?(?=[<=>]*\d*:)|Vim(?=[<=>]*\d*:)|ex(?=:))|-\*-|Local Variables:", re.ASCII)
"""What makes editors obey a line. The text may be quoted from anybody, and the settings of the agent may undo any
option, so that these words are broken by a sign without width while the text is out of the house."""
_BROKEN = re.compile(rf"(?<=[vVexL-]){_JOINER}(?=im?[<=>]*\d*:|x:|\*-|ocal Variables:)")
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
    path: Path


def command(wanted: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The editor as an argument list; never through a shell. Raises `NoEditor`."""
    said = wanted or environment.get("VISUAL", "") or environment.get("EDITOR", "")
    for candidate in (said,) if said else _FALLBACKS:
        try:
            argv = shlex.split(candidate)
        except ValueError:
            argv = []
        if argv and shutil.which(argv[0]):
            return (*argv, *_QUIET.get(Path(argv[0]).name, ()))
    raise NoEditor(said or ", ".join(_FALLBACKS))


def disarmed(text: str) -> str:
    """The text without a line that an editor would obey; `armed` gives it back."""
    return _OBEYED.sub(lambda found: found[0][0] + _JOINER + found[0][1:], text)


def armed(text: str) -> str:
    """The text as it was before `disarmed`."""
    return _BROKEN.sub("", text)


def prepare(folder: Path, text: str, argv: Sequence[str]) -> EditorCall:
    """Put the text into a private file of a fixed kind of name."""
    path = private_folder(folder) / f"message-{secrets.token_hex(8)}.txt"
    write_private(path, disarmed(text).encode())
    return EditorCall((*argv, str(path)), path)


def take_back(call: EditorCall) -> str | None:
    """What the editor left; None where it left nothing that can be read. The file goes."""
    try:
        if call.path.stat().st_size > LARGEST:
            return None
        return clean(armed(call.path.read_text("utf-8", "replace")))
    except OSError:
        return None
    finally:
        for left in call.path.parent.glob(f"*{call.path.name}*"):
            try:
                left.unlink()
            except OSError:
                continue


def environment_for_editor() -> dict[str, str]:
    """The environment without our secrets, and without what would run programs on the file's name or content."""
    from agent_tui.credentials import scrubbed_environment

    return {name: value for name, value in scrubbed_environment().items() if name not in ("LESSOPEN", "LESSCLOSE")}
