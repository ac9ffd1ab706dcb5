"""What of a mail's text is new, what is quoted, what is a signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_tui.domain.message import Person, Span


@dataclass(slots=True)
class Reply:
    """Where the text is not the writer's new words."""

    quoted: list[Span] = field(default_factory=list)
    signature: Span | None = None


def split_reply(text: str, marked: Sequence[bool] = (), *, author: Person | None = None) -> Reply:
    """Find the quotes and the signature of a text."""
    reply = Reply()
    at = 0
    for number, line in enumerate(text.split("\n")):
        end = at + len(line) + 1
        if line.startswith(">") or (number < len(marked) and marked[number]):
            if reply.quoted and reply.quoted[-1].end == at:
                reply.quoted[-1] = Span(reply.quoted[-1].start, min(end, len(text)))
            else:
                reply.quoted.append(Span(at, min(end, len(text))))
        at = end
    return reply
