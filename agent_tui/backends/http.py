"""HTTP for backends, with one policy for all of them. The only module that imports httpx.

    client = context.http.at("https://api.example.com/v1/", credentials=self._credentials)
    answer = await client.request("GET", "tickets", params={"page": "1"})

What it takes care of: time-outs, size limits, retries with growing and random pauses, waiting as long as a server
asks (`Retry-After` and the vendors' own headers), credentials that never leave their origin, no redirects, and logs
without secrets. Requests that change something are tried again only where the caller says that it is safe.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from agent_tui.backends.errors import (
    AuthenticationFailed,
    BackendError,
    CertificateRefused,
    InsecureLine,
    Misconfigured,
    ProtocolError,
    RateLimited,
    Unreachable,
)
from agent_tui.content.safe import safe

MockTransport = httpx.MockTransport
Request = httpx.Request
Response = httpx.Response

log = logging.getLogger(__name__)
# they would write whole URLs and headers, tokens among them
for _noisy in ("httpx", "httpcore"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)

MAX_BODY = 32 << 20
MAX_PAUSE = 60.0
"""Longest pause before a retry here; a longer wish of the server goes to the worker as `RateLimited`."""
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
PASSING = frozenset({408, 425, 500, 502, 503, 504})
SAID = 300

# remaining requests and the time of renewal, by the vendors' spellings
REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining", "x-hubspot-ratelimit-remaining")
RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "x-ratelimit-burst-reset")


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a client is."""

    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    total_timeout: float = 180.0
    attempts: int = 4
    first_pause: float = 0.5
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a body of bounded size."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises `ProtocolError`."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ProtocolError("json", reason="no_json", status=str(self.status)) from None


