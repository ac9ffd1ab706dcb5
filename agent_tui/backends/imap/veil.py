"""A server's words without our secrets: some repeat what was sent to them, and their words are kept and shown."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, quote_plus

from agent_tui.content.safe import safe

MARK = "•••"
SAID = 300
"""Characters of a server's words that are kept."""
_SHORTEST = 4
"""Letters of an encoded form that are told from chance."""
_STRETCH, _HEX_STRETCH = 6, 10
"""As many letters of a secret in a row are no chance."""


class Veil:
    """Knows the secrets that a line carried. Takes them out in clear, in Base64 within any other text, and quoted."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._pieces: dict[int, set[str]] = {}
        """Stretches of the letters and digits of secrets, forwards and backwards, and as hexadecimal; by length."""

    def __repr__(self) -> str:
        return "Veil()"

    def hide(self, secret: str) -> None:
        """From now on."""
        if not secret:
            return
        raw = secret.encode("utf-8", "surrogatepass")
        quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw), secret.replace("\\", "\\\\").replace('"', '\\"')}
        self._forms |= {secret, *quoted, *(form for form in _encoded(raw) if len(form) >= _SHORTEST)}
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        letters, digits = _bare(secret), raw.hex()
        for text in (letters, letters[::-1], digits, raw[::-1].hex()):
            length = min(_STRETCH if text in (letters, letters[::-1]) else _HEX_STRETCH, len(text))
            if length >= _SHORTEST:
                found = {text[at : at + length] for at in range(len(text) - length + 1)}
                self._pieces.setdefault(length, set()).update(found)

    def said(self, text: str) -> str:
        """One safe line, with a mark where a secret stood."""
        # once more behind `safe`: what it takes out may have parted a secret
        line = self._over(safe(self._over(text[:65536]), one_line=True, cap=4096))
        return MARK if self._holds_a_piece(line) else safe(line, one_line=True, cap=SAID)

    def _holds_a_piece(self, line: str) -> bool:
        """A part of a secret, or all of it in another dress: then nothing of the line is kept."""
        letters = _bare(line)
        digits = "".join(letter for letter in letters if letter in "0123456789abcdef")
        return any(
            text[at : at + length] in pieces
            for length, pieces in self._pieces.items()
            for text in (letters, digits)
            for at in range(len(text) - length + 1)
        )

    def _over(self, text: str) -> str:
        return self._pattern.sub(MARK, text) if self._pattern is not None else text


def _bare(text: str) -> str:
    """Its letters and digits, small."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _encoded(raw: bytes) -> set[str]:
    """The letters that Base64 has for it, whatever stands before and behind it."""
    found = set()
    for ahead in range(3):
        text = base64.b64encode(b"\0" * ahead + raw).decode()
        core = text[-(-ahead * 8 // 6) : (ahead + len(raw)) * 8 // 6]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return found
