"""What of a mail is believed to be its author's word, by what our own server thinks of it."""

from __future__ import annotations

from agent_tui.backends.api import MailArrived
from agent_tui.content.parsed import ParsedMail
from agent_tui.domain.message import Automatic, in_doubt
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.sync.identity import plain_name


def surely_his(parsed: ParsedMail) -> bool:
    """A mail that may be another's tells nothing new of the one whose address it bears."""
    return not in_doubt(parsed.warnings)


def is_distrusted(parsed: ParsedMail, change: MailArrived) -> bool:
    """The server put it among spam, and its sender is in doubt: it is nobody's word, and changes and stops nothing.

    One among spam that nothing speaks against is heard like any other where its author has a part: filters misfile
    answers of customers, and one that nobody hears costs more than a look at a forged one.
    """
    return change.role == "junk" and not surely_his(parsed)


def is_proven(parsed: ParsedMail, change: MailArrived) -> bool:
    """Of what lies among spam only what our own server vouches for says how its author is called and spelled."""
    return parsed.verified or change.role != "junk"


def names_him(parsed: ParsedMail, change: MailArrived) -> bool:
    """Programs that answer by themselves sign as they were set up to: people are called what they call themselves."""
    return parsed.automatic not in (Automatic.REPLY, Automatic.REPORT) and is_proven(parsed, change)


def called(parsed: ParsedMail, change: MailArrived) -> SafeText:
    """What the author calls himself."""
    return plain_name(parsed.author) if names_him(parsed, change) and surely_his(parsed) else NOTHING
