"""Date, subject and To of a mail: what everybody who really has it gives back alike."""

from __future__ import annotations

import unicodedata

from agent_tui.content.addresses import folded, read_people
from agent_tui.content.headers import Headers, read_date, split_headers
from agent_tui.content.parsed import Heading
from agent_tui.domain.times import MINUTE

_HEAD_CAP = 200_000
_TO_CAP = 500


def read_heading(headers: Headers) -> Heading:
    """The heading that stands in these fields."""
    people = (person for value in headers.every("to") for person in read_people(value))
    to = [folded(person.address) for person in people if person.address]
    return Heading(read_date(headers.get("date")), headers.text("subject"), tuple(to[:_TO_CAP]))


def heading_of(raw: bytes) -> Heading:
    """The heading of a whole mail."""
    return read_heading(split_headers(raw[:_HEAD_CAP])[0])


def contradicts(given: Heading, sent: Heading) -> bool:
    """What is given back cannot be the mail that was sent. What is missing on either side contradicts nothing.

    Servers cut a subject, put a mark of their own before or behind it (`[External]`), and write a moment in another
    zone.
    """
    if given.sent_at is not None and sent.sent_at is not None and abs(given.sent_at - sent.sent_at) > MINUTE:
        return True
    if given.to and sent.to and not set(given.to) & set(sent.to):
        return True
    told, ours = _letters(given.subject), _letters(sent.subject)
    return not (ours.startswith(told) or told.startswith(ours) or told.endswith(ours))


def gives_back(given: Heading, sent: Heading) -> bool:
    """What is given back shows that its author has the head of the mail that was sent, and not its Message-ID alone.

    That id stands in the References of every later mail, before people whom it never went to. The moment has to be
    the same to the second: a quote tells the minute.
    """
    if given.sent_at is None or given.sent_at != sent.sent_at:
        return False
    if sent.to and not given.to:
        return False
    if _letters(sent.subject) and not _letters(given.subject):
        return False
    return not contradicts(given, sent)


def _letters(subject: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", subject).casefold() if c.isalnum())
