"""The command line's declaration: one place for parsing, help and completion."""

from __future__ import annotations

import argparse
import importlib
import re
from argparse import Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from agent_tui import __version__
from agent_tui.cli.argparse_words import speak
from agent_tui.cli.output import tell
from agent_tui.cli.wording import FINDINGS, NEVER_FORCED
from agent_tui.domain.conversation import View
from agent_tui.words import N_, _

_ABOUT = N_("""\
An agent desktop in the terminal: one inbox, the customer beside it, answers from the keyboard.

Without a command the desk opens.""")

_FIRST = N_("""\
examples:
  agent-tui demo                              look around with live demo customers
  agent-tui account add imap --host imap.example.com --user support@example.com
  agent-tui                                   open the desk
  agent-tui list --json | jq .subject         conversations that wait
  agent-tui search 'from:olena refund'        hits, newest first
  agent-tui reply 42 --text-file answer.txt   queue an answer

exit codes: 0 done, 1 failed, 2 wrong usage. Messages go to standard error.
AGENT_TUI_HOME names a workspace as --home does.""")


SHELLS = ("bash", "zsh", "fish", "tcsh")
PLACES = ("config", "settings", "secrets", "vault", "data", "store", "files", "log", "runtime", "downloads")
"""What `locate` knows."""
REASONS = sorted(FINDINGS.keys() - NEVER_FORCED)
"""What `--force` overrides."""
DIGITS = 15
"""Of a number that is typed: as many as the store and Python's own counters take."""


class _Parser(ArgumentParser):
    """Says what is wrong in one line, and where help is. A flag is never guessed from its beginning."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **arguments})
        # No flag begins with a digit: `-1h` is a value, told to be wrong where it is read, not an unknown flag.
        self._negative_number_matcher = re.compile(r"-\.?\d")
        self.searches = False
        """Its words are a search, where `-word` leaves out what has the word: only a flag it knows is one."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Flags may stand anywhere before `--`: argparse takes words that may be none as none where a flag comes."""
        if args is None or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        options, left = super().parse_known_args(self._flags_first(list(args)), namespace)
        return options, _as_typed(args, left)

    def _flags_first(self, words: list[str]) -> list[str]:
        end = words.index("--") if "--" in words else len(words)
        flags, others = [], []
        before = iter(words[:end])
        for word in before:
            if len(word) < 2 or word[0] != "-" or self._negative_number_matcher.match(word) or self._leaves_out(word):
                others.append(word)
                continue
            flags.append(word)
            known = self._option_string_actions.get(word)
            if known is not None and known.nargs is None:
                flags += islice(before, 1)
        others += words[end + 1 :]
        return [*flags, "--", *others] if others else flags

    def _leaves_out(self, word: str) -> bool:
        """A word of a search that begins with `-`; `-n5` is the flag with its number."""
        if not self.searches or word.startswith("--") or word in self._option_string_actions:
            return False
        known = self._option_string_actions.get(word[:2])
        return known is None or known.nargs is not None or re.fullmatch(r"=?\d+", word[2:]) is None

    def error(self, message: str) -> NoReturn:
        tell(f"{self.prog}: {message}")
        tell(_("`{program} --help` tells more.").format(program=self.prog))
        raise SystemExit(2)


def _as_typed(words: Sequence[str], left: Sequence[str]) -> list[str]:
    """What was not understood, in the order of what was typed: the `--` that `_flags_first` puts in nobody typed."""
    missing, found = Counter(left), []
    for word in reversed(words):
        if missing[word] > 0:
            missing[word] -= 1
            found.append(word)
    return [*reversed(found), *(word for word in missing.elements() if word != "--")]


def read(arguments: Sequence[str]) -> Namespace:
    """The command that is meant, with its options."""
    parser, accounts = build()
    backend = _backend_of(arguments)
    if backend and accounts is not None:
        from agent_tui.cli.account_flags import add_flags

        add_flags(accounts, backend)
    options = parser.parse_args(list(arguments))
    if options.command is None:
        if options.json:
            parser.error(_("--json belongs to a command"))
        options.command = _later("desk", "command")
    return options


def _backend_of(arguments: Sequence[str]) -> str:
    """The backend of `account add BACKEND`: its options become flags."""
    words = [word for word in arguments if not word.startswith("-")]
    for at, word in enumerate(words[:-2]):
        if (word, words[at + 1]) == ("account", "add"):
            return words[at + 2]
    return ""


