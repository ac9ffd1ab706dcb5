"""The logs of worker and desk: files that stay small, closed to others, without control characters and secrets."""

from __future__ import annotations

import base64
import logging
import os
import re
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SECRETS = (
    re.compile(r"(?i)\b(auth\w*[ =:]+(?:login|plain|xoauth2|oauthbearer)\s+)\S+"),
    re.compile(r"(?i)\b(login\s+\S+\s+)\S+"),
    re.compile(r"(?i)\b(bearer\s+)[\w.~+/=-]+"),
    re.compile(
        r"(?i)\b((?:password|passwd|passphrase|secret|token|api[_-]?key)\w*['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|\S+)"
    ),
)
_SIZE, _KEPT = 1 << 20, 3

FURTHER = "    "
"""Before each line of an entry that is not its first."""


class Redacting(logging.Formatter):
    """Formats records; what could be a secret or a command to a terminal does not get through."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._known: set[str] = set()

    def hide(self, secret: str) -> None:
        """This text is a secret: it will stand in no line."""
        if len(secret) >= 4:
            self._known.update([secret, *_encoded(secret)])

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._known:
            text = text.replace(secret, "***")
        for pattern in _SECRETS:
            text = pattern.sub(r"\1***", text)
        first, *rest = text.split("\n")
        return "\n".join([clean(first), *(f"{FURTHER}{clean(line)}" for line in rest)])


def _encoded(secret: str) -> Iterator[str]:
    """What of a secret shows in base64, wherever in the encoded text it stands: logins are sent so."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode()
        core = text.rstrip("=")[-(-before * 8 // 6) : -1]
        if len(core) >= 6:
            yield core


def clean(line: str) -> str:
    """A line without control characters; what was there can still be seen."""
    return _CONTROL.sub(lambda m: f"\\x{ord(m.group()):02x}", line)


class _PrivateFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")


def start(path: Path, level: str = "info") -> Redacting:
    """Log into this file. Debug lines of libraries that print what goes over the line stay off at any level."""
    formatter = Redacting()
    handler = _PrivateFile(path, maxBytes=_SIZE, backupCount=_KEPT, delay=False)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _PrivateFile)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for talkative in ("imapclient", "aiosmtplib", "httpx", "httpcore", "asyncio", "keyring", "alembic", "sqlalchemy"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return formatter
