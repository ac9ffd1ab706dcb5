"""The one policy for HTTP."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from agent_tui.backends.api import (
    AuthenticationFailed,
    InsecureLine,
    Misconfigured,
    ProtocolError,
    RateLimited,
    Unreachable,
)
from agent_tui.backends.http import Answer, HttpClient, Policy, redact, retry_after

SECRET = "canary-token-7f3a"


class Server:
    """Answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[], httpx.Response]) -> None:
        self.answers, self.asked, self.slept = list(answers), list[httpx.Request](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def client(self, base: str = "https://api.example.test/v1/", **options: Any) -> HttpClient:
        async def credentials() -> dict[str, str]:
            return {"Authorization": f"Bearer {SECRET}"}

        given = HttpClient(transport=httpx.MockTransport(self), sleep=self.sleep, **options)
        return given.at(base, credentials=credentials)


def test_the_client_is_loaded_when_it_is_wanted() -> None:
    code = (
        "import sys; from agent_tui.backends import http_client; assert 'httpx' not in sys.modules\n"
        "print(type(http_client()).__name__, 'httpx' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "HttpClient True\n"


async def test_an_answer_comes_back_with_its_body() -> None:
    server = Server(httpx.Response(200, json={"a": 1}))
    answer = await server.client().request("GET", "tickets", params={"page": "1"})
    assert answer.json() == {"a": 1}
    assert str(server.asked[0].url) == "https://api.example.test/v1/tickets?page=1"
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"


async def test_what_passes_is_tried_again_with_growing_pauses() -> None:
    server = Server(httpx.Response(503), httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.Response(200))
    assert (await server.client().request("GET", "a")).status == 200
    assert len(server.slept) == 3
    assert all(0.25 * 2**n <= pause <= 0.5 * 2**n for n, pause in enumerate(server.slept))


async def test_a_request_that_changes_something_goes_out_once() -> None:
    for failure in (httpx.Response(503), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")):
        server = Server(failure)
        with pytest.raises(Unreachable):
            await server.client().request("POST", "messages", json={})
        assert len(server.asked) == 1
    server = Server(httpx.Response(503), httpx.Response(200))
    assert (await server.client().request("POST", "messages", json={}, safe_to_repeat=True)).status == 200


async def test_whether_anything_left_is_told() -> None:
    for failure, reason in ((httpx.ConnectError("x"), "connect"), (httpx.ReadError("x"), "closed")):
        with pytest.raises(Unreachable) as caught:
            await Server(failure).client().request("POST", "messages")
        assert caught.value.parameters["reason"] == reason


async def test_the_mark_is_committed_once_before_the_first_byte() -> None:
    server = Server(httpx.Response(503), httpx.Response(200))
    marks = []

    async def before() -> None:
        marks.append(len(server.asked))

    await server.client().request("PUT", "send/txn1", before=before)
    assert marks == [0]


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, b"", 7),
        ({"Retry-After": "1.5"}, b"", 1.5),
        ({}, b'{"ok":false,"parameters":{"retry_after":9}}', 9),
        ({}, b'{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}', 2.5),
        ({"X-RateLimit-Reset": "11"}, b"", 11),
        ({"RateLimit-Reset": "12"}, b"", 12),
        ({"Retry-After": "soon"}, b"", None),
        ({"Retry-After": "9" * 400}, b"", None),
        ({}, b"[" * 20000, None),
        ({}, b"", None),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], body: bytes, seconds: float | None) -> None:
    assert retry_after(Answer(429, {k.lower(): v for k, v in headers.items()}, body)) == seconds


def test_a_date_and_a_moment_are_understood() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert 25 < (retry_after(Answer(429, {"retry-after": format_datetime(moment)}, b"")) or 0) <= 30
    for text in (str(int(moment.timestamp())), str(int(moment.timestamp() * 1000))):
        assert 25 < (retry_after(Answer(429, {"x-rate-limit-reset": text}, b"")) or 0) <= 30


async def test_a_short_wish_is_waited_for_and_a_long_one_handed_over() -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(200))
    await server.client().request("GET", "a")
    assert server.slept == [3]
    server = Server(httpx.Response(429, headers={"Retry-After": "600"}))
    with pytest.raises(RateLimited) as caught:
        await server.client().request("GET", "a")
    assert (caught.value.retry_after, server.slept) == (600, [])


async def test_an_empty_budget_holds_the_next_request_back() -> None:
    server = Server(httpx.Response(200, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5"}))
    client = server.client()
    await client.request("GET", "a")
    await client.request("GET", "b")
    assert [round(pause) for pause in server.slept] == [5]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.test/v1/x",
        "https://api.example.test:444/x",
        "//evil.test/x",
        "https://api.example.test.evil.test/",
    ],
)
async def test_credentials_never_leave_their_origin(elsewhere: str) -> None:
    server = Server(httpx.Response(200))
    await server.client().request("GET", elsewhere, headers={"X-Api-Key": SECRET})
    sent = server.asked[0]
    assert SECRET not in str(sent.headers.raw)


async def test_no_plain_line_to_the_network() -> None:
    server = Server(httpx.Response(200))
    with pytest.raises(InsecureLine):
        server.client("http://api.example.test/")
    with pytest.raises(InsecureLine):
        await server.client().request("GET", "http://api.example.test/v1/tickets?page=2")
    assert server.asked == []
    assert (await server.client("http://127.0.0.1:9/").request("GET", "x")).status == 200


async def test_a_client_without_an_origin_asks_nobody() -> None:
    server = Server(httpx.Response(200))
    with pytest.raises(Misconfigured):
        await HttpClient(transport=httpx.MockTransport(server)).request("GET", "tickets")
    with pytest.raises(Misconfigured):
        await server.client().request("GET", "file:///etc/passwd")
    assert server.asked == []


async def test_a_redirect_is_not_followed() -> None:
    server = Server(httpx.Response(302, headers={"Location": "https://evil.test/"}))
    with pytest.raises(ProtocolError):
        await server.client().request("GET", "a")
    assert len(server.asked) == 1


async def test_answers_have_a_size() -> None:
    import gzip

    for response in (
        lambda: httpx.Response(200, content=b"x" * 5000),
        lambda: httpx.Response(200, content=gzip.compress(b"x" * 5000), headers={"Content-Encoding": "gzip"}),
        lambda: httpx.Response(200, headers={"Content-Length": "99999999999"}, content=b""),
    ):
        with pytest.raises(ProtocolError) as caught:
            await Server(response).client(policy=Policy(max_body=4096)).request("GET", "a")
        assert caught.value.parameters["reason"] == "answer_too_large"


async def test_errors_and_logs_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for status, kind in ((401, AuthenticationFailed), (500, Unreachable)):
        with pytest.raises(kind) as caught:
            await Server(httpx.Response(status)).client().request("GET", f"bot{SECRET}/getMe", params={"key": SECRET})
        assert SECRET not in f"{caught.value!r} {caught.value.parameters}"
    assert caplog.records
    assert SECRET not in caplog.text
    assert "\n" not in redact(httpx.URL("https://a.test/x%0Ay"))


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422])
async def test_what_an_adapter_must_judge_is_handed_over(status: int) -> None:
    assert (await Server(httpx.Response(status)).client().request("GET", "a")).status == status


async def test_nonsense_instead_of_json() -> None:
    answer = await Server(httpx.Response(200, content=b"<html>")).client().request("GET", "a")
    with pytest.raises(ProtocolError):
        answer.json()
