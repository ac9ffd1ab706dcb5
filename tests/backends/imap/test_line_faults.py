"""Servers that lie, strip, inject, flood, fall silent: the line ends, in time, and nothing leaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent_tui.backends.api import (
    Alive,
    AuthenticationFailed,
    BackendError,
    CertificateRefused,
    Hint,
    InsecureLine,
    MessageUnreadable,
    Misconfigured,
    ProtocolError,
    Unreachable,
)
from agent_tui.backends.imap import ImapBackend, idle
from agent_tui.backends.imap.options import ImapOptions, Security
from tests.backends.imap.helpers import Mirror, make_backend
from tests.servers.certificates import Certificates
from tests.servers.scripted import Peer, Scripted, imap_answers

SECRET = "canary-password-93b1"
ALERT = "\x1b]0;owned\x07 your password has expired, see http://evil.test"


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    """Scripted servers that end with the test."""
    started: list[Scripted] = []

    def start(*arguments: Any) -> Scripted:
        started.append(Scripted(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def backend_at(server: Scripted, certificates: Certificates | None = None, **changes: Any) -> ImapBackend:
    values: dict[str, Any] = {
        "host": "localhost" if certificates else "127.0.0.1",
        "port": server.port,
        "security": "plain",
        "user": "agent@example.test",
        "timeout": 2,
        "ca_file": str(certificates.ca) if certificates else "",
    }
    return make_backend(ImapOptions(**{**values, **changes}), {"password": SECRET, "token": SECRET})


async def refused(backend: ImapBackend, server: Scripted) -> BackendError:
    """Opening fails; no secret and nothing of an AUTH was sent in the clear, and the error shows neither."""
    start = time.monotonic()
    with pytest.raises(BackendError) as caught:
        await backend.open()
    await backend.close()
    assert time.monotonic() - start < 15
    plain = bytes(server.plain_bytes).upper()
    for word in (b"AUTHENTICATE", b"LOGIN", b"APPEND", SECRET.upper().encode()):
        assert word not in plain
    import base64

    assert base64.b64encode(SECRET.encode())[:12] not in plain
    shown = f"{caught.value!r} {caught.value} {caught.value.parameters}"
    assert SECRET not in shown
    assert "evil" not in shown
    assert "\x1b" not in shown
    return caught.value


# STARTTLS


async def test_starttls_that_is_not_offered_ends_the_line(serve: Any, certificates: Certificates) -> None:
    server = serve(lambda peer: imap_answers(peer, {}, f"* OK [ALERT] {ALERT}\r\n"))
    error = await refused(backend_at(server, certificates, security="starttls"), server)
    assert isinstance(error, InsecureLine)
    assert error.parameters["reason"] == "starttls_missing"


@pytest.mark.parametrize("kind", ["NO", "BAD"])
async def test_starttls_that_is_refused_ends_the_line(serve: Any, certificates: Certificates, kind: str) -> None:
    answers = {b"STARTTLS": f"{{tag}} {kind} [ALERT] {ALERT}\r\n"}
    server = serve(lambda peer: imap_answers(peer, answers, capabilities="IMAP4rev1 STARTTLS AUTH=PLAIN"))
    error = await refused(backend_at(server, certificates, security="starttls"), server)
    assert error.parameters["reason"] == "starttls_refused"


async def test_starttls_with_injected_bytes_ends_the_line(serve: Any, certificates: Certificates) -> None:
    answers = {b"STARTTLS": "{tag} OK begin\r\n* PREAUTH welcome\r\nA1 OK fine\r\n"}
    server = serve(lambda peer: imap_answers(peer, answers, capabilities="IMAP4rev1 STARTTLS"))
    error = await refused(backend_at(server, certificates, security="starttls"), server)
    assert error.parameters["reason"] == "starttls_injected"


async def test_bytes_injected_a_little_later_end_the_line_too(serve: Any, certificates: Certificates) -> None:
    def late(peer: Peer, tag: bytes) -> None:
        peer.send(tag + b" OK begin\r\n")
        time.sleep(0.2)
        peer.send(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected\r\n")
        peer.swallow()

    server = serve(lambda peer: imap_answers(peer, {b"STARTTLS": late}, capabilities="IMAP4rev1 STARTTLS"))
    await refused(backend_at(server, certificates, security="starttls"), server)


@pytest.mark.parametrize("security", ["tls", "starttls", "plain"])
async def test_a_greeting_that_logs_us_in_ends_the_line(serve: Any, certificates: Certificates, security: str) -> None:
    server = serve(
        lambda peer: imap_answers(peer, {}, "* PREAUTH welcome\r\n", "IMAP4rev1 STARTTLS"),
        certificates.good if security == "tls" else None,
    )
    error = await refused(backend_at(server, certificates, security=security), server)
    assert error.parameters["reason"] == "preauth"


async def test_capabilities_from_before_tls_do_not_count(serve: Any, certificates: Certificates) -> None:
    """In the clear PLAIN was offered; over TLS it is not, and LOGIN is disabled: nothing is sent."""

    def upgrade(peer: Peer, tag: bytes) -> None:
        peer.send(tag + b" OK begin\r\n")
        peer.start_tls(certificates.good)
        imap_answers(peer, {}, "", "IMAP4rev1 LOGINDISABLED")

    server = serve(
        lambda peer: imap_answers(peer, {b"STARTTLS": upgrade}, capabilities="IMAP4rev1 STARTTLS AUTH=PLAIN")
    )
    error = await refused(backend_at(server, certificates, security="starttls"), server)
    assert isinstance(error, AuthenticationFailed)
    assert error.parameters["reason"] == "no_mechanism"
    assert SECRET.encode() not in server.secret_bytes


async def test_words_from_before_tls_are_never_shown(serve: Any, certificates: Certificates) -> None:
    server = serve(lambda peer: imap_answers(peer, {}, f"* BYE {ALERT}\r\n"))
    await refused(backend_at(server, certificates, security="starttls"), server)


# certificates


@pytest.mark.parametrize(
    ("kind", "reason"), [("expired", "expired"), ("wrong_host", "wrong_host"), ("foreign", "unknown_authority")]
)
@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_bad_certificate_is_refused_before_any_secret(
    serve: Any, certificates: Certificates, kind: str, reason: str, security: str
) -> None:
    bad = getattr(certificates, kind)

    def upgrade(peer: Peer, tag: bytes) -> None:
        peer.send(tag + b" OK begin\r\n")
        peer.start_tls(bad)
        imap_answers(peer, {})

    if security == "tls":
        server = serve(lambda peer: imap_answers(peer, {}), bad)
    else:
        server = serve(lambda peer: imap_answers(peer, {b"STARTTLS": upgrade}, capabilities="IMAP4rev1 STARTTLS"))
    error = await refused(backend_at(server, certificates, security=security), server)
    assert isinstance(error, CertificateRefused)
    assert error.parameters["reason"] == reason
    assert not server.secret_bytes


async def test_a_private_authority_is_accepted_where_it_is_named(serve: Any, certificates: Certificates) -> None:
    server = serve(lambda peer: imap_answers(peer, {}), certificates.good)
    backend = backend_at(server, certificates, security="tls")
    await backend.open()
    await backend.close()
    error = await refused(backend_at(server, certificates, security="tls", ca_file=""), server)
    assert isinstance(error, CertificateRefused)
    error = await refused(
        backend_at(server, certificates, security="tls", ca_file=str(certificates.foreign_ca)), server
    )
    assert isinstance(error, CertificateRefused)


async def test_tls_to_a_server_that_has_none(serve: Any, certificates: Certificates) -> None:
    server = serve(lambda peer: imap_answers(peer, {}))
    assert isinstance(
        await refused(backend_at(server, certificates, security="tls"), server), InsecureLine | Unreachable
    )


async def test_a_plain_line_leads_to_this_machine_alone(monkeypatch: pytest.MonkeyPatch, serve: Any) -> None:
    """The address that was reached counts, not the name that was asked."""
    import socket

    server = serve(lambda peer: imap_answers(peer, {}))
    monkeypatch.setattr(socket.socket, "getpeername", lambda sock: ("192.0.2.7", server.port))
    error = await refused(backend_at(server), server)
    assert error.parameters["reason"] == "plain_to_network"
    assert not server.plain_bytes


# floods and nonsense


def flood(kind: str) -> dict[bytes, Any]:
    """Answers to a fetch of a body that no client should believe."""

    def endless(peer: Peer, tag: bytes) -> None:
        while True:
            peer.send(b"* 1 FETCH (UID 1 BODY[] " + b"x" * 65536)

    def many(peer: Peer, tag: bytes) -> None:
        while True:
            peer.send(b"* 1 FETCH (UID 1 FLAGS (" + b"\\Seen " * 2000 + b"))\r\n")

    answers: dict[str, Any] = {
        "huge literal": "* 1 FETCH (UID 1 BODY[] {9999999999}\r\n",
        "negative literal": "* 1 FETCH (UID 1 BODY[] {-1}\r\n)\r\n{tag} OK done\r\n",
        "endless line": endless,
        "endless answers": many,
        "nested": "* 1 FETCH (UID 1 " + "(" * 50_000 + ")" * 50_000 + ")\r\n{tag} OK done\r\n",
        "garbage": "\x00\xff garbage \r\n\r\n* * *\r\n",
        "not for us": "* 1 FETCH (UID 4294967297 BODY[] {3}\r\nabc)\r\n{tag} OK done\r\n",
        "short literal": "* 1 FETCH (UID 1 BODY[] {100}\r\nabc)\r\n{tag} OK done\r\n",
        "foreign tag": "ZZZ1 OK done\r\n",
        "no text": "{tag} NO\r\n",
        "closes": lambda peer, tag: peer.sock.close(),
        "silent": lambda peer, tag: peer.swallow(),
        "bye": "* BYE [ALERT] gone\r\n",
    }
    fetch = answers[kind]

    def body(peer: Peer, tag: bytes) -> None:
        request = peer.owner.lines[-1]
        if b"BODY" not in request:
            peer.send(b"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 20)\r\n" + tag + b" OK done\r\n")
        elif callable(fetch):
            fetch(peer, tag)
        else:
            peer.send(fetch.replace("{tag}", tag.decode()).encode("latin-1"))

    return {b"UID FETCH": body}


KINDS = [
    "huge literal", "negative literal", "endless line", "endless answers", "nested", "garbage", "not for us",
    "short literal", "foreign tag", "no text", "closes", "silent", "bye",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_nonsense_ends_in_an_error_or_is_set_aside(
    serve: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded in time and memory; a mail that cannot be had is set aside with its reason."""
    import tracemalloc

    server = serve(lambda peer: imap_answers(peer, flood(kind)))
    # a whole minute per body in life; the test has no patience
    monkeypatch.setattr("agent_tui.backends.imap.mails.BODY_WAIT", 2.0)
    backend = backend_at(server)
    mirror = Mirror()
    tracemalloc.start()
    start = time.monotonic()
    ended: BackendError | None = None
    try:
        await backend.open()
        await mirror.pull(backend)
    except BackendError as error:
        ended = error
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        await backend.close()
    assert ended is None or isinstance(ended, Unreachable)
    assert "\x1b" not in str(ended and ended.parameters)
    assert time.monotonic() - start < 20
    assert peak < 80 << 20
    if kind in ("huge literal", "negative literal", "endless line", "endless answers", "nested", "no text"):
        assert [type(aside) for aside in mirror.aside] == [MessageUnreadable]
        assert mirror.batches[-1].done


