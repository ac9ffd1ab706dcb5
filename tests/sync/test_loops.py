"""Two programs that answer each other: marked after a few rounds, and nothing opens again by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Automatic, Message
from agent_tui.domain.times import HOUR, MINUTE, Micros, now
from agent_tui.store.open import open_worker
from agent_tui.sync.loops import LIMIT, ROUNDS, is_loop
from agent_tui.sync.parse import ParserTeam
from tests.sync.ingest_bench import Bench, report
from tests.sync.workspace import Workspace, mail

ONE, OTHER = "one@a.test", "other@b.test"
MANY = 3 * LIMIT


class Desk:
    """A workspace of one address, with a program that answers whatever comes and is not marked as going in circles."""

    def __init__(self, home: Path, team: ParserTeam, us: str) -> None:
        self.us = us
        self._team = team
        self.workspace = Workspace(home)
        self._open()

    def _open(self) -> None:
        self._store = open_worker(self.workspace.locations.data)
        self.bench = Bench(self.workspace, self._store, self._team, self.us)

    def restart(self) -> None:
        """As a worker that was started anew: nothing is known but what is in the store."""
        self._shut()
        self._open()

    def _shut(self) -> None:
        self.bench.ingestor.close()
        self._store.close()

    def close(self) -> None:
        self._shut()
        self.workspace.close()

    def answer(self, raw: bytes, at: Micros) -> bytes | None:
        """Take it in; what the program answers, filed among what was sent. None where it keeps silent."""
        self.bench.mail(raw, at)
        came = self.messages()[-1]
        if "loop" in came.warnings:
            return None
        answer = mail(
            self.us,
            came.author.address,
            "Re: Ticket",
            f"Thank you for your mail of {at}.",
            In_Reply_To=id_of(raw),
            Auto_Submitted="auto-replied",
        )
        self.bench.mail(answer, at + 1, role="sent")
        return answer

    def messages(self) -> list[Message]:
        return sorted(self.workspace.all_messages(), key=lambda message: message.arrived_at)

    def marked(self) -> int:
        return sum("loop" in message.warnings for message in self.messages())

    def solve(self) -> int:
        (row,) = self.workspace.rows()
        with self._store.ingest() as tx:
            tx.set_status(row.id, Status.SOLVED, "set", now())
        return int(row.id)


@pytest.fixture
def desks(tmp_path: Path, team: ParserTeam) -> Iterator[tuple[Desk, Desk]]:
    found = Desk(tmp_path / "one", team, ONE), Desk(tmp_path / "other", team, OTHER)
    yield found
    for desk in found:
        desk.close()


def id_of(raw: bytes) -> str:
    return str(message_from_bytes(raw)["Message-ID"])


def talk(one: Desk, other: Desk, between: Callable[[int], None] = lambda turn: None, first: bytes = b"") -> int:
    """The first desk writes once, and the programs answer each other. How many answers there were."""
    at = Micros(now() - HOUR // 2)
    first = first or mail(ONE, OTHER, "Ticket", Auto_Submitted="auto-replied")
    one.bench.mail(first, at, role="sent")
    flying = first
    for turn in range(MANY):
        between(turn)
        at = Micros(at + MINUTE // 2)
        answer = (other if turn % 2 == 0 else one).answer(flying, at)
        if answer is None:
            return turn
        flying = answer
    return MANY


def test_two_robots_facing_each_other_stop(desks: tuple[Desk, Desk]) -> None:
    one, other = desks
    answers = talk(one, other)
    assert answers == 2 * LIMIT
    assert (one.marked(), other.marked()) == (0, 1)
    (row,) = other.workspace.rows()
    (event,) = [event for event in other.workspace.events(row.id) if event.code == "loop"]
    assert event.parameters["author"] == ONE


def test_what_goes_in_circles_opens_nothing(desks: tuple[Desk, Desk]) -> None:
    one, other = desks
    first = mail(ONE, OTHER, "Ticket", Auto_Submitted="auto-replied")
    talk(one, other, first=first)
    solved = other.solve()
    for turn in range(3):
        again = mail(ONE, OTHER, "Ticket", f"{turn}", In_Reply_To=id_of(first), Auto_Submitted="auto-replied")
        assert other.answer(again, Micros(now() - MINUTE + turn)) is None
    (row,) = other.workspace.rows()
    assert (row.id, row.status) == (solved, Status.SOLVED)
    assert other.marked() == 4


def test_a_worker_that_was_started_anew_knows_what_came(desks: tuple[Desk, Desk]) -> None:
    one, other = desks

    def restarted(turn: int) -> None:
        one.restart()
        other.restart()

    assert talk(one, other, restarted) == 2 * LIMIT


def test_the_same_number_in_a_day_is_no_loop(desks: tuple[Desk, Desk]) -> None:
    _, other = desks
    for n in range(24):
        other.bench.mail(mail(ONE, OTHER, text=f"{n}", Auto_Submitted="auto-replied"), now() - (24 - n) * HOUR)
    assert other.marked() == 0


def test_people_may_write_as_much_as_they_like(desks: tuple[Desk, Desk]) -> None:
    _, other = desks
    for n in range(2 * LIMIT):
        other.bench.mail(mail(ONE, OTHER, text=f"{n}"))
    assert other.marked() == 0
    assert is_loop(ONE, Automatic.NO, now(), ROUNDS, lambda *_: 0)


def test_a_server_that_reports_on_many_of_our_messages_goes_in_no_circle(bench: Bench) -> None:
    for n in range(LIMIT + 3):
        first = bench.mail(mail(f"ann{n}@customer.test", Message_ID=f"<{n}@a>"), now() - MINUTE)
        item = bench.workspace.queue(first.conversation_id, f"ann{n}@customer.test")
        bench.mail(report(item.token, f"ann{n}@customer.test", "failed", "5.1.1"))
    assert not [message for message in bench.workspace.all_messages() if "loop" in message.warnings]
