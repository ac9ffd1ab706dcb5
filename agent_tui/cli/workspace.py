"""What a command works on: the workspace, its settings, its secrets, its desk."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import ages
from agent_tui.cli.output import Failed, Misused, tell
from agent_tui.config import Problem, Settings, load
from agent_tui.locations import Locations, locate, our_folder, prepare
from agent_tui.widgets import labels
from agent_tui.words import _, set_language

if TYPE_CHECKING:
    from agent_tui.credentials import Credentials
    from agent_tui.desk.services import Services


def places(options: Namespace) -> Locations:
    """The workspace that was named, or the usual one; its folders are there afterwards."""
    return prepare(locate(options.home))


def settings_of(locations: Locations) -> Settings:
    """Its settings. What was not understood is told, and never keeps a command from its work."""
    settings, problems = load(locations.settings_file)
    if settings.language != "auto":
        set_language(settings.language)
    for problem in problems:
        tell(f"{locations.settings_file}: {problem_in_words(problem)}")
    return settings


def problem_in_words(problem: Problem) -> str:
    """One problem of the settings as a sentence."""
    words = {
        "syntax": _("this is no TOML, so all settings have their defaults"),
        "unreadable": _("it cannot be read ({reason}), so all settings have their defaults"),
        "too_large": _("it is larger than settings are (64 kB, lines of 2 kB), so all settings have their defaults"),
        "more": _("there is more in it that was not understood"),
        "unknown_key": _("there is no setting “{key}”; did you mean {meant}?")
        if problem.parameters.get("meant")
        else _("there is no setting “{key}”"),
        "wrong_type": _("“{key}” has to be {expected}"),
        "unknown_zone": _("“{key}” cannot be {value}: there is no such time zone; one is Europe/Kyiv"),
        "unknown_language": _("“{key}” cannot be {value}: there are no words of that language; it can be: {known}"),
        "not_allowed": _("“{key}” cannot be {value}; it can be: {allowed}"),
        "secret_here": _(
            "“{key}” looks like a secret, and secrets do not belong here: agent-tui account add keeps them"
        ),
        "loose_permissions": _("other users can read it; chmod 600 closes it"),
    }
    kinds = {
        "yes_no": _("true or false"),
        "number": _("a number"),
        "text": _("a text in quotes"),
        "list": _("a list in brackets"),
        "table": _("a section of its own"),
    }
    expected = problem.parameters.get("expected", "")
    told = {**problem.parameters, "expected": kinds.get(expected, expected)}
    text = words.get(problem.code, problem.code).format_map(told)
    return _("line {line}: {text}").format(line=problem.line, text=text) if problem.line else text


@contextmanager
def at_the_desk(options: Namespace) -> Iterator[Services]:
    """The services of the desk, without its screen."""
    from agent_tui.desk.opening import open_desk
    from agent_tui.desk.services import services
    from agent_tui.sync.launch import wake_worker

    locations = places(options)
    desk = open_desk(locations, settings_of(locations), wake=lambda: wake_worker(locations))
    ages.use(desk.zone)
    if refused := labels.only_reading(desk.reads.only_reading()):
        tell(refused)
    try:
        keep, forget = secret_keeper(locations)
        yield services(desk, keep, forget)
    finally:
        desk.close()


@contextmanager
def at_a_desk_that_is(options: Namespace) -> Iterator[Services]:
    """The same where there has to be one: a mistyped place must not look like an empty workspace, nor become one."""
    locations = locate(options.home)
    if not os.path.lexists(locations.database):
        place = locations.home or locations.data
        if place.exists():
            our_folder(place)
        raise Failed(_("There is no workspace in {folder}; `agent-tui account add` makes one.").format(folder=place))
    with at_the_desk(options) as services:
        yield services


def secret_keeper(locations: Locations):  # type: ignore[no-untyped-def]
    """How the desk keeps and forgets secrets, opened only when the first one comes."""
    made: list[Credentials] = []

    def credentials() -> Credentials:
        if not made:
            from agent_tui.credentials import Credentials as Kept

            made.append(Kept(locations))
        return made[0]

    def keep(account: str, option: str, secret: str) -> None:
        wish = load(locations.settings_file)[0].secrets
        credentials().keep(account, option, secret, wish)

    def forget(account: str) -> None:
        credentials().forget(account)

    return keep, forget


def conversation_id(services: Services, typed: str) -> int:
    """The conversation that is meant: its id, or `#` and the number that the screen shows."""
    text = typed.strip()
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise Misused(_("“{typed}” is no conversation; give the id that `agent-tui list` shows").format(typed=typed))
    reads = services.desk.reads
    found = reads.by_number(int(digits)) if text.startswith("#") else reads.standing(int(digits))
    if found is None or reads.conversation(found) is None:
        raise Failed(_("There is no conversation {typed}.").format(typed=typed))
    return found


def text_of(options: Namespace) -> str:
    """The text of a message or note: as it was given, from the file that was named, or from standard input."""
    if options.text is not None:
        if not options.text.strip():
            raise Failed(_("The text is empty, so nothing was done."))
        return str(options.text)
    source = options.text_file
    try:
        if source == "-":
            if sys.stdin.isatty():
                tell(_("Write the text, then Ctrl+D on a line of its own; Ctrl+C to leave it."))
            content = sys.stdin.buffer.read()
        else:
            content = Path(source).read_bytes()
    except OSError as error:
        raise Failed(_("{path} cannot be read: {reason}.").format(path=source, reason=error.strerror)) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Failed(_("{path} is not UTF-8 text.").format(path=source)) from None
    if not text.strip():
        raise Failed(_("The text is empty, so nothing was done."))
    return text