async def test_a_bad_mail_between_good_ones_does_not_stop_them(serve: Any) -> None:
    """Three mails; the answer to the middle one breaks the line each time."""

    def fetch(peer: Peer, tag: bytes) -> None:
        request = peer.owner.lines[-1]
        wanted = request.split(b" ")[3]
        uids = range(1, 4) if b":" in wanted else [int(wanted)]
        for uid in uids:
            if b"BODY" not in request:
                peer.send(b"* %d FETCH (UID %d FLAGS () RFC822.SIZE 20)\r\n" % (uid, uid))
            elif uid == 2:
                peer.send(b"* 2 FETCH (UID 2 BODY[] {9999999999}\r\n")
            else:
                peer.send(b"* %d FETCH (UID %d BODY[] {14}\r\nSubject: %d\r\n\r\n)\r\n" % (uid, uid, uid))
        peer.send(tag + b" OK done\r\n")

    answers = {
        b"UID FETCH": fetch,
        b"UID SEARCH": "* SEARCH 1 2 3\r\n{tag} OK done\r\n",
        b"SELECT": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 4] n\r\n{tag} OK done\r\n",
    }
    server = serve(lambda peer: imap_answers(peer, answers))
    backend = backend_at(server)
    mirror = Mirror()
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    assert sorted(mirror.subjects()) == ["1", "3"]
    assert [aside.copy.uid for aside in mirror.aside if aside.copy] == [2]
    assert mirror.aside[0].code == "broken_answer"


