"""The simulated service: what a real one would keep and decide, somewhere else.

It lives in a file of its own, so that what it says after a crash of ours proves something. Its time is the
time one watches: while nobody looks, the customers stand still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from agent_tui.backends.demo import history, letters, wording
from agent_tui.backends.demo.cast import Cast
from agent_tui.backends.demo.customers import Customers
from agent_tui.backends.demo.later import State
from agent_tui.backends.demo.records import Message, Records
from agent_tui.domain.times import SECOND, Micros, now as system_now

FAULTS = (
    "refuse_login",
    "unreachable",
    "rate_limit",
    "refuse_message",
    "busy",
    "lose_answer",
    "lose_message",
)
"""What can be made to go wrong. `lose_answer`: the message is taken over, the answer does not come; `lose_message`:
it is not taken over, and no answer comes; `busy`: refused for now."""
_ASLEEP = 30 * SECOND
"""Nobody looked for so long: time stood still."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a conversation of the past."""

    thread: str
    first_message: str
    """Native id of its first message."""
    outcome: str
    """`solved`, `waiting`, `open`, `spam`."""
    tags: Sequence[str]


class Refused(Exception):
    """The service does not take a message."""


class DemoServer:
    """One service, opened from its file. Calls take milliseconds."""

    def __init__(self, path: Path, seed: int = 1, speed: float = 1.0, clock: Callable[[], Micros] = system_now) -> None:
        self._clock = clock
        self.records = Records(path)
        self._cast = Cast(seed)
        self._customers = Customers(self.records, self._cast, seed, speed)
        with self.records.changing():
            if self.records.fact("opened_at") is None:
                now = clock()
                history.write(self.records, self._customers, self._cast, seed, now)
                self._customers.open_the_shop(now)
                self.records.note("opened_at", str(now))
                self.records.note("looked_at", str(now))

    def close(self) -> None:
        """Let go of the file; the customers stand still."""
        self.records.close()

    def advance(self) -> None:
        """Let happen what is due."""
        now = self._clock()
        looked_at = int(self.records.fact("looked_at") or now)
        if self.records.agenda.due(now) is None and 0 <= now - looked_at < 5 * SECOND:
            return
        with self.records.changing():
            looked_at = int(self.records.fact("looked_at") or now)
            if not 0 <= now - looked_at < _ASLEEP:
                self.records.agenda.postpone(now - looked_at)
            self.records.note("looked_at", str(now))
            while (plan := self.records.agenda.due(now)) is not None:
                self.records.agenda.done(plan)
                self._customers.do(plan)

    def after(self, channel: str, place: int, limit: int) -> Sequence[Message]:
        """The next messages behind a place, oldest first."""
        return self.records.after(channel, place, limit)

    def before(self, channel: str, place: int, limit: int) -> Sequence[Message]:
        """Messages before a place, newest first."""
        return self.records.before(channel, place, limit)

    def count(self, channel: str, below: int) -> int:
        """How many messages lie before a place."""
        return self.records.count(channel, below)

    def newest(self, channel: str) -> tuple[int, int]:
        """The places of the newest message and of the newest change."""
        return self.records.newest(channel), self.records.later.newest(channel)

    def changed(self, channel: str, place: int, limit: int) -> tuple[int, Sequence[Message], Sequence[State]]:
        """What changed behind a place: how far this goes, messages that were edited, what became of conversations."""
        found = self.records.later.behind(channel, place, limit)
        edited = [self.records.by_native_id(id) for _, what, id in found if what == "message"]
        states = self.states([id for _, what, id in found if what == "thread"])
        return (found[-1][0] if found else place), [m for m in edited if m is not None], states

    def states(self, threads: Iterable[str]) -> Sequence[State]:
        """What the team made of these conversations."""
        return [state for thread in dict.fromkeys(threads) if (state := self.records.later.state(thread)) is not None]

    def edit(self, native_id: str, text: str) -> None:
        """A customer changes what he wrote in the chat. It may be done from another process, while the worker runs."""
        with self.records.changing():
            self.records.later.edit(native_id, text)

    def file_away(self, channel: str, state: State) -> None:
        """A colleague there sets status, assignee and tags."""
        with self.records.changing():
            self.records.later.put(channel, state)

    def taken(self, token: str) -> str | None:
        """Our id of what was taken over under this token."""
        found = self.records.by_token(token)
        return None if found is None else found.native_id

    def mark(self, places: Sequence[int], column: str, value: bool) -> None:
        """Set or clear a mark."""
        self.records.mark(places, column, value)

    def take_mail(self, raw: bytes, recipients: Sequence[str], token: str) -> str:
        """Take a mail over for delivery. The same one twice is the same one."""
        with self.records.changing():
            if (known := self.records.by_token(token)) is not None:
                return known.native_id
            now = self._clock()
            mail = message_from_bytes(raw)
            references = f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}".split()
            thread_id = next(
                (found.thread for ref in references if (found := self.records.by_native_id(ref.strip("<>")))), None
            )
            thread = self.records.thread(thread_id) if thread_id else None
            if thread is not None and thread.person not in {recipient.casefold() for recipient in recipients}:
                thread = None  # forwarded, or its recipient was replaced
            if thread is None:
                thread = self._customers.written_to(recipients[0], str(mail.get("Subject", "")), raw, now)
                answered = None
            else:
                answered = thread
            self.records.add(
                Message("email", token, thread.id, outgoing=True, arrived_at=now, raw=raw, token=token, seen=True)
            )
            if answered is not None:
                self._customers.answered(answered, letters.plain_text(raw), now)
        return token

    def take_chat(self, conversation: str, text: str, files: Sequence[tuple[str, str, bytes]], token: str) -> str:
        """Take a chat line over. Raises `Refused` where there is no such chat."""
        with self.records.changing():
            if (known := self.records.by_token(token)) is not None:
                return known.native_id
            thread = self.records.thread(conversation)
            if thread is None or thread.channel != "chat":
                raise Refused
            now = self._clock()
            native_id = f"{thread.id}/{len(self.records.thread_messages(thread.id)) + 1}"
            self.records.add(
                Message(
                    "chat",
                    native_id,
                    thread.id,
                    outgoing=True,
                    arrived_at=now,
                    author="aurora",
                    name=letters.OUR_NAME,
                    text=text,
                    files=files,
                    token=token,
                    seen=True,
                )
            )
            self._customers.answered(thread, text, now)
        return native_id

    def strike(self, fault: str) -> bool:
        """Whether a fault that was asked for is to be made now."""
        return self.records.strike(fault)

    def inject(self, fault: str, times: int = 1) -> None:
        """Ask for a fault. It may be done from another process, while the worker runs."""
        if fault not in FAULTS:
            raise ValueError(fault)
        self.records.inject(fault, times)

    def vouched_address(self, handle: str) -> str | None:
        """The mail address that a person of the chat has proven to own."""
        person = self._cast.by_handle(handle)
        return person.address if person is not None else None

    def outcomes(self) -> Sequence[Outcome]:
        """How the desk left the conversations of the past."""
        found = []
        for thread in self.records.threads():
            messages = self.records.thread_messages(thread.id)
            if thread.id.startswith(history.PAST) and messages:
                script = wording.script(thread.script)
                over = thread.position == len(script.turns)
                found.append(Outcome(thread.id, messages[0].native_id, script.outcome if over else "open", script.tags))
        return found
