"""Bytes to text, whatever charset they claim."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

ALIASES: Final = {
    "uft-8": "utf-8",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "dos-874": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "x-gb2312": "gb18030",
    "x-big5": "big5hkscs",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "cp-850": "cp850",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "koi8": "koi8-r",
    "koi": "koi8-r",
    "win-1251": "cp1251",
    "windows1251": "cp1251",
    "x-cp1251": "cp1251",
    "cp-1251": "cp1251",
    "win1251": "cp1251",
    "x-cp1252": "cp1252",
    "utf-16": "utf-16",
    "iso-10646-ucs-2": "utf-16-be",
}
"""Names that mails use, by what their senders mean. Latin-1 always means its Windows cousin."""

_UNTOLD: Final = frozenset(
    [
        "",
        "us-ascii",
        "ascii",
        "unknown",
        "unknown-8bit",
        "x-unknown",
        "8bit",
        "default",
        "none",
        "binary",
        "x-user-defined",
    ]
)
"""Names that say nothing about bytes above 127."""
_NOT_TEXT: Final = frozenset(
    [
        "hex",
        "base64",
        "bz2",
        "zip",
        "zlib",
        "uu",
        "rot13",
        "rot-13",
        "quopri",
        "idna",
        "punycode",
        "undefined",
        "unicode-escape",
        "raw-unicode-escape",
        "mbcs",
        "oem",
        "palmos",
    ]
)
_TRIVIAL = re.compile(r"[^a-z0-9_.:+-]")
_ESCAPES = re.compile(rb"\x1b(?:\$[@B(]|\([BIJ])")
_LATIN: Final = frozenset(
    {"cp1250", "iso8859-2", "cp1254", "cp1257", "iso8859-4", "iso8859-13", "iso8859-15", "iso8859-16", "cp1258"}
)
_GUESSED_SELDOM: Final = re.compile(r"cp(?:437|7\d\d|85\d|86[0-5]|869)|mac_\w+|johab|hz|utf_?16|utf-16", re.IGNORECASE)
"""Charsets of old machines in which no mail is written unsaid; they fit any bytes."""
_CYRILLIC: Final = ("koi8-u", "cp1251")
_CYRILLIC_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_CASE = re.compile(r"[А-ЯЁІЇЄҐЎ]?[а-яёіїєґў]+|[А-ЯЁІЇЄҐЎ]")
_CYRILLIC_USUAL: Final = frozenset("оеаинтсрвлкмдупі")
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3}")
_GUESS_FROM: Final = 20_000
_SURE_FROM: Final = 24
"""So many bytes a guess must stand on that goes against what the mail says."""


@lru_cache(maxsize=256)
def codec_name(charset: str) -> str:
    """Python's name of a charset as a mail names it; empty where it names none that is text."""
    name = _TRIVIAL.sub("", charset.split(";", 1)[0].strip().strip("'\"").lower())[:40]
    if name in _UNTOLD:
        return ""
    name = ALIASES.get(name, name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if (
        found.name in _NOT_TEXT
        or found.name.replace("_", "-") in _NOT_TEXT
        or not getattr(found, "_is_text_encoding", True)
    ):
        return ""
    return ALIASES.get(found.name, found.name)


def decode(data: bytes, charset: str = "") -> str:
    """The text of `data`: as declared where that works, else UTF-8, else the likeliest, else Windows Latin-1."""
    if not data:
        return ""
    if not charset and data.isascii() and b"\x1b" not in data and b"\0" not in data:
        return data.decode("ascii")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and len(data) % 2 == 0 and b"\0" in data[:200]:
        return data.decode("utf-16", "replace")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    name = codec_name(charset)
    if (
        data.isascii()
        and b"\x1b" not in data
        and b"\0" not in data
        and name not in {"utf-7", "hz"}
        and "16" not in name
    ):
        return data.decode("ascii")
    return _decode_declared(data, name) if name else _decode_untold(data)


def _decode_declared(data: bytes, name: str) -> str:
    if name not in {"utf-8", "utf-7"} and not name.startswith(("utf-16", "utf-32", "iso2022")):
        try:  # bytes that are good UTF-8 by chance hardly exist; a wrong label is common
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError, LookupError):
        return (_decode_japanese(data) if name.startswith("iso2022_jp") else "") or _decode_broken(data, name)
    return _decode_untold(data, text) if name == "cp1252" and _is_mojibake(text) else text


def _decode_japanese(data: bytes) -> str:
    """Makers' own signs (circled digits and the like) stand where the later standard has them, under another escape."""
    try:
        return data.replace(b"\x1b$B", b"\x1b$(Q").decode("iso2022_jp_2004")
    except UnicodeDecodeError:
        return ""


def _decode_broken(data: bytes, name: str) -> str:
    """A label that does not fit: a few broken bytes in an else fitting text, or a lie."""
    try:
        text = data.decode(name, "replace")
    except (UnicodeError, ValueError, LookupError):
        return _decode_untold(data)
    broken = text.count("\ufffd")
    if broken <= 3 or broken * 20 <= len(text):
        return text
    other = _decode_untold(data)
    return other if other.count("\ufffd") < broken else text


def _is_mojibake(text: str) -> bool:
    """Letters above ASCII make up most of the letters: no western text looks so, mislabelled Cyrillic does."""
    high = sum(1 for c in text[:4000] if c > "\x7f" and c.isalpha())
    low = sum(1 for c in text[:4000] if c.isascii() and c.isalpha())
    return high > 5 and high > low


def _decode_untold(data: bytes, latin: str = "") -> str:
    """By UTF-8, by the likeliest charset, else as `latin`, or Windows Latin-1."""
    if _ESCAPES.search(data[:_GUESS_FROM]):
        try:
            return data.decode("iso2022_jp")
        except UnicodeDecodeError:
            if text := _decode_japanese(data):
                return text
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken or sum(c > "\x7f" for c in text[:_GUESS_FROM]) > 10 * broken:
        return text  # cut off within a letter, or a byte was lost: no other charset makes so many good sequences
    if not _HIGH_RUN.search(data) and len(_HIGH.findall(data[:_GUESS_FROM])) < 6:
        return data.decode("cp1252", "replace")  # a few accents in Latin text: too little to guess from
    return _guessed(data, surely=bool(latin)) or latin or data.decode("cp1252", "replace")


def _guessed(data: bytes, *, surely: bool) -> str:
    sample = data[:_GUESS_FROM]
    name = _cyrillic(sample)
    if not name and surely and len(_HIGH.findall(sample)) < _SURE_FROM:
        return ""
    if not name:
        from chardet import detect

        name = codec_name(str(detect(sample).get("encoding") or ""))
        if _GUESSED_SELDOM.fullmatch(name):
            return ""
        if not _HIGH_RUN.search(sample) and name not in _LATIN:
            name = "cp1252"  # accents stand alone in Latin text; other scripts have whole words of high bytes
    if not name:
        return ""
    try:
        return data.decode(name, "replace" if len(data) > len(sample) or name == "cp1252" else "strict")
    except (UnicodeError, ValueError, LookupError):
        return ""


def _cyrillic(sample: bytes) -> str:
    """A Cyrillic charset in which all words have the letters and the case of words; too few bytes tell a guesser
    nothing, and read by the wrong one of the two, capitals and small letters change places."""
    if not _HIGH_RUN.search(sample):
        return ""
    found: dict[str, float] = {}
    high = len(_HIGH.findall(sample))
    for name in _CYRILLIC:
        text = sample.decode(name, "replace")
        words = [word for word in _CYRILLIC_WORD.findall(text) if not word.isascii()]
        letters = "".join(words).lower()
        cased = sum(len(word) for word in words if _CYRILLIC_CASE.fullmatch(word))
        usual = sum(letter in _CYRILLIC_USUAL for letter in letters)
        if letters and 10 * len(letters) >= 9 * high and cased >= 0.8 * len(letters) and usual >= 0.6 * len(letters):
            found[name] = usual / len(letters)
    return max(found, key=found.__getitem__) if found else ""