def build(backends: Sequence[str] = ()) -> tuple[ArgumentParser, ArgumentParser | None]:
    """The whole parser, and the one of `account add`.

    With the names of `backends` each of them is a command of its own there, with its own flags, as scripts that
    complete words need it. Who only reads a command line does without: it loads them all.
    """
    speak()
    parser = _Parser(
        prog="agent-tui", description=_(_ABOUT), epilog=_(_FIRST), formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--home", type=_folder, metavar="DIR", help=_("keep configuration, data and logs of a workspace in one folder")
    )
    parser.add_argument(
        "-V",
        "--version",
        action="version",
        version=f"agent-tui {__version__}",
        help=_("show program's version number and exit"),
    )
    parser.set_defaults(command=None, json=False)
    commands = parser.add_subparsers(title=N_("commands"), metavar="COMMAND")
    _running(commands)
    adding = _accounts(commands, backends)
    _reading(commands)
    _changing(commands)
    _keeping(commands)
    return parser, adding


def _folder(text: str) -> str:
    """An empty name is what is left of a variable that is not set, and does not mean the usual folders."""
    if not text:
        raise ArgumentTypeError(_("it needs the name of a folder"))
    return text


_SHARED = ArgumentParser(add_help=False)
_SHARED.add_argument("--home", type=_folder, metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _command(commands: Any, name: str, place: str, summary: str, epilog: str = "", *, json: bool = True) -> _Parser:
    parser: _Parser = commands.add_parser(
        name,
        help=_(summary),
        description=_(summary)[0].upper() + _(summary)[1:] + ".",
        epilog=_(epilog),
        parents=[_SHARED],
        formatter_class=RawDescriptionHelpFormatter,
    )
    if json:
        parser.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    module, function = place.split(":")
    parser.set_defaults(command=_later(module, function))
    return parser


def _later(module: str, function: str) -> Callable[[Namespace], int]:
    """A command whose module is imported when it runs, so that each start pays for itself alone."""

    def run(options: Namespace) -> int:
        found: Callable[[Namespace], int] = getattr(importlib.import_module(f"agent_tui.cli.{module}"), function)
        return found(options)

    return run


def _running(commands: Any) -> None:
    demo = _command(
        commands,
        "demo",
        "demo:demo",
        N_("open a desk with live demo customers, no account and no network needed"),
        N_(
            "The demo has a workspace of its own (see `agent-tui locate --demo`), also inside the one that --home or\n"
            "AGENT_TUI_HOME names, and ends its worker when it is left."
        ),
        json=False,
    )
    demo.add_argument("--fresh", action="store_true", help=_("begin anew: what was done in the demo is thrown away"))
    demo.add_argument("--speed", type=_speed, metavar="N", help=_("let the customers live N times as fast"))
    demo.add_argument("--seed", type=_seed, default=1, metavar="N", help=_("other people, other chance"))
    demo.add_argument("--prepare", action="store_true", help=_("set the workspace up and do not open the desk"))
    sync = _command(
        commands,
        "sync",
        "sync:sync",
        N_("run the worker in the foreground: fetch, send, wake what was snoozed"),
        N_("A desk starts a worker by itself. Under systemd run `agent-tui sync`; in cron `agent-tui sync --once`."),
        json=False,
    )
    sync.add_argument("--once", action="store_true", help=_("fetch and send what is due, then end"))


def _accounts(commands: Any, backends: Sequence[str]) -> ArgumentParser:
    account = commands.add_parser("account", help=_("accounts: add, list, check, remove"), parents=[_SHARED])
    kinds = account.add_subparsers(title=N_("commands"), metavar="COMMAND", required=True)
    add = _command(
        kinds,
        "add",
        "accounts:add",
        N_("add an account; `agent-tui account add BACKEND --help` lists the options of a backend"),
        N_(
            "Secrets are asked for, read from standard input (--password-stdin), had from a program\n"
            "(--password-command 'pass show mail/support') or from the environment (--password-env).\n"
            "They are never taken from an argument and never kept in clear."
        ),
    )
    if backends:
        _each(add, backends)
    else:
        add.add_argument("backend", metavar="BACKEND", help=_("`agent-tui backend list` names them"))
    _command(kinds, "list", "accounts:list_accounts", N_("accounts and how their connections are"))
    check = _command(kinds, "check", "accounts:check", N_("try everything an account needs, changing nothing there"))
    check.add_argument("id", metavar="ACCOUNT")
    remove = _command(kinds, "remove", "accounts:remove", N_("stop using an account; what came by it stays"))
    remove.add_argument("id", metavar="ACCOUNT")
    backend = commands.add_parser("backend", help=_("backends: what accounts can be of"), parents=[_SHARED])
    of_backend = backend.add_subparsers(title=N_("commands"), metavar="COMMAND", required=True)
    _command(
        of_backend, "list", "accounts:list_backends", N_("the backends found, and the broken ones with their reason")
    )
    return add


def _each(add: ArgumentParser, backends: Sequence[str]) -> None:
    from agent_tui.cli.account_flags import add_flags

    kinds = add.add_subparsers(metavar="BACKEND")
    for name in backends:
        of_backend = kinds.add_parser(name, help=name)
        of_backend.add_argument("--json", action="store_true", help=_("one JSON object a line"))
        add_flags(of_backend, name)


def _reading(commands: Any) -> None:
    listing = _command(
        commands,
        "list",
        "reading:list_conversations",
        N_("list conversations"),
        N_("examples:\n  agent-tui list --view mine\n  agent-tui list is:unread tag:refund after:2026-11-01"),
    )
    listing.searches = True
    listing.add_argument("query", nargs="*", metavar="QUERY", help=_("a search instead of a view"))
    listing.add_argument("--view", choices=[view.value for view in View], default=View.INBOX.value)
    listing.add_argument("-n", "--limit", type=_count, default=100, metavar="N", help=_("at most so many (100)"))
    search = _command(
        commands,
        "search",
        "reading:search",
        N_("search all messages and notes"),
        N_(
            'words, "phrases", prefix*, -not, and fields: from: to: subject: tag: is: status: priority: before: after: has:attachment'
        ),
    )
    search.searches = True
    search.add_argument("query", nargs="+", metavar="QUERY")
    search.add_argument("-n", "--limit", type=_count, default=50, metavar="N", help=_("at most so many (50)"))
    search.add_argument("--best", action="store_true", help=_("by relevance instead of newest first"))
    show = _command(commands, "show", "reading:show", N_("show one conversation whole"))
    show.add_argument("id", metavar="ID", help=_("as `list` shows it, or '#42' for the number on the screen"))
    outbox = _command(
        commands, "outbox", "reading:outbox", N_("messages on their way, and those that need a word of yours")
    )
    outbox.add_argument("--all", action="store_true", help=_("also those that were sent"))
    _command(commands, "export", "reading:export", N_("every conversation, one JSON object a line"))


def _changing(commands: Any) -> None:
    reply = _command(
        commands,
        "reply",
        "changing:reply",
        N_("queue an answer to the customer"),
        N_(
            "It is held as long as the settings say (10 s), so that `agent-tui undo` can take it back.\n"
            "What speaks against sending is told; `--force CODE` overrides one reason.\n\n"
            "examples:\n  agent-tui reply 42 --text-file answer.txt --attach label.pdf\n"
            "  echo 'It left today.' | agent-tui reply 42 --solve"
        ),
    )
    reply.add_argument("id", metavar="ID")
    _text(reply)
    reply.add_argument(
        "--message", type=int, metavar="NUMBER", help=_("answer this message of it, by its id in `show --json`")
    )
    reply.add_argument("--all", action="store_true", help=_("to everybody of the last message"))
    names_file(reply.add_argument("--attach", action="append", default=[], metavar="FILE"))
    reply.add_argument("--solve", action="store_true", help=_("solved with it, instead of waiting"))
    reply.add_argument("--no-quote", dest="quote", action="store_false", help=_("leave the quoted message out"))
    reply.add_argument("--at", metavar="TIME", help=_("send it later: `2h`, `tomorrow`, `fri 16:05`"))
    reply.add_argument("--now", action="store_true", help=_("send it at once, instead of holding it for `undo`"))
    reply.add_argument(
        "--force",
        action="append",
        default=[],
        type=_reason,
        choices=REASONS,
        metavar="CODE",
        help=_("send in spite of this reason"),
    )
    note = _command(commands, "note", "changing:note", N_("write a note that only your team sees"))
    note.add_argument("id", metavar="ID")
    _text(note)
    assign = _command(commands, "assign", "changing:assign", N_("give conversations to somebody"))
    _ids(assign)
    assign.add_argument("to", metavar="WHO", help=_("me, nobody, or a colleague of the settings"))
    tag = _command(commands, "tag", "changing:tag", N_("add and take away tags"))
    _ids(tag)
    tag.add_argument(
        "tags", nargs="*", metavar="TAG", help=_("tags to add, as TAG or +TAG; behind -- also -TAG to take away")
    )
    tag.add_argument("-r", "--remove", action="append", default=[], metavar="TAG", help=_("a tag to take away"))
    status = _command(commands, "status", "changing:status", N_("set the status"))
    _ids(status)
    status.add_argument("to", choices=["new", "open", "waiting", "solved", "closed", "spam"])
    snooze = _command(
        commands, "snooze", "changing:snooze", N_("out of sight until a time, or until the customer writes"),
        N_("example: agent-tui snooze 42 tomorrow 9:00"),
    )  # fmt: skip
    _ids(snooze)
    snooze.add_argument("until", nargs="+", metavar="TIME", help=_("`2h`, `tomorrow`, `fri 16:05`, `2026-11-30 9:00`"))
    undo = _command(commands, "undo", "changing:undo", N_("take back your newest change, or a named one"))
    undo.add_argument("step", nargs="?", type=_step, metavar="STEP")
    undo.add_argument("--list", action="store_true", help=_("what can be taken back"))


def _keeping(commands: Any) -> None:
    bring = _command(
        commands,
        "import",
        "importing:import_paths",
        N_("take in mail from files: Maildir, mbox, .eml"),
        N_("What is there already is not doubled; what cannot be read is set aside with its reason."),
    )
    names_file(bring.add_argument("paths", nargs="+", type=Path, metavar="PATH"))
    bring.add_argument(
        "--account", default="import", metavar="ID", help=_("the offline account they belong to (import)")
    )
    bring.add_argument(
        "--solved",
        action="store_true",
        help=_("a history that was dealt with elsewhere: what it begins is solved, and it opens nothing again"),
    )
    _command(commands, "doctor", "doctor:doctor", N_("what is wrong, and what can be done"))
    locate = _command(commands, "locate", "doctor:locate_things", N_("where things are"))
    locate.add_argument("what", nargs="?", choices=PLACES, metavar="WHAT", help=_("one of them: config, data, log, …"))
    locate.add_argument("--demo", action="store_true", help=_("of the demo's workspace"))
    completion = _command(
        commands, "completion", "completion:completion", N_("print a completion script for a shell"),
        N_("example: agent-tui completion bash > ~/.local/share/bash-completion/completions/agent-tui"),
        json=False,
    )  # fmt: skip
    completion.add_argument("shell", choices=SHELLS)


def _text(parser: ArgumentParser) -> None:
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--text", metavar="TEXT", help=_("the text itself"))
    names_file(
        given.add_argument(
            "--text-file", default="-", metavar="FILE", help=_("the text; - is standard input, as without this option")
        )
    )


def names_file(option: Action) -> None:
    """What stands behind it is a file: shells complete its name."""
    option.complete = "file"  # type: ignore[attr-defined]


def _ids(parser: ArgumentParser) -> None:
    parser.add_argument("ids", type=lambda text: text.split(","), metavar="ID[,ID…]")


def _reason(text: str) -> str:
    """A reason that is misspelt would override nothing, and nobody would be told."""
    if text not in REASONS:
        raise ArgumentTypeError(
            _("“{code}” is no reason that --force overrides; there are: {known}").format(
                code=text, known=", ".join(REASONS)
            )
        )
    return text


def _count(text: str) -> int:
    number = int(text) if _is_number(text) else 0
    if number < 1:
        raise ArgumentTypeError(_("“{typed}” is no number from 1 on").format(typed=text))
    return number


def _step(text: str) -> int:
    if not _is_number(text):
        raise ArgumentTypeError(_("“{typed}” is no step; `agent-tui undo --list` shows them").format(typed=text))
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 1000:
        raise ArgumentTypeError(_("“{typed}” is no number from 0.01 to 1000").format(typed=text))
    return speed


def _seed(text: str) -> int:
    if not _is_number(text.removeprefix("-")):
        raise ArgumentTypeError(_("“{typed}” is no whole number").format(typed=text))
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS
