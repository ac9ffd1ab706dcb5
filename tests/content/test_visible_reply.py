"""The visible reply of other projects' test mails.

Compared is the text without folded quotes and signature; runs of white space count as one space, since other programs
keep or drop empty lines as they like. At least nine of ten must be met; the misses are named here with their reason.
"""

from __future__ import annotations

import re
import tomllib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from agent_tui.content.mail import read_mail
from agent_tui.content.parsed import ParsedMail
from agent_tui.content.safe import safe

TRIMMER_MISSES = {
    "embedded_email_17.txt": "expects a quote below its introduction to stay in sight where text follows; it is folded here",
    "embedded_email_7.txt": "the same, and expects lines that begin with initials (`C>`) to be dropped; they stay here",
    "forwarded_apple.txt": "a forward is folded there; here its content is news to the agent and stays in sight",
    "forwarded_gmail.txt": "the same",
    "forwarded_message.txt": "the same: who wrote what is forwarded stays in sight",
}
TALON_MISSES = {
    "standard_replies/outlook.eml": "its alternatives say different things; the HTML is shown here, with a warning",
}

EXPECTED: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "talon_expected" / "expected.toml").read_text("utf-8")
)["mail"]


def visible(mail: ParsedMail) -> str:
    gaps = sorted([*mail.quoted, *([mail.signature] if mail.signature else [])], key=lambda span: span.start)
    kept, at = [], 0
    for gap in gaps:
        assert at <= gap.start <= gap.end <= len(mail.text), "spans lie within the text and do not overlap"
        kept.append(mail.text[at : gap.start])
        at = gap.end
    return "".join([*kept, mail.text[at:]]).strip("\n")


def as_mail(text: str, kind: str = "plain", sender: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"] = f'"{sender}" <someone@example.com>' if "@" not in sender else sender
    mail.set_content(text, subtype=kind, cte="base64")
    return mail.as_bytes()


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.corpus
def test_email_reply_trimmer(corpus: Path) -> None:
    folder = corpus / "email_reply_trimmer"
    names = sorted(path.name for path in (folder / "emails").iterdir())
    missed = set()
    for name in names:
        mail = read_mail(as_mail((folder / "emails" / name).read_text("utf-8")))
        expected = safe((folder / "trimmed" / name).read_text("utf-8")) if (folder / "trimmed" / name).exists() else ""
        if squeezed(visible(mail)) != squeezed(expected):
            missed.add(name)
    assert len(names) >= 60
    assert missed <= set(TRIMMER_MISSES), f"newly missed: {missed - set(TRIMMER_MISSES)}"
    assert len(missed) <= len(names) // 10


def _talon_cases(corpus: Path) -> list[tuple[str, bytes, dict[str, Any]]]:
    cases = []
    for entry in EXPECTED:
        path = corpus / "talon" / entry["path"]
        raw = path.read_bytes()
        text = re.sub(r"^#(?:sig|reply)#", "", raw.decode("utf-8", "replace"), flags=re.MULTILINE)
        if path.suffix == ".html":
            cases.append((entry["path"], as_mail(text, "html"), entry))
        elif path.suffix == ".eml":
            cases.append((entry["path"], raw, entry))
            if entry.get("html"):
                told = {
                    **entry,
                    "first": entry.get("html_first", entry["first"]),
                    "last": entry.get("html_last", entry["last"]),
                }
                cases.append((entry["path"] + " html", _html_alone(raw), told))
        elif text.startswith("From:"):
            cases.append((entry["path"], text.encode(), entry))
        else:
            cases.append((entry["path"], as_mail(text, sender=entry.get("sender", "")), entry))
    return cases


def _html_alone(raw: bytes) -> bytes:
    import email

    message = email.message_from_bytes(raw)
    part = next(part for part in message.walk() if part.get_content_type() == "text/html")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return as_mail(payload.decode(part.get_content_charset() or "utf-8", "replace"), "html")


def _fault(mail: ParsedMail, entry: dict[str, Any]) -> str:
    lines = [line.strip() for line in visible(mail).split("\n") if line.strip()]
    if not lines:
        return "nothing in sight"
    text = "\n".join(lines)
    if entry["first"] not in lines[0]:
        return f"first line {lines[0]!r}"
    if entry["last"] not in lines[-1]:
        return f"last line {lines[-1]!r}"
    for absent in entry["absent"]:
        if re.search(rf"(?<!\w){re.escape(absent)}(?!\w)", text):
            return f"{absent!r} in sight"
    for held in entry.get("holds", []):
        if held not in text:
            return f"{held!r} not in sight"
    return ""


@pytest.mark.corpus
def test_talon(corpus: Path) -> None:
    cases = _talon_cases(corpus)
    faults = {name: fault for name, raw, entry in cases if (fault := _fault(read_mail(raw), entry))}
    assert len(cases) >= 40
    assert set(faults) <= set(TALON_MISSES), faults
    assert len(faults) <= len(cases) // 10
