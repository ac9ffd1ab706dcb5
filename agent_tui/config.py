"""What the agent may set: one TOML file, read before the first paint, so nothing heavy is needed to read it.

Each setting's docstring is its manual. What cannot be understood is reported with its line and never keeps
the desk from opening. Secrets and accounts do not live here.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from agent_tui.locations import TooLarge, is_loose, read_lines, write_private


@dataclass(frozen=True, slots=True)
class Between:
    """How small and how large a number may be."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Sending:
    """`[sending]`: how answers are written and leave."""

    hold_seconds: Annotated[int, Between(0, 3600)] = 10
    """How long a sent message is held, and can be taken back, before it leaves. 0 sends at once; an hour is the most."""
    quote: Literal["below", "above", "none"] = "below"
    """Where the quoted message stands: below the answer, above it, or left out."""
    signature: Literal["above_quote", "below_quote", "none"] = "above_quote"
    """Where the signature stands, seen from the quote."""
    check: bool = True
    """Look at each message before it goes: unseen messages, changed recipients, forgotten attachments."""


@dataclass(frozen=True, slots=True)
class Notify:
    """`[notify]`: what makes itself heard when a customer writes."""

    bell: bool = False
    """Ring the terminal's bell."""
    desktop: bool = False
    """Ask the terminal for a desktop notification (OSC 9)."""
    only_mine: bool = False
    """Only for conversations that are mine or nobody's."""


class ZoneName(str):
    """A time zone that there is, or nothing."""

    __slots__ = ()


MACHINE_ZONE = ZoneName("")


class LanguageCode(str):
    """A language that there are words of, or `auto`."""

    __slots__ = ()


LOCALE = LanguageCode("auto")


@dataclass(frozen=True, slots=True)
class Hours:
    """`[hours]`: when times are meant."""

    zone: ZoneName = MACHINE_ZONE
    """Your times are typed and shown in it, as `"Europe/Kyiv"`; empty takes the machine's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. All of it has a default."""

    agent: str = ""
    """My short name, as it stands on rows I am assigned to. Empty takes the login name."""
    colleagues: tuple[str, ...] = ()
    """Short names of those whom I can assign to."""
    theme: str = "dark"
    """`dark`, `light`, `terminal` (the terminal's own 16 colours), `plain` (no colours), or one of my own."""
    keymap: Literal["default", "gmail", "vim", "mutt"] = "default"
    """Which habits the keys follow."""
    language: LanguageCode = LOCALE
    """`auto` follows the locale; else the code of a language that there are words of, as `en`."""
    cursor: Literal["auto", "light", "row"] = "auto"
    """The cursor in the list: a bar (`light`, few bytes), the whole row, or a bar over SSH and a row elsewhere."""
    ascii: bool = False
    """Draw with ASCII alone."""
    mouse: bool = True
    """Let the mouse click; the keyboard never needs it."""
    output: Literal["cells", "plain"] = "cells"
    """`cells` sends only what changed on the screen; `plain` leaves it to Textual, should a terminal disagree."""
    editor: str = ""
    """Command of my own editor. Empty takes VISUAL, then EDITOR."""
    downloads: str = ""
    """Folder where attachments are saved. Empty takes the platform's downloads folder."""
    keep_worker: bool = False
    """Go on fetching and sending after the desk was closed."""
    secrets: Literal["", "keyring", "vault"] = ""
    """Where new secrets go. Chosen when the first account is added."""
    log_level: Literal["error", "warning", "info", "debug"] = "info"
    """How much the worker writes down. No level writes secrets or texts of customers."""
    sending: Sending = field(default_factory=Sending)
    """How answers are written and leave."""
    notify: Notify = field(default_factory=Notify)
    """What makes itself heard."""
    hours: Hours = field(default_factory=Hours)
    """The working week."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """`[keys]`: my own keys, command id to keys: `solve = "e"`, `reply = "r,ctrl+r"`."""

    @property
    def me(self) -> str:
        """My short name, the login name where none is set."""
        if self.agent:
            return self.agent
        import getpass

        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "me"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that was not understood. Screens put the code into words."""

    line: int
    """0 where it concerns the file as a whole."""
    code: str
    """`syntax`, `unreadable`, `too_large`, `unknown_key`, `wrong_type`, `not_allowed`, `unknown_zone`,
    `unknown_language`, `secret_here`, `loose_permissions`, `more`."""
    parameters: Mapping[str, str] = field(default_factory=dict)


class SettingsUnreadable(Exception):
    """The file cannot be changed, because it could not be read: what stands in it would be lost."""


LARGEST = 64 * 1024
"""Bytes of a file of settings; one with every setting has three thousand."""
LONGEST_LINE = 2000
"""Time grows with the square of the parts of a dotted key, which cannot be broken."""
MOST_PROBLEMS = 20
"""Told of one file: each is looked for in all of its lines."""


def text_of(path: Path) -> str:
    """Settings, and what else an agent writes for this program. Raises `TooLarge` where nobody writes so much: reading it
    would take long."""
    return read_lines(path, LARGEST, LONGEST_LINE).decode("utf-8")


