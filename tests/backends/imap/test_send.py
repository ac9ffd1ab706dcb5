"""What goes out: once, whole, and with the truth about what became of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_tui.backends.api import AuthenticationFailed, Rejected, Sent
from agent_tui.backends.imap.submission import usable, wire_form
from tests.backends.imap.helpers import backend_for, make_backend, options_for, outgoing
from tests.servers.mailserver import MailServer


class Mark:
    """Stands for the mark that the worker commits."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, *, named: bool = False) -> None:
        self.times += 1


@pytest.fixture(params=["pymail", pytest.param("postfix", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> MailServer:
    """Systems that take mail for sending."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, MailServer)
    return found


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_arrives_as_it_was_written(server: MailServer, security: str) -> None:
    agent, customer = server.new_user(), server.new_user()
    port = server.smtps_port if security == "tls" else server.smtp_port
    backend = backend_for(server, agent, smtp_security=security, smtp_port=port)
    mark = Mark()
    item = outgoing(agent.address, customer.address)
    assert await backend.send(item, mark) == Sent()
    assert mark.times == 1
    (raw,) = server.wait_for_mail(customer)
    assert raw.endswith(item.raw.partition(b"\r\n\r\n")[2]), "dots and all"
    assert b"Message-ID: <out1@example.test>" in raw


async def test_some_recipients_refused(pymail: MailServer) -> None:
    agent, customer = pymail.new_user(), pymail.new_user()
    backend = backend_for(pymail, agent)
    mark = Mark()
    result = await backend.send(outgoing(agent.address, customer.address, "nobody@example.test"), mark)
    assert isinstance(result, Sent)
    assert list(result.refused) == ["nobody@example.test"]
    assert "550" in result.refused["nobody@example.test"]
    assert len(pymail.wait_for_mail(customer)) == 1
    mark = Mark()
    result = await backend.send(outgoing(agent.address, "nobody@example.test"), mark)
    assert isinstance(result, Rejected)
    assert (result.code, result.passing, mark.times) == ("recipients_refused", False, 0)


async def test_a_wrong_password_sends_nothing(server: MailServer) -> None:
    agent, customer = server.new_user(), server.new_user()
    backend = make_backend(options_for(server, agent), {"password": "wrong-canary"})
    mark = Mark()
    with pytest.raises(AuthenticationFailed) as caught:
        await backend.send(outgoing(agent.address, customer.address), mark)
    assert mark.times == 0
    assert "canary" not in repr(caught.value) + str(caught.value.parameters)
    assert server.raw_messages(customer) == []


@pytest.mark.parametrize(
    "address",
    ["a@b.test\r\nRCPT TO:<c@d.test>", "a@b.test> SIZE=1", "a b@c.test", "a\0@b.test", "@b.test", "a", "<a@b.test>"],
)
async def test_an_address_that_is_more_than_one_is_refused(pymail: MailServer, address: str) -> None:
    agent = pymail.new_user()
    backend = backend_for(pymail, agent)
    mark = Mark()
    result = await backend.send(outgoing(agent.address, address, raw=b"From: a\r\n\r\nx"), mark)
    assert isinstance(result, Rejected)
    assert result.code == "bad_address"
    assert mark.times == 0
    assert not usable(address)


@pytest.mark.parametrize("make", [bytes, bytearray])
def test_the_end_of_a_mail_cannot_be_forged(make: Callable[[bytes], bytes]) -> None:
    """Every mixture of CR, LF and dots: the wire has CRLF alone, and one lone dot at the end."""
    import itertools

    for parts in itertools.product([b"\r", b"\n", b".", b"x"], repeat=6):
        wire = wire_form(bytes(make(b"".join(parts))))
        assert wire.endswith(b"\r\n.\r\n")
        assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
        assert b"\r\n.\r\n" not in (b"\r\n" + wire)[:-3]
        lines = wire.split(b"\r\n")[:-2]
        assert all(not line.startswith(b".") or line.startswith(b"..") for line in lines)
