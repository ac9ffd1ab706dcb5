"""Arguments of IMAP commands: quoting, folder names, and the refusal of whatever could end a line."""

from __future__ import annotations

import binascii


class ForbiddenArgument(ValueError):
    """An argument holds CR, LF or NUL. Nothing of the command was sent."""


def checked(argument: bytes) -> bytes:
    """The argument itself, if it cannot end the line it stands in."""
    if b"\r" in argument or b"\n" in argument or b"\0" in argument:
        raise ForbiddenArgument("an argument must not hold CR, LF or NUL")
    return argument


def quoted(text: str | bytes) -> bytes:
    """A quoted string."""
    raw = checked(text.encode("utf-8") if isinstance(text, str) else text)
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def encode_folder(name: str) -> bytes:
    """Modified UTF-7 of RFC 3501 5.1.3."""
    out, run = bytearray(), ""
    for char in name:
        if "\x20" <= char <= "\x7e":
            out += _shifted(run)
            run = ""
            out += b"&-" if char == "&" else char.encode("ascii")
        else:
            run += char
    return bytes(out + _shifted(run))


def _shifted(run: str) -> bytes:
    if not run:
        return b""
    raw = run.encode("utf-16-be", "surrogatepass")
    return b"&" + binascii.b2a_base64(raw, newline=False).rstrip(b"=").replace(b"/", b",") + b"-"


def decode_folder(raw: bytes) -> str:
    """A name from the server. What is no modified UTF-7 is read as UTF-8, so that every folder has a name.

    To ask for the folder, send the bytes the server gave: some hand out names that no encoder would make, as
    with a TAB, and want them back as they are.
    """
    try:
        return _decode(raw)
    except (ValueError, UnicodeError):
        return raw.decode("utf-8", "replace")


def _decode(raw: bytes) -> str:
    out, at = [], 0
    while at < len(raw):
        start = raw.find(b"&", at)
        if start < 0:
            out.append(raw[at:].decode("ascii"))
            break
        out.append(raw[at:start].decode("ascii"))
        end = raw.find(b"-", start)
        if end < 0:
            raise ValueError("open shift")
        coded = raw[start + 1 : end]
        out.append(_unshifted(coded) if coded else "&")
        at = end + 1
    return "".join(out)


def _unshifted(coded: bytes) -> str:
    padded = coded.replace(b",", b"/") + b"=" * (-len(coded) % 4)
    return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be", "surrogatepass")


def folder_argument(name: str, raw: bytes | None = None) -> bytes:
    """How a folder is named in a command: its raw name where the server gave one, else our encoding of it."""
    return quoted(raw if raw is not None else encode_folder(name))
