"""Which letters of other layouts stand on which key of a Latin keyboard."""

from __future__ import annotations

from typing import Final

_LATIN: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN: Final = "йцукенгшщзхъфывапролджэячсмитьбюё"
_LATIN_SHIFT: Final = 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~'
_UKRAINIAN: Final = {
    "і": "s",
    "ї": "]",
    "є": "'",
    "ґ": "\\",
    "І": "S",
    "Ї": "}",
    "Є": '"',
    "Ґ": "|",
    "ў": "o",
    "Ў": "O",
}
POSITIONS: Final[dict[str, str]] = {
    **dict(zip(_RUSSIAN, _LATIN, strict=True)),
    **dict(zip(_RUSSIAN.upper(), _LATIN_SHIFT, strict=True)),
    **_UKRAINIAN,
    "№": "#",
}
"""A Cyrillic letter and what stands on the same key of a Latin keyboard. The full stop and the comma of these
layouts stand on `/` and `?`; since Latin keyboards have them too, the desk keeps them as aliases."""
