"""Many short lines cost a hundred times their size: every answer has an end, and none is read in the loop of all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent_tui.backends.api import ProtocolError
from agent_tui.backends.imap import fetching, folders
from agent_tui.backends.imap.line import SMALL_LINES, Line
from agent_tui.backends.imap.options import ImapOptions, Security
from tests.backends.imap.helpers import Mirror, make_backend
from tests.servers.scripted import Peer, Scripted, imap_answers

ENDLESS = 40 * SMALL_LINES


class Flood:
    """Says a line again and again, and counts how often it could."""

    def __init__(self, line: bytes, before: bytes = b"") -> None:
        self.line, self.before, self.said = line, before, 0

    def __call__(self, peer: Peer, tag: bytes) -> None:
        peer.send(self.before)
        while self.said < ENDLESS:
            peer.send(self.line * 1000)
            self.said += 1000
        peer.send(tag + b" OK done\r\n")


Serve = Callable[[dict[bytes, Any]], ImapOptions]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Scripted servers that end with the test."""
    started: list[Scripted] = []

    def start(answers: dict[bytes, Any]) -> ImapOptions:
        server = Scripted(lambda peer: imap_answers(peer, answers))
        started.append(server)
        return ImapOptions(host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@example.test")

    yield start
    for one in started:
        one.stop()


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (b"CAPABILITY", b"* CAPABILITY A\r\n"),
        (b"LIST", b'* LIST () "/" a\r\n'),
        (b"LIST", b"* OK x\r\n"),
        (b"LIST", b"* 1 EXISTS\r\n"),
    ],
)
async def test_an_answer_of_very_many_short_lines_is_given_up(serve: Serve, command: bytes, line: bytes) -> None:
    flood = Flood(line)
    backend = make_backend(serve({command: flood}), {"password": "x"})
    with pytest.raises(ProtocolError) as caught:
        await backend.open()
    await backend.close()
    assert caught.value.parameters["reason"] == "answer_too_large"
    assert flood.said < ENDLESS / 2


async def test_a_folder_that_opens_with_very_many_lines_is_given_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Line.allow, "__defaults__", (96 << 20, SMALL_LINES))
    flood = Flood(b"* 1 FETCH (UID 1 FLAGS ())\r\n")
    backend = make_backend(serve({b"SELECT": flood}), {"password": "x"})
    await backend.open()
    with pytest.raises(ProtocolError) as caught:
        await Mirror().pull(backend)
    await backend.close()
    assert caught.value.parameters["reason"] == "folder_too_large"
    assert flood.said < ENDLESS / 2


async def test_a_server_that_chatters_while_we_wait_is_left(serve: Serve) -> None:
    flood = Flood(b"* OK still here\r\n", b"+ idling\r\n")
    backend = make_backend(serve({b"IDLE": flood}), {"password": "x"})
    await backend.open()
    async with asyncio.timeout(60):
        with pytest.raises(ProtocolError) as caught:
            async for _ in backend.watch():
                pass
    await backend.close()
    assert caught.value.parameters["reason"] == "answer_too_large"
    assert flood.said < ENDLESS / 2


async def test_folders_and_answers_to_fetch_are_read_aside(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    where: dict[str, set[int]] = {"list": set(), "fetch": set()}
    read_list, parse_fetch = folders._read_list, fetching.parse_fetch

    def listed(data: Any) -> Any:
        where["list"].add(threading.get_ident())
        return read_list(data)

    def fetched(data: Any) -> Any:
        where["fetch"].add(threading.get_ident())
        return parse_fetch(data)

    monkeypatch.setattr(folders, "_read_list", listed)
    monkeypatch.setattr("agent_tui.backends.imap.connection.parse_fetch", fetched)
    backend = make_backend(serve({b"UID FETCH": "{tag} OK done\r\n"}), {"password": "x"})
    await backend.open()
    await Mirror().pull(backend)
    await backend.close()
    assert where["list"]
    assert where["fetch"]
    assert threading.get_ident() not in where["list"] | where["fetch"]


WORDS = b"(ab)" * 200_000
"""Short words: the parser makes a hundred times as much of them."""


@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID 1 X (" + WORDS + b"))\r\n",
        b"* VANISHED (EARLIER) 1:9\r\n" * 50_000,
        b"* OK " + b"x" * 999_000 + b"\r\n",
    ],
    ids=["fetch", "vanished", "words"],
)
async def test_a_folder_that_is_opened_tells_little(serve: Serve, line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing that it was not asked for is read."""
    monkeypatch.setattr(fetching, "parse_fetch_response", lambda *_, **__: pytest.fail("read"))
    flood = Flood(line, before=b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 2] n\r\n")
    options = serve({b"SELECT": flood})
    backend = make_backend(options, {"password": "x"})
    await backend.open()
    with pytest.raises(ProtocolError) as caught:
        await Mirror().pull(backend)
    assert caught.value.parameters["reason"] == "folder_too_large"
    await backend.close()


def test_an_answer_of_very_many_words_is_not_read() -> None:
    found = fetching.parse_fetch([b"1 (UID 1 FLAGS () X (" + WORDS + b"))", b"2 (UID 2 FLAGS () X (a b))"])
    assert found.broken == 1
    assert found.items == {2: {b"UID": 2, b"FLAGS": ()}}


async def test_a_folder_of_which_very_much_is_said_is_left_out(serve: Serve) -> None:
    said = b"* LIST (" + WORDS + b') "/" "Odd"\r\n* LIST () "/" "INBOX"\r\n'
    options = serve({b"LIST": lambda peer, tag: peer.send(said + tag + b" OK done\r\n")})
    backend = make_backend(options, {"password": "x"})
    await backend.open()
    assert set(backend._plan.all) == {"INBOX"}
    await backend.close()
