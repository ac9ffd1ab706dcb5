"""Parsing in a child that can be killed: one hostile mail costs its own time and memory, and nothing else.

Mails are sent ahead while earlier ones are being read, so the pipe is never idle. The child answers in order, so the
first mail without an answer is the one it works on: when the child dies, that one is set aside and the ones behind
it are read by the next child.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from agent_tui.content.parsed import ParsedMail
from agent_tui.sync.children import python_of_ours
from agent_tui.sync.parse_child import CONTEXT, HEAD, MAIL, PARSED, READY, UNREADABLE
from agent_tui.sync.wire import decode

_CHUNK = 1 << 18
_ANSWER_CAP = 256 << 20
_STARTS_IN = 60.0


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """How much one mail may cost."""

    cpu: float = 10.0
    """Seconds of the child's own time: a busy machine is no reason to set a mail aside."""
    wall: float = 180.0
    """Seconds by the clock, for a child that hangs without computing."""
    memory: int = 1536 << 20
    """Bytes of address space."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mail that could not be read, and why."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


Reading = ParsedMail | Unreadable


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What reading must know of the account that a mail came by."""

    own_addresses: frozenset[str] = frozenset()
    trusted_authserv: str = ""
    """The one server whose Authentication-Results are believed."""


class ParserGone(Exception):
    """The child cannot be started at all."""


