"""Submission servers that strip, refuse, fall silent: what was sent is known, or said to be unknown."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agent_tui.backends.api import (
    AuthenticationFailed,
    BackendError,
    CertificateRefused,
    InsecureLine,
    Outgoing,
    ProtocolError,
    Rejected,
    Sent,
    Unknown,
    Unreachable,
)
from agent_tui.backends.imap import ImapBackend
from agent_tui.backends.imap.options import ImapOptions
from tests.backends.imap.helpers import make_backend, outgoing
from tests.servers.certificates import Certificate, Certificates
from tests.servers.scripted import Peer, SmtpScript

SECRET = "canary-smtp-secret-17"
ME, YOU, THIRD = "agent@example.test", "ann@customer.test", "bob@customer.test"


class Mark:
    """Counts how often the worker would have committed its mark, and what the server had heard by then."""

    def __init__(self, server: SmtpScript) -> None:
        self.server, self.times, self.heard = server, 0, list[bytes]()
        self.named = False

    async def __call__(self, *, named: bool = False) -> None:
        self.times += 1
        self.named = named
        self.heard = list(self.server.lines)


@pytest.fixture
def serve() -> Iterator[Callable[..., SmtpScript]]:
    started: list[SmtpScript] = []

    def start(answers: dict[str, Any] | None = None, certificate: Certificate | None = None, **more: Any) -> SmtpScript:
        started.append(SmtpScript(answers, certificate, **more))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def sender(server: SmtpScript, certificates: Certificates | None = None, **changes: Any) -> ImapBackend:
    values: dict[str, Any] = {
        "host": "localhost" if certificates else "127.0.0.1",
        "user": ME,
        "smtp_port": server.port,
        "smtp_security": "plain",
        "timeout": 2,
        "ca_file": str(certificates.ca) if certificates else "",
    }
    return make_backend(ImapOptions.model_validate({**values, **changes}), {"password": SECRET, "token": SECRET})


async def send(server: SmtpScript, item: Outgoing | None = None, **changes: Any) -> tuple[object, Mark]:
    mark = Mark(server)
    return await sender(server, **changes).send(item or outgoing(ME, YOU), mark), mark


async def test_the_mark_comes_between_354_and_the_body(serve: Any) -> None:
    server = serve()
    result, mark = await send(server)
    assert result == Sent()
    assert mark.times == 1
    assert mark.heard[-1] == b"DATA"
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("step", "code"),
    [("MAIL", "sender_refused"), ("RCPT", "recipients_refused"), ("DATA", "data_refused"), ("BODY", "message_refused")],
)
@pytest.mark.parametrize(("answer", "passing"), [("451 4.3.0 later\r\n", True), ("554 5.7.1 never\r\n", False)])
async def test_refusals_say_whether_they_pass(serve: Any, step: str, code: str, answer: str, passing: bool) -> None:
    server = serve({step: answer})
    result, mark = await send(server)
    assert isinstance(result, Rejected)
    assert (result.code, result.passing) == (code, passing)
    assert result.parameters["server_said"] == answer.strip()
    assert mark.times == (1 if step == "BODY" else 0)


async def test_recipients_are_judged_one_by_one(serve: Any) -> None:
    def rcpt(peer: Peer) -> None:
        peer.send("450 later\r\n" if b"bob" in peer.owner.lines[-1] else "250 fine\r\n")

    server = serve({"RCPT": rcpt})
    result, _ = await send(server, outgoing(ME, YOU, THIRD))
    assert result == Sent(later={THIRD: "450 later"})
    assert len(server.bodies) == 1


async def test_refused_for_now_is_told_apart_from_refused_for_good(serve: Any) -> None:
    def rcpt(peer: Peer) -> None:
        said = peer.owner.lines[-1]
        peer.send("450 later\r\n" if b"bob" in said else "550 never\r\n" if b"cat" in said else "250 fine\r\n")

    result, _ = await send(serve({"RCPT": rcpt}), outgoing(ME, YOU, THIRD, "cat@customer.test"))
    assert result == Sent(refused={"cat@customer.test": "550 never"}, later={THIRD: "450 later"})


async def test_a_server_s_words_are_one_safe_line(serve: Any) -> None:
    result, _ = await send(serve({"MAIL": "550-\x1b]0;x\x07 [/] no\r\n550 \u202enever\r\n"}))
    assert isinstance(result, Rejected)
    said = result.parameters["server_said"]
    assert not set(said) & set("\x1b\x07\n\u202e")
    assert "[/] no" in said


async def test_all_refused_some_of_them_for_good(serve: Any) -> None:
    def rcpt(peer: Peer) -> None:
        peer.send("450 later\r\n" if b"bob" in peer.owner.lines[-1] else "550 never\r\n")

    result, mark = await send(serve({"RCPT": rcpt}), outgoing(ME, YOU, THIRD))
    assert isinstance(result, Rejected)
    assert not result.passing
    assert mark.times == 0


@pytest.mark.parametrize(
    "answer", ["", "xyz\r\n", "250" + "x" * 100_000, "299999\r\n", "354 more?\r\n", "250-and\r\n" * 500]
)
async def test_after_the_body_only_an_answer_settles_it(serve: Any, answer: str) -> None:
    def body(peer: Peer) -> None:
        peer.send(answer)
        peer.sock.close()

    result, mark = await send(serve({"BODY": body}))
    assert isinstance(result, Unknown)
    assert mark.times == 1


async def test_silence_after_the_body_is_unknown(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_tui.backends.imap.submission.FINAL_WAIT", 0.3)
    result, mark = await send(serve({"BODY": lambda peer: peer.swallow()}))
    assert isinstance(result, Unknown)
    assert result.parameters["reason"] == "timeout"
    assert mark.times == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"DATA": "354 go on\r\n250 taken\r\n", "BODY": "550 5.7.1 refused\r\n"},
        {"RCPT": "250 fine\r\n354 go on\r\n250 taken\r\n", "DATA": "550 no\r\n"},
        {"AUTH": "235 in\r\n250 fine\r\n", "MAIL": "550 no\r\n"},
    ],
)
async def test_an_answer_that_nobody_asked_for_is_none_to_what_is_said_next(
    serve: Any, answers: dict[str, str]
) -> None:
    """It was told as sent, and its refusal was never read."""
    server = serve(answers)
    mark = Mark(server)
    with pytest.raises(ProtocolError):
        await sender(server).send(outgoing(ME, YOU), mark)
    assert mark.times == 0, "nothing left, and it may be tried again"
    assert server.bodies == []


@pytest.mark.parametrize("limit", ["²", "9" * 5_000, "-1", "1e9", ""])
async def test_a_size_that_is_no_number_is_none(serve: Any, limit: str) -> None:
    server = serve(extensions=f"AUTH PLAIN LOGIN\r\n250 SIZE {limit}")
    assert (await send(server))[0] == Sent()


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("way", ["closes", "swallows", "talks for ever", "nonsense"])
async def test_before_the_body_nothing_left_and_it_may_be_tried_again(serve: Any, step: str, way: str) -> None:
    def act(peer: Peer) -> None:
        if way == "closes":
            peer.sock.close()
        elif way == "swallows":
            peer.swallow()
        elif way == "nonsense":
            peer.send("\x00\xff\r\n")
        else:
            while True:
                peer.send("250-" + "x" * 200 + "\r\n")

    server = serve({step: act})
    mark = Mark(server)
    start = time.monotonic()
    with pytest.raises((Unreachable, ProtocolError)):
        await sender(server, timeout=0.4).send(outgoing(ME, YOU), mark)
    assert time.monotonic() - start < 5
    assert mark.times == 0
    assert server.bodies == []


@pytest.mark.parametrize(("greeting", "kind"), [("421 busy\r\n", Unreachable), ("554 go away\r\n", ProtocolError)])
async def test_an_unfriendly_greeting(serve: Any, greeting: str, kind: type[BackendError]) -> None:
    with pytest.raises(kind):
        await send(serve({"GREETING": greeting}))


# TLS


async def nothing_leaked(server: SmtpScript, backend: ImapBackend) -> BackendError:
    mark = Mark(server)
    with pytest.raises(BackendError) as caught:
        await backend.send(outgoing(ME, YOU), mark)
    heard = bytes(server.plain_bytes).upper()
    for word in (b"AUTH ", b"MAIL ", b"RCPT ", b"DATA", ME.upper().encode(), SECRET.upper().encode()):
        assert word not in heard
    assert base64.b64encode(SECRET.encode())[:12].upper() not in heard
    assert b"AUTH" not in server.secret_bytes
    assert mark.times == 0
    shown = f"{caught.value!r} {caught.value.parameters}"
    assert SECRET not in shown
    assert "evil" not in shown
    return caught.value


async def test_starttls_that_is_not_offered_ends_the_line(serve: Any, certificates: Certificates) -> None:
    server = serve()
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    assert isinstance(error, InsecureLine)
    assert error.parameters["reason"] == "starttls_missing"


@pytest.mark.parametrize("answer", ["454 no, see evil.test\r\n", "554 never\r\n", "250 fine\r\n"])
async def test_starttls_that_is_refused_ends_the_line(serve: Any, certificates: Certificates, answer: str) -> None:
    server = serve({"STARTTLS": answer}, extensions="STARTTLS\r\n250 AUTH PLAIN")
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    assert error.parameters["reason"] == "starttls_refused"


async def test_starttls_with_injected_bytes_ends_the_line(serve: Any, certificates: Certificates) -> None:
    server = serve({"STARTTLS": "220 go\r\n250-AUTH PLAIN\r\n250 evil\r\n"}, extensions="SIZE\r\n250 STARTTLS")
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    assert error.parameters["reason"] == "starttls_injected"


INJECTED = b"250-evil\r\n250 AUTH PLAIN\r\n235 evil\r\n" + b"250 evil\r\n" * 4


@pytest.mark.parametrize("delay", [None, 0, 0.02, 0.044, 0.048, 0.05, 0.051, 0.052, 0.054, 0.06, 0.1])
async def test_bytes_in_clear_around_starttls_never_answer_for_the_server(
    serve: Any, certificates: Certificates, delay: float | None
) -> None:
    def upgrade(peer: Peer) -> None:
        peer.send((INJECTED if delay is None else b"") + b"220 go\r\n" + (INJECTED if delay == 0 else b""))
        if delay:
            time.sleep(delay)
            peer.send(INJECTED)
        peer.start_tls(certificates.good)

    server = serve({"STARTTLS": upgrade, "AUTH": "535 no\r\n"}, extensions="SIZE\r\n250 STARTTLS")
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    if delay == 0:
        assert error.parameters["reason"] == "starttls_injected"


@pytest.mark.parametrize("moment", ["before", "during"])
async def test_bytes_that_come_while_tls_takes_the_line_over_end_it(
    serve: Any, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Put into the reader by hand at the two moments that no network hits reliably."""
    real = asyncio.StreamWriter.start_tls

    async def start_tls(writer: Any, *context: Any, **more: Any) -> None:
        feed = writer._protocol.data_received
        if moment == "before":
            feed(INJECTED)
        else:
            asyncio.get_running_loop().call_soon(feed, INJECTED)
        await real(writer, *context, **more)

    def upgrade(peer: Peer) -> None:
        peer.send("220 go\r\n")
        peer.start_tls(certificates.good)

    monkeypatch.setattr(asyncio.StreamWriter, "start_tls", start_tls)
    server = serve({"STARTTLS": upgrade}, extensions="SIZE\r\n250 STARTTLS")
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    assert isinstance(error, InsecureLine)
    assert error.parameters["reason"] == "starttls_injected"
    assert server.secret_bytes == b""


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("kind", ["expired", "wrong_host", "foreign"])
async def test_a_bad_certificate_is_refused_before_any_secret(
    serve: Any, certificates: Certificates, kind: str, security: str
) -> None:
    bad = getattr(certificates, kind)

    def upgrade(peer: Peer) -> None:
        peer.send("220 go\r\n")
        peer.start_tls(bad)

    if security == "tls":
        server = serve({}, bad)
    else:
        server = serve({"STARTTLS": upgrade}, extensions="STARTTLS\r\n250 AUTH PLAIN")
    error = await nothing_leaked(server, sender(server, certificates, smtp_security=security))
    assert isinstance(error, CertificateRefused)


