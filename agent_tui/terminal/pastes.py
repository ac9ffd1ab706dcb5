"""Pastes taken out of what the terminal sends, before anything reads keys in it.

Whoever wrote the text that is pasted may have put escape sequences and control characters into it, even the mark that
ends a paste. So what stands between the marks is never given to a parser of keys; it is text, and what follows the
end at once is text as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"

CAP: Final = 1_000_000
"""Characters of one paste; what is beyond is left out."""

SILENCE: Final = 2.0
"""Seconds without a sign after which a paste whose end got lost is over, or it would hold the keyboard for ever."""

SPLIT: Final = 1.0
"""Seconds within which the two halves of a mark may come."""

AFTER: Final = 0.1
"""Seconds behind a paste within which nobody presses a key yet."""

LATE: Final = 10.0
"""Seconds for which the rest of a paste that stalled may still come."""

_HARMLESS = re.compile(r"(?:\x1b\[[IO]|\x1b\[<\d{1,5};\d{1,5};\d{1,5}m)+")
"""The terminal got or lost the focus, a button was let go: they come behind a paste, and do nothing by themselves."""
_ONE_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?|.", re.DOTALL)

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SEQUENCE = re.compile(
    # strings with an end, CSI, and the short ones; a string without an end would hide the rest
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x80-\x9f\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[ -/]{1,4}[0-~]|\x1b[0-Z\\^-~]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """Pasted text without anything that could be a key or a command: of control characters, newlines and tabs stay."""
    if text.isprintable():
        return text
    return _CONTROL.sub("", _SEQUENCE.sub("", _NEWLINES.sub("\n", text)))


@dataclass(frozen=True, slots=True)
class Typed:
    """What may be keys."""

    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Text, cleaned."""

    text: str
    cut: bool = False
    """It was too long: its end is missing."""


class PasteTaker:
    """Parts what the terminal sends into typing and pastes, wherever the reads may be cut."""

    def __init__(self) -> None:
        self._inside = False
        self._held: list[str] = []
        self._size = 0
        self._tail = ""
        """Outside, the beginning of a start that typing ended with; inside, the beginning of an end."""
        self._read_at = float("-inf")
        self._wary_until = float("-inf")
        self._late_until = float("-inf")
        self.restarted = False
        """The typing handed on before ended with a piece of a mark: whatever reads keys has to forget it."""

    def take(self, text: str, now: float) -> list[Typed | Pasted]:
        """What was read at once, in its parts."""
        self.restarted = False
        if not self._inside and now - self._read_at > SPLIT:
            self._tail = ""
        self._read_at = now
        return list(self._parts(text, now))

    def tick(self, now: float) -> Pasted | None:
        """The paste whose end never came, once it is clear that it will not."""
        if not self._inside or now - self._read_at <= SILENCE:
            return None
        self._late_until = now + LATE
        return self._close()

    def _parts(self, text: str, now: float) -> Iterator[Typed | Pasted]:
        wary = now <= self._wary_until
        while text:
            if self._inside:
                body, end, text = (self._tail + text).partition(END)
                self._tail = "" if end else _begun(body, END)
                self._hold(body[: len(body) - len(self._tail)])
                if not end:
                    return
                yield self._close()
                wary = True
                self._wary_until = now + AFTER
                self._late_until = float("-inf")
                continue
            typed, text = self._until_start(text)
            if typed:
                yield from self._outside(typed, wary, now)

    def _until_start(self, text: str) -> tuple[str, str]:
        """What stands before the next start of a paste, and what behind it."""
        before = len(self._tail)
        seen = self._tail + text
        typed, start, rest = seen.partition(START)
        if not start:
            self._tail = _begun(seen, START)
            return text, ""
        self._inside, self._tail = True, ""
        self.restarted = self.restarted or len(typed) < before
        return typed[before:], rest

    def _outside(self, text: str, wary: bool, now: float) -> Iterator[Typed | Pasted]:
        rest, end, typed = text.rpartition(END)
        if end:  # the rest of a paste that was given up
            self._late_until, wary = float("-inf"), True
            yield from _some(rest)
        if not typed:
            return
        late = now <= self._late_until and not _ONE_KEY.fullmatch(typed)
        if (wary or late) and not _HARMLESS.fullmatch(typed):
            if wary:
                self._wary_until = now + AFTER
            yield from _some(typed)
            return
        yield Typed(typed)

    def _hold(self, text: str) -> None:
        room = CAP - self._size
        if room > 0 and text:
            self._held.append(text[:room])
        self._size += len(text)

    def _close(self) -> Pasted:
        pasted = Pasted(clean("".join(self._held)), cut=self._size > CAP)
        self._inside, self._held, self._size, self._tail = False, [], 0, ""
        return pasted


def _some(text: str) -> Iterator[Pasted]:
    if cleaned := clean(text):
        yield Pasted(cleaned)


def _begun(text: str, mark: str) -> str:
    """The beginning of a mark with which a text ends."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return mark[:length]
    return ""