@pytest.mark.parametrize("text", ["1:4294967295", "1:99999999999", "1,2,", "a:b", "", ","])
async def test_a_set_of_all_uids_costs_nothing(serve: Any, text: str) -> None:
    answers = {b"UID SEARCH": f"* SEARCH {text}\r\n{{tag}} OK done\r\n", b"UID FETCH": "{tag} OK done\r\n"}
    server = serve(lambda peer: imap_answers(peer, answers))
    backend = backend_at(server)
    start = time.monotonic()
    await backend.open()
    try:
        await asyncio.wait_for(Mirror().pull(backend, stop_after=2), 10)
    except ProtocolError:
        pass
    finally:
        await backend.close()
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("greeting", ["", "hello\r\n", "* BAD no\r\n", "* BYE too many\r\n", "x" * 200_000, "\0\0\r\n"])
async def test_odd_greetings(serve: Any, greeting: str) -> None:
    server = serve(lambda peer: (peer.send(greeting), peer.sock.close()))
    assert isinstance(await refused(backend_at(server), server), ProtocolError | Unreachable | InsecureLine)


async def test_a_late_answer_never_meets_the_next_command(serve: Any) -> None:
    """After a time-out the line is closed; the next command gets a new one."""

    def slow(peer: Peer, tag: bytes) -> None:
        time.sleep(2.5)
        peer.send(b'* STATUS "INBOX" (UIDVALIDITY 666)\r\n' + tag + b" OK late\r\n")

    turns = [slow]

    def examine(peer: Peer, tag: bytes) -> None:
        (turns.pop() if turns else _fine)(peer, tag)

    answers: dict[bytes, Any] = {b"SELECT": examine}
    server = serve(lambda peer: imap_answers(peer, {**answers, b"UID FETCH": "{tag} OK done\r\n"}))
    backend = backend_at(server, timeout=0.4)
    await backend.open()
    with pytest.raises(Unreachable) as caught:
        await Mirror().pull(backend)
    assert caught.value.parameters["reason"] == "timeout"
    await Mirror().pull(backend)
    await backend.close()
    assert server.connections == 2


