"""The one door through which foreign text becomes `SafeText`.

A terminal obeys what it is sent, and a reader believes what he sees. So nothing leaves here that a terminal could
take for a command, that turns the order of what is shown, that hides between visible characters, or that piles up
marks on one cell. Everything is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from agent_tui.domain.text import NOTHING, SafeText

MARK: Final = "\ufffd"
"""Stands where something was taken out that a reader should know of."""
LINE_CAP: Final = 1000
"""Characters of a text for a list cell, a subject, a name."""
NAME_CAP: Final = 160
MARKS_CAP: Final = 4
"""Combining marks upon one character; living scripts need up to four."""
_STRING_CAP: Final = 4096

_ORDINARY = re.compile(r"[\x20-\x7e\n]*\Z")
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SEQUENCE = re.compile(
    # OSC, DCS, SOS, PM, APC with their strings; a string without an end is not followed, or it would hide the rest.
    rf"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x80-\x9f\n]{{0,{_STRING_CAP}}}(?:\x07|\x1b\\|\x9c)"
    # CSI
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"
    # two-character sequences: charsets, keypad, full reset
    r"|\x1b[ -/]{1,4}[0-~]|\x1b[0-Z\\^-~]"
)
_ZW_JOINERS = re.compile("[\u200c\u200d\ufe0f]+")
_BLANKS = re.compile(r"\s+")

_DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN: Final = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0\ufeff")
_WITHOUT_INK: Final = frozenset("\u2800\U0001d159\U00013441\U00013442")
"""Letters and signs by their category, and yet nothing but room: blank of Braille, null note, blanks between hieroglyphs."""
_KEPT_UNTIL_LATER: Final = "\u200c\u200d\ufe0f"
_PICTURES: Final = ((0x1F300, 0x1FAFF),)
"""Newer pictures than this Python knows stand here; terminals know them."""

_JOINING = re.compile(
    "[\u0600-\u06ff\u0700-\u077f\u0780-\u07bf\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
)
_EMOJI = re.compile("[\u203c-\u3299\U0001f000-\U0001faff#*0-9©®]")


def _shown(char: str) -> str:
    """What stands for one character."""
    code = ord(char)
    if code < 0x20:
        return {"\n": "\n", "\t": "\t"}.get(char, chr(0x2400 + code))
    if code == 0x7F:
        return "\u2421"
    if char in _KEPT_UNTIL_LATER:
        return char
    if char in _DIRECTION or char in _UNSEEN or 0xFE00 <= code <= 0xFE0E or 0xE0000 <= code <= 0xE0FFF:
        return ""
    if char in _WITHOUT_INK:
        return " "
    category = unicodedata.category(char)
    if category == "Zs":
        return char if char == "\u3000" else " "
    if category == "Cf":
        return ""
    if category in {"Cc", "Cs", "Co"}:
        return MARK
    if category == "Cn":
        return char if any(low <= code <= high for low, high in _PICTURES) else MARK
    return char


class _Shown(dict[int, str]):
    """A table for `str.translate` that learns characters as they come."""

    def __missing__(self, code: int) -> str:
        shown = _shown(chr(code))
        if len(self) < 50_000:
            self[code] = shown
        if shown and code > 0x2FF:
            _MARKS.update(c for c in unicodedata.normalize("NFC", shown) if _is_mark(c))
        return shown


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"} and char != "\ufe0f"


_MARKS: Final[set[str]] = set()
"""Combining marks met so far: text that holds none of them needs no further look."""
_TABLE: Final = _Shown()


def safe(text: str, *, one_line: bool = False, cap: int = LINE_CAP) -> SafeText:
    """Text that may be shown. With `one_line` it fits a list cell: no newlines, no joiners, at most `cap` characters."""
    if not text:
        return NOTHING
    if isinstance(text, SafeText) and not one_line:
        return text
    if one_line and len(text) > 64 * cap:
        text = text[: 64 * cap]
    if not (text.isascii() and _ORDINARY.match(text)):
        text = _clean(text, one_line)
    if one_line:
        text = _BLANKS.sub(" ", text).strip()
        if len(text) > cap:
            text = text[: cap - 1].rstrip() + "…"
    return SafeText.trusted(text)


def _clean(text: str, one_line: bool) -> str:
    text = _NEWLINES.sub("\n", text)
    text = _SEQUENCE.sub("", text)
    text = text.translate(_TABLE)
    if "\t" in text:
        text = text.expandtabs(4)
    if text.isascii():
        return text
    text = _ZW_JOINERS.sub("" if one_line else _joiner, text)
    text = _cap_marks(text)
    # Marks are capped before: ordering a long run of them takes quadratic time.
    text = unicodedata.normalize("NFC", text)
    return _cap_marks(text)


def _joiner(match: re.Match[str]) -> str:
    """The joiner where a script or a picture needs it between its neighbours, else nothing."""
    before = match.string[match.start() - 1 : match.start()] if match.start() else ""
    after = match.string[match.end() : match.end() + 1]
    run = match.group()
    if _JOINING.match(before) and _JOINING.match(after):
        return run[0] if run[0] != "\ufe0f" else ""
    if before and _EMOJI.match(before):
        kept = "\ufe0f" if run[0] == "\ufe0f" else ""
        return kept + ("\u200d" if "\u200d" in run and after and _EMOJI.match(after) and ord(after) > 0xFF else "")
    return ""


def _cap_marks(text: str) -> str:
    if _MARKS.isdisjoint(text):
        return text
    one = "[" + "".join(re.escape(c) for c in sorted(_MARKS.intersection(text))) + "]"
    text = re.sub(rf"(^|\n){one}+", r"\1", text)
    return re.sub(rf"({one}{{{MARKS_CAP}}}){one}+", r"\1", text)


# Names of files

_SHOWN_IN_NAMES = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u061c\u00ad\U000e0000-\U000e0fff]")
_SURPRISING = re.compile(r"""[\x00-\x1f\x7f-\x9f<>:"/\\|?*$`;&'~%\ud800-\udfff\u2400-\u2421\ufffd]""")
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))]
)
_DISK_BYTES: Final = 180


def file_name(name: str) -> SafeText:
    """A file's name as it may be shown: what hides or turns text is marked, and its true ending is always in sight."""
    text = safe(_SHOWN_IN_NAMES.sub(MARK, name[:20_000]), one_line=True, cap=20_000)
    if len(text) <= NAME_CAP:
        return text
    stem, ending = _split_name(text)
    return SafeText.trusted(stem[: NAME_CAP - 1 - len(ending)].rstrip() + "…" + ending)


def disk_name(name: str) -> str:
    """A name under which a file may be saved: one leaf, nothing a shell, a path or a listing could trip over."""
    leaf = name[:20_000].replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    leaf = safe(_SHOWN_IN_NAMES.sub("_", leaf), one_line=True, cap=20_000)
    leaf = _SURPRISING.sub("_", leaf)
    leaf = re.sub(r" ?\.(?: ?\.)+", ".", leaf).lstrip(" .-").rstrip(" .")
    if not leaf.strip("_"):
        return "attachment"
    stem, ending = _split_name(leaf)
    room = _DISK_BYTES - len(ending.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") or "attachment"
    if stem.split(".", 1)[0].strip().lower() in _RESERVED:
        stem = "_" + stem
    return stem + ending


def _split_name(name: str) -> tuple[str, str]:
    """Stem and ending, as `.pdf`; a long tail is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 16 or not ending.strip():
        return name, ""
    return stem, "." + ending.strip()
