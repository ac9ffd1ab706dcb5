"""Writes the pages that the code itself tells: keys and settings. `make documents` runs it, a test compares."""

from __future__ import annotations

import ast
import inspect
import itertools
from dataclasses import fields, is_dataclass
from pathlib import Path

from agent_tui import config
from agent_tui.named_keys import key_shown
from agent_tui.screens.commands import COMMANDS, Group, Where
from agent_tui.widgets.composer_keys import WRITING

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"

_PLACES = {Where.LIST: "in the list", Where.THREAD: "in the conversation", Where.SEARCH: "among hits", Where.DESK: ""}


def keys() -> str:
    """The page of keys."""
    lines = [
        "# Keys",
        "",
        "`?` shows them on the screen, `ctrl+p` finds a command by its name, and `:` takes its id. On a Cyrillic layout",
        "the same positions work: `о` is `j`, `к` is `r`. A number before a command repeats it: `5j`; `12G` goes to row 12.",
        "",
    ]
    for group in Group:
        lines += [f"## {group.value}", "", "| keys | does | id |", "| --- | --- | --- |"]
        for command in COMMANDS:
            if command.group is group:
                place = f" ({_PLACES[command.where]})" if _PLACES[command.where] else ""
                strokes = " · ".join(f"`{key}`".replace("|", "\\|") for key in command.keys) or "–"
                lines.append(f"| {strokes} | {command.title}{place} | `{command.id}` |")
        lines.append("")
    lines += ["## While writing", "", "| keys | does |", "| --- | --- |"]
    lines += [f"| `{key_shown(one.key)}` | {one.title} |" for one in WRITING]
    lines += [
        "",
        "`ctrl+enter` sends as well, where the terminal has this key. In a text `ctrl+z` takes back typing, `ctrl+y` brings it again.",
    ]
    lines += [
        "",
        "## Keys of your own",
        "",
        '`keymap = "gmail"`, `"vim"` or `"mutt"` in the settings brings the habits of those programs. Single commands are set',
        "by their id; several keys are parted by commas, strokes of a sequence by spaces:",
        "",
        "```toml",
        "[keys]",
        'solve = "e"',
        '"go.inbox" = "g i,home"',
        "```",
        "",
        "Unknown ids and keys that two commands want are reported when the desk opens, and by `agent-tui doctor`: a command",
        "that cannot have its key, as `j`, which moves in the list, keeps its own.",
        "",
    ]
    return "\n".join(lines)


def _docstrings(kind: type) -> dict[str, str]:
    """Field name to the docstring under it."""
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, text in itertools.pairwise(tree.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant)
            found[field.target.id] = inspect.cleandoc(text.value.value).replace("\n", " ")
    return found


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{v}"' for v in value) + "]"
    return str(value) if isinstance(value, int | float) else f'"{value}"'


def _section(title: str, kind: type) -> list[str]:
    told, lines = _docstrings(kind), [f"## {title}", "", "| setting | default | meaning |", "| --- | --- | --- |"]
    made = kind()
    for field in fields(kind):
        value = getattr(made, field.name)
        if not is_dataclass(value) and not isinstance(value, dict):
            lines.append(f"| `{field.name}` | `{_shown(value)}` | {told.get(field.name, '')} |")
    return [*lines, ""]


def settings() -> str:
    """The page of settings."""
    lines = [
        "# Settings",
        "",
        "One file, `agent-tui locate config` says where: `settings.toml`. What is not understood is reported with its line",
        "when the desk opens, and never keeps it from opening. Accounts are not set here: `agent-tui account add` and the",
        "desk's own form keep them. Secrets are never in it.",
        "",
        *_section("At the top", config.Settings),
        *_section("[sending]", config.Sending),
        *_section("[notify]", config.Notify),
        *_section("[hours]", config.Hours),
        "`[keys]` is told in [keys](keys.md). Themes of your own are TOML files in the folder `themes` beside the settings;",
        "copy one of `agent_tui/themes/*.toml` and change its colours.",
        "",
    ]
    return "\n".join(lines)


PAGES = {"keys.md": keys, "settings.md": settings}


def main() -> None:
    """Write them."""
    for name, page in PAGES.items():
        (GUIDE / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
