"""Every word a person sees goes through here.

A thin wrapper of gettext: the catalogue is read at the first word, `set_language` chooses another one. The
language `pseudo` makes every text a third longer and marks both its ends, so that a label that is cut shows itself
before a translator meets it.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DOMAIN: Final = "agent_tui"
CATALOGUES: Final = Path(__file__).parent / "locale"
SOURCE: Final = "en"
"""The language that the texts in the code are written in."""
PSEUDO: Final = "pseudo"
PSEUDO_ENDS: Final = ("‹", "›")
"""Marks around a text of the pseudo-language: one that shows only the first was cut."""

_state: dict[str, gettext.NullTranslations | str] = {}


def language() -> str:
    """The chosen language as a code, `pseudo`, or empty where the locale decides."""
    if "language" not in _state:
        _state["language"] = os.environ.get("AGENT_TUI_LANGUAGE", "")
    return str(_state["language"])


def set_language(code: str) -> None:
    """Speak another language from the next word on. An unknown one speaks English."""
    _state.clear()
    _state["language"] = code


def languages() -> Sequence[str]:
    """Codes of the languages that there are words of."""
    found = (path.parent.parent.name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return sorted({SOURCE, *found})


def speaks(code: str) -> bool:
    """Whether there are words of this language: `uk_UA` is spoken where `uk` is."""
    if code == PSEUDO or re.split(r"[_.@]", code)[0] == SOURCE:
        return True
    return gettext.find(DOMAIN, str(CATALOGUES), [code]) is not None


def _catalogue() -> gettext.NullTranslations:
    loaded = _state.get("catalogue")
    if not isinstance(loaded, gettext.NullTranslations):
        code = language()
        languages = [code] if code else None
        loaded = gettext.translation(DOMAIN, str(CATALOGUES), languages=languages, fallback=True)
        _state["catalogue"] = loaded
    return loaded


def _(text: str) -> str:
    """The text in the agent's language."""
    if not text:
        return ""
    return stretched(text) if language() == PSEUDO else _catalogue().gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The form of a text that goes with a number."""
    if language() == PSEUDO:
        return stretched(one if number == 1 else many)
    return _catalogue().ngettext(one, many, number)


def pgettext(context: str, text: str) -> str:
    """A text whose meaning hangs on where it stands, as `open` the status and `open` the command."""
    if language() == PSEUDO:
        return stretched(text)
    return _catalogue().pgettext(context, text)


def N_(text: str) -> str:  # noqa: N802 - the name that catalogue tools look for
    """Mark a text for the catalogue without translating it here."""
    return text


def stretched(text: str) -> str:
    """The text, 35 % longer, between two marks. Parameters in braces stay as they are."""
    more = max(2, -(-len(text) * 35 // 100))
    first, last = PSEUDO_ENDS
    return f"{first}{text}{'~' * (more - 2)}{last}"


def grouped(number: int) -> str:
    """A number as it is read: 218,402."""
    return f"{number:,}"