def _fine(peer: Peer, tag: bytes) -> None:
    peer.send(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 2] n\r\n" + tag + b" OK done\r\n")


# IDLE


def idle_then(act: Callable[[Peer, bytes], None]) -> dict[bytes, Any]:
    def idle(peer: Peer, tag: bytes) -> None:
        peer.send("+ idling\r\n")
        act(peer, tag)

    return {b"IDLE": idle}


async def test_a_dead_line_in_idle_is_noticed(serve: Any) -> None:
    """A server that swallows everything: noticed within the interval and one time-out (150 s in life, 0.8 here)."""
    server = serve(lambda peer: imap_answers(peer, idle_then(lambda peer, tag: peer.swallow())))
    backend = backend_at(server, idle_renew=0.3, timeout=0.5)
    await backend.open()
    start = time.monotonic()
    told: list[Hint | Alive] = []
    with pytest.raises(Unreachable) as caught:
        await _all(backend, told)
    assert 0.3 <= time.monotonic() - start < 5
    assert told == [Hint("watching")]
    assert caught.value.parameters["reason"] == "timeout"
    await backend.close()


def test_a_dead_line_is_noticed_within_three_minutes_by_default() -> None:
    options = ImapOptions(host="h", user="u")
    assert options.idle_renew + options.timeout <= 180


