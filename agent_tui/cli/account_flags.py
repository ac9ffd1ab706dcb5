"""The options of a backend as flags of `account add`: declared once, in the backend."""

from __future__ import annotations

import argparse
import unicodedata
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence

from agent_tui.cli.parser import names_file
from agent_tui.domain.account import BackendInfo, OptionField
from agent_tui.words import _

PREFIX = "option:"
"""Before the name of a backend's option among the parsed arguments, so that none takes the place of one of ours."""
OURS = ("id", "label", "own_addresses", "own_name", "signature")
THEIRS = {"own_addresses": "addresses", "own_name": "name"}
"""What every account has, where a backend declares it itself under another name."""

YES_NO = ("yes", "no")


def backend_info(name: str) -> BackendInfo:
    """What a backend needs. Raises `BrokenBackend`."""
    from agent_tui.backends.registry import info, load

    return info(load(name))


def add_flags(parser: ArgumentParser, backend: str) -> None:
    """Add the flags of a backend. An unknown or broken one is reported by the command itself."""
    from agent_tui.backends.registry import BrokenBackend

    try:
        options = backend_info(backend).options
    except BrokenBackend:
        return
    _ours(parser, {option.name for option in options})
    group = parser.add_argument_group(_("options of {backend}").format(backend=backend))
    secrets = parser.add_argument_group(_("secrets (asked for where nothing is said)"))
    for option in options:
        if option.kind == "secret":
            _secret(secrets, option)
        elif option.name not in OURS:
            group.add_argument(
                flag(option.name),
                dest=PREFIX + option.name,
                type=str if option.kind == "list" else one_line,
                metavar=_metavar(option),
                choices=_choices(option),
                help=_help(option),
                required=option.required,
            )


def flag(name: str) -> str:
    """An option's name as a flag."""
    return "--" + name.replace("_", "-")


def one_line(text: str) -> str:
    """What goes into headers and commands of servers holds nothing that would begin another one."""
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text.strip()):
        raise ArgumentTypeError(_("must not have line breaks or control characters"))
    return text


def _ours(parser: ArgumentParser, theirs: set[str]) -> None:
    parser.add_argument(
        "--id", dest=PREFIX + "id", type=one_line, metavar="ID", help=_("a short name of its own, as `support`")
    )
    parser.add_argument("--label", dest=PREFIX + "label", type=one_line, metavar="TEXT", help=_("how it is shown"))
    if THEIRS["own_addresses"] not in theirs:
        parser.add_argument(
            "--own-addresses",
            dest=PREFIX + "own_addresses",
            metavar="A,B",
            help=_("addresses of ours; the first is the one new messages come from"),
        )
    if THEIRS["own_name"] not in theirs:
        parser.add_argument(
            "--own-name", dest=PREFIX + "own_name", type=one_line, metavar="NAME", help=_("how customers see us")
        )
    names_file(
        parser.add_argument(
            "--signature-file", metavar="FILE", help=_("the signature: text that stands below what we write")
        )
    )
    parser.add_argument(
        "--secrets",
        choices=["keyring", "vault"],
        help=_("where secrets are kept: the system's keyring, or an encrypted file"),
    )
    parser.add_argument("--no-check", dest="check", action="store_false", help=_("do not try the account now"))
    oauth = parser.add_argument_group(_("OAuth (the secret `token` is then a refresh token)"))
    oauth.add_argument("--oauth-url", metavar="URL", help=_("the issuer's token endpoint"))
    oauth.add_argument("--oauth-client-id", metavar="ID")
    oauth.add_argument("--oauth-scope", metavar="SCOPE", default="")
    oauth.add_argument("--oauth-client-secret-stdin", action="store_true", help=_("read it after the other secrets"))


def _secret(group: argparse._ArgumentGroup, option: OptionField) -> None:
    name = flag(option.name)
    way = group.add_mutually_exclusive_group()
    way.add_argument(
        f"{name}-command",
        dest=f"{PREFIX}{option.name}:command",
        metavar="COMMAND",
        help=_("{title}: what this program prints, as 'pass show mail/support'").format(title=_(option.title)),
    )
    way.add_argument(
        f"{name}-stdin",
        dest=f"{PREFIX}{option.name}:stdin",
        action="store_true",
        help=_("{title}: a line of standard input").format(title=_(option.title)),
    )
    way.add_argument(
        f"{name}-env",
        dest=f"{PREFIX}{option.name}:env",
        action="store_true",
        help=_("{title}: the variable AGENT_TUI_SECRET_<ACCOUNT>_{name}, now and later").format(
            title=_(option.title), name=option.name.upper()
        ),
    )


def _choices(option: OptionField) -> Sequence[str] | None:
    return YES_NO if option.kind == "flag" else option.choices or None


def _metavar(option: OptionField) -> str | None:
    if option.choices:
        return None
    return {"integer": "N", "number": "N", "size": "N|N MiB", "flag": "yes|no", "list": "A,B"}.get(option.kind, "TEXT")


def _help(option: OptionField) -> str:
    text = _(option.title) + (f": {_(option.help)}" if option.help else "")
    default = ",".join(map(str, option.default)) if isinstance(option.default, list) else option.default
    text += f" ({default})" if default not in (None, "") and not option.required else ""
    return text.replace("%", "%%")