class Parser:
    """One parsing child, started when it is first needed. Blocking; several threads take turns."""

    def __init__(self, limits: ParseLimits = ParseLimits(), module: str = "agent_tui.sync.parse_child") -> None:
        self._limits = limits
        self._module = module
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of the present child."""
        return self._child.process.pid if self._child else None

    def parse(self, raws: Sequence[bytes], context: ParseContext = ParseContext()) -> list[Reading]:
        """Read mails; the answers are in their order, one for each."""
        with self._lock:
            answers: list[Reading] = []
            tried = -1
            while len(answers) < len(raws):
                place = len(answers)
                child = self._ready_child()
                death = child.exchange(context, raws[place:], answers)
                if death is None:
                    continue
                self._drop_child()
                # A child that somebody else killed is no reason to blame a mail: the second death is.
                if death.code == "parse_crash" and tried != len(answers):
                    tried = len(answers)
                    continue
                answers.append(death)
            return answers

    def warm(self) -> None:
        """Start the child ahead of the first mail: what it imports takes a while."""
        with self._lock:
            if not self._closed:
                self._ready_child()

    def rest(self) -> None:
        """End the child until it is needed again."""
        with self._lock:
            self._drop_child()

    def close(self) -> None:
        """End the child."""
        self._closed = True
        self._drop_child()

    def _ready_child(self) -> _Child:
        if self._closed:
            raise ParserGone("closed")
        if self._child is not None and self._child.process.poll() is not None:
            self._drop_child()
        if self._child is None:
            child = _Child(self._limits, self._module)
            if not child.wait_ready():
                child.kill()
                raise ParserGone(f"the parsing child ended with {child.process.returncode}")
            self._child = child
        return self._child

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


class ParserTeam:
    """Several children side by side, for batches that are worth it; a few mails are read by the first alone."""

    WORTH = 8
    """Mails for which another child is asked."""

    def __init__(self, limits: ParseLimits = ParseLimits(), size: int | None = None) -> None:
        count = size or min(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
        self._parsers = [Parser(limits) for _ in range(count)]
        self._threads = ThreadPoolExecutor(count, "parsing")

    def parse(self, raws: Sequence[bytes], context: ParseContext = ParseContext()) -> list[Reading]:
        """Read mails; the answers are in their order, one for each."""
        if len(self._parsers) == 1 or len(raws) < self.WORTH:
            return self._parsers[0].parse(raws, context)
        step = len(self._parsers)
        shares = [raws[place::step] for place in range(step)]
        found = list(self._threads.map(lambda p, share: p.parse(share, context), self._parsers, shares))
        answers: list[Reading] = [Unreadable("")] * len(raws)
        for place, share in enumerate(found):
            answers[place::step] = share
        return answers

    def warm(self) -> None:
        """Start one child ahead of the first mail."""
        self._parsers[0].warm()

    def rest(self) -> None:
        """End the children until they are needed again."""
        for parser in self._parsers:
            parser.rest()

    def close(self) -> None:
        """End the children."""
        for parser in self._parsers:
            parser.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


class _Child:
    """A running child and its two pipes."""

    def __init__(self, limits: ParseLimits, module: str) -> None:
        self.limits = limits
        self.process = subprocess.Popen(
            [*python_of_ours(module), str(limits.memory), str(limits.cpu)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_bare_environment(),
            start_new_session=True,
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._to, self._from = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._received = bytearray()
        self._context = ParseContext()

    def wait_ready(self) -> bool:
        """Until it has imported what it needs."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            end = time.monotonic() + _STARTS_IN
            while time.monotonic() < end:
                if selector.select(end - time.monotonic()) and not self._receive():
                    return False
                frame = self._next_frame()
                if frame is not None:
                    return frame[0] == READY
        return False

    def exchange(self, context: ParseContext, raws: Sequence[bytes], answers: list[Reading]) -> Unreadable | None:
        """Send mails and gather answers; what became of the child where it died on one of them."""
        waiting = deque([*self._context_frames(context), *self._frames(raws)])
        wanted = len(raws)
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            selector.register(self._to, selectors.EVENT_WRITE)
            deadline = time.monotonic() + self.limits.wall
            while wanted:
                events = selector.select(max(0.0, deadline - time.monotonic()))
                if not events and time.monotonic() >= deadline:
                    self.kill()
                    return Unreadable("parse_timeout")
                for key, _ in events:
                    if key.fd == self._to:
                        alive = self._send(waiting)
                        if not waiting:
                            selector.unregister(self._to)
                    else:
                        alive = self._receive()
                    if not alive:
                        return self._death(answers, wanted)
                got = self._gather(answers, wanted)
                if got:
                    wanted -= got
                    deadline = time.monotonic() + self.limits.wall
        return None

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # what it did not read is lost with it

    def _death(self, answers: list[Reading], wanted: int) -> Unreadable | None:
        """Why it died. Its last answers may still be in the pipe, so they count first."""
        got = self._gather(answers, wanted)
        self.process.kill()
        code = self.process.wait()
        if got == wanted:
            return None
        if code in (-signal.SIGPROF, -signal.SIGXCPU):
            return Unreadable("parse_timeout")
        return Unreadable("parse_crash", {"signal": str(-code)} if code < 0 else {"status": str(code)})

    def _context_frames(self, context: ParseContext) -> list[memoryview]:
        if context == self._context:
            return []
        self._context = context
        body = json.dumps([sorted(context.own_addresses), context.trusted_authserv]).encode()
        return [memoryview(HEAD.pack(CONTEXT, len(body)) + body)]

    @staticmethod
    def _frames(raws: Sequence[bytes]) -> list[memoryview]:
        return [memoryview(part) for raw in raws for part in (HEAD.pack(MAIL, len(raw)), raw) if part]

    def _send(self, waiting: deque[memoryview]) -> bool:
        """Write what the pipe takes; false where the child is gone."""
        try:
            while waiting:
                sent = os.write(self._to, waiting[0][:_CHUNK])
                if sent < len(waiting[0]):
                    waiting[0] = waiting[0][sent:]
                else:
                    waiting.popleft()
        except BlockingIOError:
            return True
        except (BrokenPipeError, ConnectionResetError):
            waiting.clear()  # the reading side tells what happened
        return True

    def _receive(self) -> bool:
        """Read what the pipe has; false at its end."""
        try:
            data = os.read(self._from, _CHUNK)
        except BlockingIOError:
            return True
        self._received += data
        return bool(data) and len(self._received) <= _ANSWER_CAP

    def _gather(self, answers: list[Reading], wanted: int) -> int:
        """Take whole frames off what was received."""
        got = 0
        while got < wanted and (frame := self._next_frame()) is not None:
            answers.append(_reading(*frame))
            got += 1
        return got

    def _next_frame(self) -> tuple[bytes, bytes] | None:
        if len(self._received) < HEAD.size:
            return None
        kind, size = HEAD.unpack_from(self._received)
        if len(self._received) < HEAD.size + size:
            return None
        body = bytes(self._received[HEAD.size : HEAD.size + size])
        del self._received[: HEAD.size + size]
        return kind, body


def _reading(kind: bytes, body: bytes) -> Reading:
    try:
        if kind == PARSED:
            return decode(body)
        if kind == UNREADABLE:
            code, parameters = json.loads(body)
            return Unreadable(str(code)[:60], {str(k)[:60]: str(v)[:300] for k, v in parameters.items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Unreadable("parse_error", {"error": type(error).__name__})
    return Unreadable("parse_error", {"error": "frame"})


def _bare_environment() -> dict[str, str]:
    """Nothing but what Python needs: the child that reads hostile bytes is given nothing to tell."""
    kept = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {**environment, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "LC_ALL": "C.UTF-8"}