async def test_a_quiet_line_is_proven_alive_and_news_are_told(serve: Any) -> None:
    turns: list[str] = []

    def act(peer: Peer, tag: bytes) -> None:
        turns.append("idle")
        if len(turns) == 3:
            peer.send("* OK still here\r\n* 2 EXISTS\r\n")
        assert peer.line() == b"DONE"
        peer.send(tag + b" OK done\r\n")

    server = serve(lambda peer: imap_answers(peer, idle_then(act)))
    backend = backend_at(server, idle_renew=0.2)
    await backend.open()
    told: list[Hint | Alive] = []
    async for hint in backend.watch():
        told.append(hint)
        if len(told) == 4:
            break
    await backend.close()
    assert told == [Hint("watching"), Alive(), Alive(), Hint("idle")]


async def test_news_without_end_are_told_at_a_pace(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "PACE", 0.4)

    def act(peer: Peer, tag: bytes) -> None:
        peer.send("* 2 EXISTS\r\n")
        assert peer.line() == b"DONE"
        peer.send(tag + b" OK done\r\n")

    server = serve(lambda peer: imap_answers(peer, idle_then(act)))
    backend = backend_at(server, idle_renew=60)
    await backend.open()
    came = []
    async for hint in backend.watch():
        assert isinstance(hint, Hint)
        came.append(time.monotonic())
        if len(came) == 5:
            break
    await backend.close()
    _watching, first, *more = came
    assert more[-1] - first >= 3 * 0.4 - 0.05


@pytest.mark.parametrize("words", ["* BYE going down\r\n", ""])
async def test_a_server_that_leaves_during_idle_is_noticed_at_once(serve: Any, words: str) -> None:
    def act(peer: Peer, tag: bytes) -> None:
        peer.send(words)
        peer.sock.close()

    server = serve(lambda peer: imap_answers(peer, idle_then(act)))
    backend = backend_at(server, idle_renew=60)
    await backend.open()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(_all(backend), 5)
    await backend.close()


async def _all(backend: ImapBackend, told: list[Hint | Alive] | None = None) -> None:
    async for hint in backend.watch():
        if told is not None:
            told.append(hint)


async def test_idle_can_be_cancelled_at_once(serve: Any) -> None:
    server = serve(lambda peer: imap_answers(peer, idle_then(lambda peer, tag: peer.swallow())))
    backend = backend_at(server, idle_renew=600)
    await backend.open()
    task = asyncio.create_task(_all(backend))
    await asyncio.to_thread(server.heard, b"IDLE")
    start = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await backend.close()
    assert time.monotonic() - start < 1


# passwords


async def test_a_refused_password_shows_the_reason_and_no_secret(serve: Any, certificates: Certificates) -> None:
    def refuse(peer: Peer, tag: bytes) -> None:
        peer.send("+ \r\n")
        peer.line()
        peer.send(tag + b" NO [AUTHENTICATIONFAILED] wrong\r\n")

    server = serve(lambda peer: imap_answers(peer, {b"AUTHENTICATE": refuse}), certificates.good)
    backend = backend_at(server, certificates, security="tls")
    with pytest.raises(AuthenticationFailed) as caught:
        await backend.open()
    assert caught.value.parameters["server_said"].endswith("wrong")
    assert SECRET not in str(caught.value.parameters) + repr(caught.value)
    await backend.close()