def load(path: Path) -> tuple[Settings, Sequence[Problem]]:
    """The settings of a file, with defaults for what is absent or cannot be understood. Never raises."""
    try:
        text = text_of(path)
    except FileNotFoundError:
        return Settings(), ()
    except TooLarge:
        return Settings(), (Problem(0, "too_large"),)
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), (Problem(0, "unreadable", {"reason": type(error).__name__}),)
    reading = _Reading(text)
    try:
        settings = reading.read(Settings(), tomllib.loads(text), ())
    except (ValueError, RecursionError) as error:  # numbers of many digits, lists within lists without end
        line = re.search(r"line (\d+)", str(error)) if isinstance(error, tomllib.TOMLDecodeError) else None
        return Settings(), (Problem(int(line[1]) if line else 0, "syntax"),)
    if is_loose(path):
        reading.problems.insert(0, Problem(0, "loose_permissions"))
    return settings, tuple(reading.problems)


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Change settings by their dotted names (`sending.hold_seconds`), keeping comments and all else. None removes one."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text_of(path)) if path.exists() else tomlkit.document()
    except (OSError, ValueError, RecursionError, TOMLKitError) as error:
        raise SettingsUnreadable(str(path)) from error
    for name, value in changes.items():
        *sections, key = name.split(".")
        table: Any = document
        for section in sections:
            if section not in table:
                table[section] = tomlkit.table()
            table = table[section]
        if value is None:
            table.pop(key, None)
        else:
            table[key] = list(value) if isinstance(value, tuple) else value
    write_private(path, tomlkit.dumps(document).encode())


_T = TypeVar("_T")
NEAR = 0.7
"""How like a setting a name has to be to be taken for a slip: “bogus” is no slip of “mouse”."""
_SECRET = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)


class _Reading:
    """One reading of one file, gathering what it does not understand."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.problems: list[Problem] = []

    def read(self, into: _T, found: Mapping[str, Any], section: tuple[str, ...]) -> _T:
        """A copy of the dataclass `into` with what was found."""
        hints = typing.get_type_hints(type(into), include_extras=True)
        known = {f.name for f in fields(into)}  # type: ignore[arg-type]
        values: dict[str, Any] = {}
        for key, raw in found.items():
            if key not in known:
                self.unknown(key, known, section)
                continue
            now = getattr(into, key)
            if is_dataclass(now) and isinstance(raw, Mapping):
                values[key] = self.read(now, raw, (*section, key))
                continue
            try:
                values[key] = _value(hints[key], raw)
            except _Unfit as unfit:
                self.report(unfit.code, key, section, **unfit.parameters)
        return replace(into, **values)  # type: ignore[type-var]

    def unknown(self, key: str, known: set[str], section: tuple[str, ...]) -> None:
        if len(self.problems) > MOST_PROBLEMS:
            return
        if _SECRET.search(key):
            self.report("secret_here", key, section)
            return
        near = difflib.get_close_matches(key, known, 1, NEAR)
        self.report("unknown_key", key, section, meant=near[0] if near else "")

    def report(self, code: str, key: str, section: tuple[str, ...], **parameters: str) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems[MOST_PROBLEMS:] = [Problem(0, "more")]
            return
        dotted = ".".join((*section, key))
        self.problems.append(Problem(self.line_of(key, section), code, {"key": dotted, **parameters}))

    def line_of(self, key: str, section: tuple[str, ...]) -> int:
        """The line of a key in its section; tomllib does not tell."""
        inside, wanted = "", ".".join(section)
        assignment = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""")
        header = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]")
        for number, line in enumerate(self.lines, 1):
            if head := header.match(line):
                inside = head[1].replace('"', "").replace("'", "").replace(" ", "")
                if inside == ".".join((*section, key)):
                    return number
            elif inside == wanted and assignment.match(line):
                return number
        return 0


class _Unfit(Exception):
    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code, self.parameters = code, parameters


def _zone(name: str) -> ZoneName:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Unfit("unknown_zone", value=name[:40]) from None
    return ZoneName(name)


def _language(code: str) -> LanguageCode:
    from agent_tui.words import languages, speaks

    if code != LOCALE and not speaks(code):
        raise _Unfit("unknown_language", value=code[:40], known=", ".join([LOCALE, *languages()]))
    return LanguageCode(code)


_KINDS = {str: "text", int: "number", bool: "yes_no"}


def _value(kind: Any, raw: Any) -> Any:
    """A TOML value as the setting's type."""
    origin = typing.get_origin(kind)
    if kind is ZoneName:
        return _zone(str(_value(str, raw)))
    if kind is LanguageCode:
        return _language(str(_value(str, raw)))
    if origin is Annotated:
        inner, bounds = typing.get_args(kind)
        number = _value(inner, raw)
        if not bounds.least <= number <= bounds.most:
            raise _Unfit("not_allowed", value=str(number)[:40], allowed=f"{bounds.least}…{bounds.most}")
        return number
    if origin is Literal:
        allowed = typing.get_args(kind)
        if raw not in allowed:
            raise _Unfit("not_allowed", value=str(raw)[:40], allowed=", ".join(a for a in allowed if a))
        return raw
    if origin is tuple:
        if not isinstance(raw, list):
            raise _Unfit("wrong_type", expected="list")
        return tuple(_value(typing.get_args(kind)[0], item) for item in raw)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(raw, Mapping) or not all(isinstance(v, str) for v in raw.values()):
            raise _Unfit("wrong_type", expected="table")
        return types.MappingProxyType(dict(raw))
    if not isinstance(raw, kind) or (kind is int and isinstance(raw, bool)):
        raise _Unfit("wrong_type", expected=_KINDS.get(kind, "table"))
    return raw
