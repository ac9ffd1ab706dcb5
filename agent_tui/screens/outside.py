"""The agent's own editor: the desk gives the terminal away and takes the text back."""

from __future__ import annotations

import subprocess

from textual.app import App, SuspendNotSupported

from agent_tui.desk import editing
from agent_tui.desk.workspace import DeskSettings
from agent_tui.widgets.cells import in_cell
from agent_tui.words import _


class EditorFailed(Exception):
    """No text came back; the message says why."""


def edit_outside(app: App[object], settings: DeskSettings, text: str) -> str:
    """The text as the editor left it. Raises `EditorFailed`; then nothing of it was changed."""
    try:
        argv = editing.command(settings.editor, editing.environment_for_editor())
        call = editing.prepare(settings.editing, text, argv)
    except editing.NoEditor as error:
        raise EditorFailed(_("There is no editor {name} here. Set EDITOR.").format(name=in_cell(str(error)))) from error
    except OSError as error:
        raise EditorFailed(_("No editor could be opened: {why}.").format(why=in_cell(str(error)))) from error
    try:
        with app.suspend():
            done = subprocess.run(call.argv, check=False, env=editing.environment_for_editor())
    except (SuspendNotSupported, OSError) as error:
        editing.take_back(call)
        raise EditorFailed(_("No editor could be opened: {why}.").format(why=in_cell(str(error)))) from error
    found = editing.take_back(call)
    if found is None or done.returncode != 0:
        raise EditorFailed(_("The editor left no text; yours is as it was."))
    return found