async def test_a_server_that_cannot_look_the_password_up_is_no_refusal(serve: Any) -> None:
    def refuse(peer: Peer, tag: bytes) -> None:
        peer.send("+ \r\n")
        peer.line()
        peer.send(tag + b" NO [UNAVAILABLE] later\r\n")

    server = serve(lambda peer: imap_answers(peer, {b"AUTHENTICATE": refuse}))
    backend = backend_at(server)
    with pytest.raises(Unreachable):
        await backend.open()
    await backend.close()


async def test_a_password_that_would_end_the_line_is_never_sent_by_login(serve: Any) -> None:
    server = serve(lambda peer: imap_answers(peer, {}, capabilities="IMAP4rev1"))
    backend = make_backend(
        ImapOptions(host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@b.test", timeout=2),
        {"password": "x\r\nA9 DELETE INBOX"},
    )
    with pytest.raises(AuthenticationFailed):
        await backend.open()
    await backend.close()
    assert b"DELETE" not in server.plain_bytes


async def test_logs_hold_no_secret(
    serve: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    for capabilities in ("IMAP4rev1 AUTH=PLAIN IDLE", "IMAP4rev1", "IMAP4rev1 AUTH=XOAUTH2"):
        server = serve(lambda peer, c=capabilities: imap_answers(peer, {b"UID FETCH": "{tag} OK\r\n"}, capabilities=c))
        backend = backend_at(server, auth="oauth" if "XOAUTH2" in capabilities else "password")
        await backend.open()
        await Mirror().pull(backend)
        await backend.close()
    out = capfd.readouterr()
    for text in (caplog.text, out.out, out.err):
        assert SECRET not in text


# words that may be shown, and folders that cannot be opened


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_busy_server_says_so_over_tls_alone(serve: Any, certificates: Certificates, security: str) -> None:
    server = serve(
        lambda peer: peer.send("* BYE too many connections\r\n"), certificates.good if security == "tls" else None
    )
    backend = backend_at(server, certificates, security=security)
    with pytest.raises(Unreachable) as caught:
        await backend.open()
    await backend.close()
    assert caught.value.parameters["reason"] == "bye"
    assert caught.value.parameters.get("server_said") == ("too many connections" if security == "tls" else None)


async def test_an_inbox_that_cannot_be_opened_is_told(serve: Any) -> None:
    """Not forgotten either: the folder is still listed, so nothing of it is reset."""
    shut: list[bool] = []

    def select(peer: Peer, tag: bytes) -> None:
        if shut:
            peer.send(tag + b" NO [INUSE] being repaired\r\n")
        else:
            _fine(peer, tag)

    answers = {b"SELECT": select, b"UID FETCH": "{tag} OK done\r\n"}
    server = serve(lambda peer: imap_answers(peer, answers))
    backend = backend_at(server)
    mirror = Mirror()
    await backend.open()
    await mirror.pull(backend)
    shut.append(True)
    with pytest.raises(ProtocolError) as caught:
        await mirror.pull(backend)
    assert caught.value.parameters["server_said"].endswith("being repaired")
    assert mirror.changes == []
    await backend.close()


async def test_a_first_folder_that_never_was_is_a_mistake_in_the_options(serve: Any) -> None:
    server = serve(lambda peer: imap_answers(peer, {b"SELECT": "{tag} NO [NONEXISTENT] no\r\n"}))
    backend = backend_at(server, folders=("Typo",))
    await backend.open()
    with pytest.raises(Misconfigured):
        await Mirror().pull(backend)
    await backend.close()


async def test_a_mail_at_which_the_line_ends_each_time_does_not_block_for_ever(serve: Any) -> None:
    """The server drops the line at one mail. After some tries it is set aside, and the ones around it are there."""

    def fetch(peer: Peer, tag: bytes) -> None:
        request = peer.owner.lines[-1]
        wanted = request.split(b" ")[3]
        uids = range(1, 4) if b":" in wanted else [int(wanted)]
        for uid in uids:
            if b"BODY" not in request:
                peer.send(b"* %d FETCH (UID %d FLAGS () RFC822.SIZE 20)\r\n" % (uid, uid))
            elif uid == 2:
                peer.sock.close()
                return
            else:
                peer.send(b"* %d FETCH (UID %d BODY[] {14}\r\nSubject: %d\r\n\r\n)\r\n" % (uid, uid, uid))
        peer.send(tag + b" OK done\r\n")

    answers = {
        b"UID FETCH": fetch,
        b"UID SEARCH": "* SEARCH 1 2 3\r\n{tag} OK done\r\n",
        b"SELECT": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 4] n\r\n{tag} OK done\r\n",
    }
    server = serve(lambda peer: imap_answers(peer, answers))
    backend = backend_at(server)
    mirror = Mirror()
    await backend.open()
    for _ in range(12):
        try:
            await mirror.pull(backend)
        except Unreachable:
            continue
        break
    await backend.close()
    assert mirror.batches[-1].done
    assert sorted(mirror.subjects()) == ["1", "3"]
    assert [aside.code for aside in mirror.aside] == ["server_silent"]


async def test_folders_with_hostile_names_are_harmless(serve: Any) -> None:
    """A name that would end a line is left out; one with escapes stays data; brackets beyond reason hide no other."""
    listed = (
        b'* LIST (\\Sent) "/" {22}\r\nSent\r\nX1 DELETE INBOX!\r\n'
        b'* LIST (\\Junk) "/" "a\x1b]0;x\x07b"\r\n'
        b"* LIST " + b"(" * 3000 + b"\r\n"
        b'* LIST () "/" "INBOX"\r\n* LIST NIL "/" "x"\r\n* LIST 5 5 5\r\n* LIST () NIL 2026\r\n* LIST (\\Noselect) "/" "Up"\r\n* LIST\r\n'
    )

    def folders(peer: Peer, tag: bytes) -> None:
        peer.send(listed + tag + b" OK done\r\n")

    server = serve(lambda peer: imap_answers(peer, {b"LIST": folders, b"UID FETCH": "{tag} OK done\r\n"}))
    backend = backend_at(server)
    mirror = Mirror()
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    assert set(backend._plan.all) == {"INBOX", "2026", "a\x1b]0;x\x07b"}
    assert backend._plan.sent == ""
    assert b"DELETE" not in server.plain_bytes
    assert mirror.batches[-1].done


async def test_a_folder_is_asked_for_as_the_server_spells_it(serve: Any) -> None:
    """A raw TAB, eight bits as they are, odd shifts: the same bytes go back."""
    names = [b"a\tb", "Ä".encode(), b"&x", b"a&AGE-", b"aa"]
    listed = b"".join(b'* LIST () "/" "' + name + b'"\r\n' for name in [b"INBOX", *names])

    def folders(peer: Peer, tag: bytes) -> None:
        peer.send(listed + tag + b" OK done\r\n")

    server = serve(lambda peer: imap_answers(peer, {b"LIST": folders, b"UID FETCH": "{tag} OK done\r\n"}))
    backend = backend_at(server)
    await backend.open()
    assert len(backend._plan.all) == 6
    await backend.close()
    backend = backend_at(server, folders=tuple(backend._plan.all))
    await backend.open()
    await Mirror().pull(backend)
    await backend.close()
    opened = {line.partition(b"SELECT ")[2] for line in server.lines if b"SELECT" in line}
    assert opened == {b'"' + name + b'"' for name in [b"INBOX", *names]}
