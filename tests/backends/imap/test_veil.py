"""A server that repeats what was sent to it: our secrets are in no word of it that is kept."""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from agent_tui.backends.api import AuthenticationFailed
from agent_tui.backends.imap.options import ImapOptions, Login, Security
from agent_tui.backends.imap.smtp import Dialog
from agent_tui.backends.imap.veil import Veil
from tests.backends.imap.helpers import make_backend
from tests.servers.scripted import Peer, Scripted, SmtpScript, imap_answers

SECRET = "canary+pass/wörd 93b1"


def traces(text: str) -> list[str]:
    """Forms of the secret that stand in a text; in Base64 whatever stands before it."""
    raw = SECRET.encode()
    forms = [SECRET, quote(SECRET), quote(SECRET, safe="")]
    forms += [base64.b64encode(b"\0" * ahead + raw).decode()[4:-4] for ahead in range(3)]
    return [form for form in forms if form in text]


def options(port: int, **changes: object) -> ImapOptions:
    values = {"host": "127.0.0.1", "port": port, "security": "plain", "user": "a@example.test", "timeout": 5, **changes}
    return ImapOptions.model_validate(values)


@pytest.mark.parametrize("auth", [Login.PASSWORD, Login.OAUTH])
async def test_a_mail_server_that_repeats_the_login(auth: Login) -> None:
    def echo(peer: Peer, tag: bytes) -> None:
        peer.send("+ \r\n")
        coded = peer.line()
        clear = base64.b64decode(coded).replace(b"\0", b" ").replace(b"\1", b" ")
        peer.send(tag + b" NO bad: " + clear + b" (" + coded + b") " + quote(SECRET).encode() + b"\r\n")

    offered = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2"
    with Scripted(lambda peer: imap_answers(peer, {b"AUTHENTICATE": echo}, capabilities=offered)) as server:
        backend = make_backend(options(server.port, auth=auth), {"password": SECRET, "token": SECRET})
        with pytest.raises(AuthenticationFailed) as caught:
            await backend.open()
        await backend.close()
    said = caught.value.parameters["server_said"]
    assert said.startswith("bad: "), "the rest is told"
    assert not traces(said)


async def test_a_mail_server_that_repeats_it_later() -> None:
    answers = {b"LIST": "{tag} NO no list for " + SECRET + "\r\n"}
    with Scripted(lambda peer: imap_answers(peer, answers)) as server:
        backend = make_backend(options(server.port), {"password": SECRET})
        with pytest.raises(Exception, match="list") as caught:
            await backend.open()
        await backend.close()
    said = caught.value.parameters["server_said"]  # type: ignore[attr-defined]
    assert said.startswith("no list for ")
    assert not traces(said)


@pytest.mark.parametrize("offered", ["AUTH PLAIN", "AUTH LOGIN"])
async def test_a_submission_server_that_repeats_the_login(offered: str) -> None:
    def echo(peer: Peer) -> None:
        coded = peer.owner.lines[-1].split()[-1]
        if coded == b"LOGIN":
            peer.send(b"334 VXNlcm5hbWU6\r\n")
            peer.line()
            peer.send(b"334 UGFzc3dvcmQ6\r\n")
            coded = peer.line()
        peer.send(b"535-bad " + coded + b"\r\n535 " + base64.b64decode(coded).replace(b"\0", b" ") + b"\r\n")

    server = SmtpScript({"AUTH": echo}, extensions=f"{offered}\r\n250 SIZE 1000000")
    try:
        given = options(9, smtp_host="127.0.0.1", smtp_port=server.port, smtp_security=Security.PLAIN)
        with pytest.raises(AuthenticationFailed) as caught:
            async with Dialog(given) as dialog:
                await dialog.sign_in(SECRET)
    finally:
        server.stop()
    said = caught.value.parameters["server_said"]
    assert said.startswith("535 bad ")
    assert not traces(said)


@pytest.mark.parametrize("between", ["", "\x00", "\x1b[1m", "\u200b"])
def test_a_secret_parted_by_what_is_not_shown(between: str) -> None:
    veil = Veil()
    veil.hide(SECRET)
    assert not traces(veil.said(f"no: {SECRET[:7]}{between}{SECRET[7:]} and more"))
    assert SECRET not in repr(veil)


def test_words_without_secrets_stay_as_they_are() -> None:
    veil = Veil()
    assert veil.said("Too many connections") == "Too many connections"
    veil.hide("")
    veil.hide(SECRET)
    assert veil.said("Too many connections\r\nfrom you") == "Too many connections from you"


DRESSED: dict[str, Callable[[str], str]] = {
    "reversed": lambda secret: secret[::-1],
    "hexadecimal": lambda secret: secret.encode().hex(),
    "quoted-printable": lambda secret: "".join(f"={byte:02X}" for byte in secret.encode()),
    "a part": lambda secret: secret[:8],
    "parted": " ".join,
    "parted and reversed": lambda secret: "-".join(secret[::-1].upper()),
}


@pytest.mark.parametrize("dress", DRESSED.values(), ids=DRESSED.keys())
def test_a_secret_in_another_dress_takes_the_whole_line_along(dress: Callable[[str], str]) -> None:
    veil = Veil()
    veil.hide("CaNaRy-Pw-7f3K9z")
    assert veil.said(f"[ALERT] said {dress('CaNaRy-Pw-7f3K9z')} and more") == "•••"


def test_words_of_chance_are_kept() -> None:
    veil = Veil()
    veil.hide("CaNaRy-Pw-7f3K9z")
    veil.hide("ab1")
    words = "[AUTHENTICATIONFAILED] Application-specific password required: https://support.example/?p=1 (Failure)"
    assert veil.said(words) == words


def test_a_long_token_is_looked_for_in_a_moment() -> None:
    veil = Veil()
    veil.hide("x9" * 2_000)
    assert veil.said("y" * 4_000).startswith("yyy")
