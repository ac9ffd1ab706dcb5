"""Subjects of replies and forwards, in whatever language their prefixes are."""

from __future__ import annotations

import re

from agent_tui.content.safe import safe
from agent_tui.domain.text import SafeText

_PREFIX = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|vá|va|rv|rif|r|res|resp|odp|ang|ynt|ref|回复|答复|回覆|отв|ответ|відп|відповідь)"
    r"(?:\s*[\[(]\s*\d{1,4}\s*[\])])?\s*(?:\^\d{1,3})?\s*[:：]",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*(?:fw|fwd|wg|tr|i|rv|enc|pd|doorst|vl|vb|переслать|пересл|fwd|转发)\s*(?:\[\d{1,4}\])?\s*[:：]", re.IGNORECASE
)
_SHORT_FORWARD = re.compile(r"\s*i\s*:", re.IGNORECASE)
"""Too short to say for sure."""


def bare_subject(subject: str) -> SafeText:
    """The subject without what replies and forwards put before it."""
    text = str(safe(subject, one_line=True))
    for _ in range(20):
        found = _PREFIX.match(text) or _FORWARD.match(text)
        if not found:
            break
        text = text[found.end() :]
    return safe(text, one_line=True)


def reply_subject(subject: str) -> SafeText:
    """`Re: …`, once, whatever language its prefixes had before."""
    text = str(safe(subject, one_line=True))
    while found := _PREFIX.match(text):
        text = text[found.end() :]
    return safe(f"Re: {text.strip()}", one_line=True)


def forward_subject(subject: str) -> SafeText:
    """`Fwd: …`, once."""
    text = str(safe(subject, one_line=True))
    while found := _FORWARD.match(text):
        text = text[found.end() :]
    return safe(f"Fwd: {text.strip()}", one_line=True)


def is_forward_subject(subject: str) -> bool:
    """The subject says that this is a forward, perhaps behind a `Re:` or none."""
    return bool(_FORWARD.match(subject)) and not _SHORT_FORWARD.match(subject)
