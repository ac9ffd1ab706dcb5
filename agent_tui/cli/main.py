"""From arguments to a command, and from its errors to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

DONE, FAILED, USAGE = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """Run one command."""
    if (home := _only_home(arguments)) is not None:
        from agent_tui.cli.desk import open_the_desk

        return _guarded(lambda: open_the_desk(home or None))
    from agent_tui.cli.parser import read

    options = read(arguments)
    return _guarded(lambda: options.command(options))


def _only_home(arguments: Sequence[str]) -> str | None:
    """The workspace, where nothing else was said: then the desk is wanted, as fast as can be."""
    if not arguments:
        return ""
    if len(arguments) == 2 and arguments[0] == "--home":
        return arguments[1] or None
    if len(arguments) == 1 and arguments[0].startswith("--home="):
        return arguments[0].removeprefix("--home=") or None
    return None


def _guarded(command: object) -> int:
    """A command's exit code; an error becomes one sentence."""
    from agent_tui.cli.output import Failed, Misused, hush_broken_pipe, tell, tell_line

    try:
        result = command()  # type: ignore[operator]
        sys.stdout.flush()
        return int(result or DONE)
    except BrokenPipeError:
        hush_broken_pipe()
        return FAILED
    except KeyboardInterrupt:
        return 130
    except Misused as error:
        tell(f"agent-tui: {error}")
        return USAGE
    except Failed as error:
        tell_line(f"agent-tui: {error}")
        return FAILED
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        tell_line(f"agent-tui: {sentence}")
        return FAILED


def _sentence(error: Exception) -> str | None:
    """An error that carries a code, or comes from the system, in words. None where it is a fault of ours."""
    from agent_tui.cli.wording import code_of, error_in_words, folder_in_words

    if (carried := code_of(error)) is not None:
        return error_in_words(*carried)
    if isinstance(error, OSError):
        from agent_tui.locations import FolderRefused

        if isinstance(error, FolderRefused):
            return folder_in_words(error)
        if code := _no_room(error):
            return error_in_words(code, {})
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or type(error).__name__}{where}."
    return None


def _no_room(error: OSError) -> str:
    """The code of a disk that takes no more; empty where it is something else."""
    from agent_tui.store.disk import BY_ERRNO, NO_ROOM, trouble

    code = BY_ERRNO.get(error.errno or 0, "")
    if code not in NO_ROOM:
        return ""
    return (isinstance(error.filename, str) and trouble(Path(error.filename).parent)) or code