class HttpClient:
    """A client for one origin. The one a backend is given has none yet: `at` makes its own from it."""

    def __init__(
        self,
        base_url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Callable[[], Awaitable[Mapping[str, str]]] | None = None,
        policy: Policy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base = httpx.URL(base_url)
        if base_url:
            _require_protection(self._base)
        self._credentials = credentials
        self.policy = policy or Policy()
        self._sleep, self._transport = sleep, transport
        self._quiet_until: float = 0.0
        self._client = httpx.AsyncClient(
            headers={"User-Agent": "agent-tui", "Accept": "application/json", **(headers or {})},
            timeout=httpx.Timeout(self.policy.read_timeout, connect=self.policy.connect_timeout),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def at(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Callable[[], Awaitable[Mapping[str, str]]] | None = None,
    ) -> HttpClient:
        """A client for an origin, with the same policy. `headers` must hold no secret: `credentials` are asked anew
        for each request and go to that origin alone."""
        return HttpClient(
            base_url,
            headers=headers,
            credentials=credentials,
            policy=self.policy,
            transport=self._transport,
            sleep=self._sleep,
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def url(self, path: str) -> httpx.URL:
        """A path of this origin, or a whole URL as vendors give in paging links."""
        return self._base.join(path)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe_to_repeat: bool | None = None,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> Answer:
        """One request by the policy. `before` is awaited once, right before the first byte may leave.

        An `Unreachable` whose reason is `connect` says that nothing left. Raises a `BackendError`; 4xx answers other than 401 and 429 are handed over as they are.
        """
        repeat = method.upper() in IDEMPOTENT if safe_to_repeat is None else safe_to_repeat
        attempts = self.policy.attempts if repeat else 1
        marked = False
        for attempt in range(1, attempts + 1):
            await self._hold_back()
            request = await self._build(method, path, params=params, json=json, content=content, headers=headers)
            if before is not None and not marked:
                await before()
                marked = True
            try:
                answer = await self._once(request)
            except Unreachable:
                if attempt == attempts:
                    raise
                await self._sleep(self._pause(attempt))
                continue
            self._note_limits(answer)
            if answer.status == 429 or answer.status in PASSING:
                wish = retry_after(answer)
                pause = wish if wish is not None else self._pause(attempt)
                # a refused request changed nothing, but who may repeat it is the caller's to say
                if attempt < attempts and pause <= MAX_PAUSE:
                    await self._sleep(pause)
                    continue
            return self._judge(answer)
        raise Unreachable("attempts", reason="unavailable", host=self._base.host)

    async def _build(self, method: str, path: str, **parts: Any) -> httpx.Request:
        url = self.url(path)
        _require_protection(url)
        headers: dict[str, str] = {}
        if _origin(url) == _origin(self._base):
            headers.update(parts["headers"] or {})
            if self._credentials is not None:
                headers.update(await self._credentials())
        return self._client.build_request(
            method, url, params=parts["params"], json=parts["json"], content=parts["content"], headers=headers
        )

    async def _once(self, request: httpx.Request) -> Answer:
        place = {
            "host": request.url.host,
            "port": str(request.url.port or (443 if request.url.scheme == "https" else 80)),
        }
        try:
            async with asyncio.timeout(self.policy.total_timeout):
                response = await self._client.send(request, stream=True)
                try:
                    body = await self._read(response, place)
                finally:
                    await response.aclose()
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable("request", reason="connect", **place) from None
        except (TimeoutError, httpx.TimeoutException):
            raise Unreachable("request", reason="timeout", **place) from None
        except httpx.TransportError as error:
            raise _transport_error(error, place) from None
        except (httpx.HTTPError, httpx.StreamError):
            raise ProtocolError("request", reason="odd_answer", **place) from None
        log.debug("%s %s: %d, %d bytes", request.method, redact(request.url), response.status_code, len(body))
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    async def _read(self, response: httpx.Response, place: Mapping[str, str]) -> bytes:
        size = response.headers.get("content-length", "")
        if size.isdigit() and int(size) > self.policy.max_body:
            raise ProtocolError("body", reason="answer_too_large", **place)
        body = bytearray()
        async for part in response.aiter_bytes(65536):
            body += part
            # counted after unpacking: a small answer may unfold to a large one
            if len(body) > self.policy.max_body:
                raise ProtocolError("body", reason="answer_too_large", **place)
        return bytes(body)

    def _judge(self, answer: Answer) -> Answer:
        place = {"host": self._base.host, "status": str(answer.status)}
        said = safe(answer.body[: 4 * SAID].decode("utf-8", "replace"), one_line=True, cap=SAID)
        if answer.status == 401:
            raise AuthenticationFailed("refused", reason="refused", **place, server_said=said)
        if answer.status == 429:
            raise RateLimited("limit", retry_after(answer) or 60.0, **place)
        if 300 <= answer.status < 400 and answer.status != 304:
            # following could carry credentials or a message to a stranger
            raise ProtocolError("redirect", reason="redirect", **place)
        if answer.status >= 500:
            raise Unreachable("server", reason="unavailable", **place, server_said=said)
        return answer

    # patience

    def _pause(self, attempt: int) -> float:
        full = min(self.policy.first_pause * 2.0 ** (attempt - 1), MAX_PAUSE)
        return full * (0.5 + random.random() / 2)  # noqa: S311 - spreads clients, guards nothing

    def _note_limits(self, answer: Answer) -> None:
        """Where the vendor says that nothing is left, the next request waits for the renewal."""
        remaining = _first(answer.headers, REMAINING)
        if remaining is None or not remaining.strip().lstrip("-").isdigit() or int(remaining) > 0:
            return
        pause = _reset_in(answer)
        if pause is not None:
            self._quiet_until = asyncio.get_running_loop().time() + min(pause, 3600.0)

    async def _hold_back(self) -> None:
        left = self._quiet_until - asyncio.get_running_loop().time()
        if left <= 0:
            return
        self._quiet_until = 0.0
        if left > MAX_PAUSE:
            raise RateLimited("limit", left, host=self._base.host)
        await self._sleep(left)


def retry_after(answer: Answer) -> float | None:
    """Seconds that the server asks to wait: `Retry-After`, Telegram's and Matrix's fields, or the renewal."""
    value = answer.headers.get("retry-after", "").strip()
    if value:
        try:
            return max(float(value), 0.0) if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value) else _until(value)
        except (ValueError, TypeError, OverflowError):
            pass
    try:
        data = json.loads(answer.body) if len(answer.body) < 65536 else None
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        parameters = data.get("parameters")
        if isinstance(parameters, dict) and isinstance(parameters.get("retry_after"), int | float):
            return max(float(parameters["retry_after"]), 0.0)
        if isinstance(data.get("retry_after_ms"), int | float):
            return max(float(data["retry_after_ms"]) / 1000, 0.0)
    return _reset_in(answer) if answer.status == 429 else None


def _until(date: str) -> float:
    moment: datetime = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    left = float((moment - datetime.now(UTC)).total_seconds())
    return left if left > 0 else 0.0


def _reset_in(answer: Answer) -> float | None:
    """Seconds to the renewal. Vendors give seconds from now, or a time since 1970 in seconds or milliseconds."""
    text = (_first(answer.headers, RESET) or "").strip()
    if not re.fullmatch(r"\d{1,15}(\.\d{1,6})?", text):
        return None
    value = float(text)
    if value > 1e12:
        value /= 1000
    if value > 1e9:
        value -= datetime.now(UTC).timestamp()
    return max(value, 0.0)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((headers[name] for name in names if name in headers), None)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host.lower(), url.port or {"https": 443, "http": 80}.get(url.scheme, 0)


async def post_form(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    """Post a form once, to this origin alone, and give status and body: how access tokens are asked for."""
    client = HttpClient(url)
    try:
        answer = await client.request(
            "POST",
            url,
            content=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            safe_to_repeat=False,
        )
    except AuthenticationFailed:
        return 401, b""
    finally:
        await client.aclose()
    return answer.status, answer.body


def _require_protection(url: httpx.URL) -> None:
    if not url.host or url.scheme not in ("https", "http"):
        raise Misconfigured("no address", option="url", value=redact(url))
    if url.scheme != "https" and url.host not in ("localhost", "127.0.0.1", "::1"):
        raise InsecureLine("plain line", reason="plain_to_network", host=url.host)


def _transport_error(error: httpx.TransportError, place: Mapping[str, str]) -> BackendError:
    cause: BaseException | None = error
    while cause is not None:
        name = type(cause).__name__
        if name == "SSLCertVerificationError":
            return CertificateRefused("certificate", reason="not_trusted", **place)
        cause = cause.__cause__ or cause.__context__
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return CertificateRefused("certificate", reason="not_trusted", **place)
    if isinstance(error, httpx.ConnectError):
        return Unreachable("request", reason="connect", **place)
    return Unreachable("request", reason="closed", **place)


_TOKEN = re.compile(r"/bot[^/]+")


def redact(url: httpx.URL) -> str:
    """A URL for the log: no query (tokens live there), no user, no bot token in the path. One line."""
    path = _TOKEN.sub("/bot…", url.path)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", f"{url.scheme}://{url.host}{path}")