async def test_extensions_from_before_tls_do_not_count(serve: Any, certificates: Certificates) -> None:
    def upgrade(peer: Peer) -> None:
        peer.send("220 go\r\n")
        peer.start_tls(certificates.good)

    def hello(peer: Peer) -> None:
        peer.send("250-mail\r\n250 SIZE\r\n" if peer.tls else "250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")

    server = serve({"STARTTLS": upgrade, "EHLO": hello})
    error = await nothing_leaked(server, sender(server, certificates, smtp_security="starttls"))
    assert isinstance(error, AuthenticationFailed)
    assert error.parameters["reason"] == "no_mechanism"


async def test_a_plain_line_leads_to_this_machine_alone(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    import asyncio.streams

    real = asyncio.StreamWriter.get_extra_info
    monkeypatch.setattr(
        asyncio.StreamWriter,
        "get_extra_info",
        lambda self, name, default=None: ("192.0.2.7", 25) if name == "peername" else real(self, name, default),
    )
    error = await nothing_leaked(server, sender(server))
    assert error.parameters["reason"] == "plain_to_network"


# signing in, and what the envelope may hold


@pytest.mark.parametrize("offered", ["PLAIN LOGIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"])
async def test_every_way_to_sign_in(serve: Any, offered: str) -> None:
    def auth(peer: Peer) -> None:
        words = peer.owner.lines[-1].split(b" ")
        if words[1] == b"LOGIN":
            for challenge in (b"Username:", b"Password:"):
                peer.send(b"334 " + base64.b64encode(challenge) + b"\r\n")
                said = base64.b64decode(peer.line())
                assert said in (ME.encode(), SECRET.encode())
            peer.send("235 in\r\n")
        else:
            peer.send("235 in\r\n" if SECRET.encode() in base64.b64decode(words[2]) else "535 no\r\n")

    server = serve({"AUTH": auth}, extensions=f"AUTH {offered}\r\n250 SIZE")
    result, _ = await send(
        server, auth="oauth" if ("O" in offered[:2] and offered != "LOGIN") or "XO" in offered else "password"
    )
    assert result == Sent()
    assert not server.errors


async def test_an_oauth_server_that_tells_its_reason(serve: Any) -> None:
    def auth(peer: Peer) -> None:
        peer.send("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n")
        assert peer.line() == b""
        peer.send("535 5.7.8 bad token\r\n")

    with pytest.raises(AuthenticationFailed):
        await send(serve({"AUTH": auth}, extensions="AUTH XOAUTH2\r\n250 SIZE"), auth="oauth")


@pytest.mark.parametrize(("answer", "kind"), [("535 no\r\n", AuthenticationFailed), ("454 later\r\n", Unreachable)])
async def test_a_refused_secret_and_one_that_cannot_be_checked(
    serve: Any, answer: str, kind: type[BackendError]
) -> None:
    with pytest.raises(kind) as caught:
        await send(serve({"AUTH": answer}))
    assert SECRET not in repr(caught.value) + str(caught.value.parameters)


async def test_addresses_beyond_ascii_need_the_server(serve: Any) -> None:
    item = outgoing(ME, "анна@customer.test")
    result, mark = await send(serve({}, extensions="AUTH PLAIN\r\n250 SIZE"), item)
    assert isinstance(result, Rejected)
    assert (result.code, mark.times) == ("utf8_address_unsupported", 0)
    server = serve()
    result, _ = await send(server, item)
    assert result == Sent()
    assert any(line.startswith(b"MAIL") and b"SMTPUTF8" in line for line in server.lines)


async def test_reports_will_name_our_envelope_and_the_address_we_wrote_to(serve: Any) -> None:
    server = serve({}, extensions="AUTH PLAIN\r\n250-DSN\r\n250 SIZE")
    item = replace(outgoing(ME, "ann+shop@customer.test"), envelope_id="a=b")
    result, mark = await send(server, item)
    assert (result, mark.named) == (Sent(), True)
    heard = b"\n".join(server.lines)
    assert b" RET=HDRS ENVID=a+3Db" in heard
    assert b"RCPT TO:<ann+shop@customer.test> ORCPT=rfc822;ann+2Bshop@customer.test" in heard
    plain = serve()
    result, mark = await send(plain, item)
    assert (result, mark.named) == (Sent(), False)
    assert not any(word in b"".join(plain.lines) for word in (b"RET=", b"ENVID", b"ORCPT"))


async def test_a_mail_that_is_too_large_is_known_before_it_leaves(serve: Any) -> None:
    result, mark = await send(serve({}, extensions="AUTH PLAIN\r\n250 SIZE 50"))
    assert isinstance(result, Rejected)
    assert (result.code, mark.times) == ("too_large", 0)


async def test_our_name_tells_nothing_of_this_machine(serve: Any) -> None:
    server = serve()
    await send(server)
    assert server.lines[0] == b"EHLO [127.0.0.1]"


async def test_one_mail_stays_one_mail(serve: Any) -> None:
    """Every trick with line ends and dots in a body arrives as one mail."""
    server = serve()
    raw = b"From: a\r\n\r\nx\r.\r\ny\n.\nz\r\n.\rq\r\n.\r\nMAIL FROM:<evil@x.test>\r\n.\r\n\n.\n.\r.\r\n"
    result, _ = await send(server, outgoing(ME, YOU, raw=raw))
    assert result == Sent()
    assert len(server.bodies) == 1
    assert [line for line in server.lines if line.startswith(b"MAIL FROM:<evil")] in ([], [b"MAIL FROM:<evil@x.test>"])
    envelope = [line for line in server.lines if line.startswith((b"MAIL FROM:<agent", b"RCPT"))]
    assert len(envelope) == 2
    assert b"\r.\r" not in server.bodies[0].replace(b"\r\n", b"\n")
