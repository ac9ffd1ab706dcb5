"""The words of argparse in the agent's language: it looks for the two translating functions in its own namespace.

What it says is listed here, so that our catalogues hold it; what it says to programmers alone is not.
"""

from __future__ import annotations

import argparse
from typing import Final

from agent_tui.words import N_, _, ngettext

SAID: Final = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("subcommands"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("%(heading)s:"),
    N_(" (default: %(default)s)"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("unrecognized arguments: %s"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("unexpected option string: %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("can't open '%(filename)s': %(error)s"),
    N_('argument "-" with mode %r'),
    N_("%(prog)s: error: %(message)s\n"),
    N_("%(prog)s: warning: %(message)s\n"),
    N_("command '%(parser_name)s' is deprecated"),
    N_("option '%(option)s' is deprecated"),
    N_("argument '%(argument_name)s' is deprecated"),
)
"""All that any Python from 3.11 to 3.13 says."""


def expected(number: int) -> str:
    """The one sentence of argparse that goes with a number; here so that catalogues hold both its forms."""
    return ngettext("expected %s argument", "expected %s arguments", number)


def speak() -> None:
    """From now on argparse says what it says in our words."""
    vars(argparse).update(_=_, ngettext=ngettext)
