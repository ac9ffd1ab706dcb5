"""Every error that mail can meet has a sentence of its own."""

from __future__ import annotations

import re
from pathlib import Path

from agent_tui import sentences_table
from agent_tui.backends import errors
from agent_tui.backends.errors import BackendError

ROOM = Path(errors.__file__).parent
SOURCES = [*(ROOM / "imap").glob("*.py"), ROOM / "http.py"]
CODES = {
    kind.__name__: kind.code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BackendError)
}


def test_every_error_has_a_sentence() -> None:
    for code in CODES.values():
        assert code in sentences_table.FAULTS or code == "backend"


def test_what_a_person_must_mend_says_what() -> None:
    """Refusals, certificates and lines without protection are told apart, not summed up."""
    told = set()
    for source in SOURCES:
        text = source.read_text("utf-8")
        for kind, reason in re.findall(
            r'(InsecureLine|CertificateRefused|Misconfigured|Unsupported)\(\s*"[^"]*",\s*reason="(\w+)"', text
        ):
            told.add(f"{CODES[kind]}.{reason}")
    assert len(told) > 10
    general = {"certificate_refused.not_trusted", "unsupported.no_idle", "unsupported.refused"}
    assert told - set(sentences_table.FAULTS) <= general


def test_what_became_of_a_mail_has_a_sentence() -> None:
    text = (ROOM / "imap" / "submission.py").read_text("utf-8")
    codes = set(re.findall(r'(?:Rejected|Unknown|_rejected)\(\s*"(\w+)"', text))
    assert len(codes) > 6
    assert codes <= set(sentences_table.FAULTS)
    aside = set(
        re.findall(
            r'(?:_Failed|_unreadable)\([^)]*"(\w+)"|"(no_body|fetch_answer)"',
            (ROOM / "imap" / "mails.py").read_text("utf-8"),
        )
    )
    assert {one or other for one, other in aside} <= set(sentences_table.FAULTS)
