"""A whole conversation as its people live it: by real mail servers, on a real terminal, from the keyboard."""

from __future__ import annotations

import email.policy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from pathlib import Path

import pytest

from agent_tui.locations import locate
from agent_tui.sync.lock import worker_holder
from tests.pty_terminal import PtyTerminal
from tests.servers.mailserver import MailServer, MailUser

pytestmark = [pytest.mark.servers, pytest.mark.serial]

COMMAND = [sys.executable, "-m", "agent_tui"]
ANSWER = "Вітаю! Кошти надійшли сьогодні вранці."


@dataclass
class Workplace:
    """A workspace with one account on a real server, without polling."""

    home: Path
    server: MailServer
    support: MailUser
    customer: MailUser

    @property
    def sales(self) -> str:
        """A second address of the same mailbox."""
        name, _, domain = self.support.address.partition("@")
        return f"{name}+sales@{domain}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "AGENT_TUI_HOME": str(self.home), "AGENT_TUI_SECRET_MAIL_PASSWORD": self.support.password}

    def run(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def desk(self, columns: int = 80, rows: int = 24) -> PtyTerminal:
        return PtyTerminal(COMMAND, columns=columns, rows=rows, env=self.environment)

    def worker(self) -> int | None:
        """The process that holds the workspace's worker lock."""
        holder = worker_holder(locate(str(self.home)).worker_lock)
        return holder.pid if holder else None

    def write(self, subject: str, text: str, answers: EmailMessage | None = None, to: str = "") -> EmailMessage:
        """A mail of the customer, delivered by SMTP."""
        to = to or self.support.address
        mail = EmailMessage()
        mail["From"] = f"Олена Коваленко <{self.customer.address}>"
        mail["To"] = f"Aurora <{to}>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{time.time_ns()}@customer.test>"
        if answers is not None:
            mail["In-Reply-To"] = answers["Message-ID"]
            mail["References"] = f"{answers['References']} {answers['Message-ID']}"
        mail.set_content(text)
        self.server.deliver(mail.as_bytes(), to, self.customer.address)
        return mail


@pytest.fixture
def workplace(mail_system: MailServer, tmp_path: Path) -> Iterator[Workplace]:
    home = tmp_path / "home"
    place = Workplace(home, mail_system, mail_system.new_user(), mail_system.new_user())
    home.mkdir(mode=0o700)
    place.run(
        *("account", "add", "imap", "--id", "mail", "--host", mail_system.host, "--port", str(mail_system.imaps_port)),
        *("--smtp-port", str(mail_system.smtps_port), "--user", place.support.address),
        *(
            "--addresses",
            f"{place.support.address},{place.sales}",
            "--name",
            "Aurora",
            "--ca-file",
            str(mail_system.ca_file),
        ),
        *("--poll-interval", "86400", "--password-env"),
    )
    settings = Path(place.run("locate", "config").strip())
    (settings if settings.suffix else settings / "settings.toml").write_text(
        'agent = "dana"\n[sending]\nhold_seconds = 1\n'
    )
    yield place
    if holder := worker_holder(locate(str(home)).worker_lock):
        os.kill(holder.pid, signal.SIGKILL)


def _read(raw: bytes) -> EmailMessage:
    mail = BytesParser(policy=email.policy.default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_conversation_from_the_first_mail_to_the_answer_to_our_answer(workplace: Workplace) -> None:
    with workplace.desk() as desk:
        desk.wait("Inbox")
        desk.wait("●")
        first = workplace.write("Повернення 4417", "Доброго дня! Де мої кошти?\n")
        desk.wait("Повернення 4417")
        desk.press("\r")
        desk.wait("Де мої кошти")
        desk.press("r")
        desk.wait("REPLY")
        desk.type(ANSWER)
        desk.press("\x13")
        desk.wait_gone("REPLY")
        received = _read(workplace.server.wait_for_mail(workplace.customer)[0])

        assert getaddresses([received["From"]]) == [("Aurora", workplace.support.address)]
        assert [a for _, a in getaddresses([received["To"]])] == [workplace.customer.address]
        assert received["In-Reply-To"] == first["Message-ID"]
        assert received["References"].split() == [first["Message-ID"]]
        assert received["Subject"] == "Re: Повернення 4417"
        (left,) = [json.loads(line) for line in workplace.run("outbox", "--all", "--json").splitlines()]
        assert received["Message-ID"] == f"<{left['message_id']}>"
        assert abs(parsedate_to_datetime(received["Date"]).timestamp() - time.time()) < 120
        assert received["MIME-Version"] == "1.0"
        body = received.get_body(("plain",))
        assert body is not None
        assert ANSWER in body.get_content()
        assert "> Доброго дня! Де мої кошти?" in body.get_content()

        workplace.write("Re: Повернення 4417", "Дякую, вже бачу.\n", answers=received)
        desk.wait("Дякую, вже бачу")
        desk.wait(r"sent")
    shown = workplace.run("list", "--view", "all", "--json").splitlines()
    assert len(shown) == 1


def test_a_mail_to_an_alias_is_answered_from_that_alias(workplace: Workplace) -> None:
    """Who wrote to sales knows sales; an answer from support would be a stranger's."""
    if workplace.server.kind != "postfix":
        pytest.skip("needs a server that delivers to name+detail")
    with workplace.desk() as desk:
        desk.wait("Inbox")
        desk.wait("●")
        first = workplace.write("For sales", "How much is the coat?\n", to=workplace.sales)
        desk.wait("For sales")
        desk.press("\r")
        desk.wait("How much is the coat")
        desk.press("r")
        desk.wait("REPLY")
        desk.type("Eighty.")
        desk.press("\x13")
        desk.wait_gone("REPLY")
        received = _read(workplace.server.wait_for_mail(workplace.customer)[0])
        assert getaddresses([received["From"]]) == [("Aurora", workplace.sales)]
        assert [address for _, address in getaddresses([received["To"]])] == [workplace.customer.address]
        assert received["Cc"] is None
        assert received["In-Reply-To"] == first["Message-ID"]

        workplace.write("Re: For sales", "Taken.\n", answers=received, to=workplace.sales)
        desk.wait("Taken")
    assert len(workplace.run("list", "--view", "all", "--json").splitlines()) == 1


def test_a_killed_worker_is_started_again_and_nothing_is_lost(workplace: Workplace) -> None:
    with workplace.desk() as desk:
        desk.wait("Inbox")
        desk.wait("●")
        workplace.write("Before the end", "One\n")
        desk.wait("Before the end")
        worker = workplace.worker()
        assert worker
        os.kill(worker, signal.SIGKILL)
        workplace.write("After the end", "Two\n")
        desk.wait("1 new above", 30)
        desk.press("gg")
        desk.wait("After the end")
        desk.wait("Before the end")


def test_an_answer_typed_before_the_line_was_lost_is_still_sent(workplace: Workplace) -> None:
    with workplace.desk() as desk:
        desk.wait("Inbox")
        workplace.write("Lost line", "Are you there?\n")
        desk.wait("Lost line")
        desk.press("\r")
        desk.wait("Are you there")
        desk.press("r")
        desk.wait("REPLY")
        desk.type("Yes, we are.")
        desk.press("\x13")
        desk.wait_gone("REPLY")
        desk.kill(signal.SIGHUP)
        received = workplace.server.wait_for_mail(workplace.customer)
    assert len(received) == 1
    assert b"Yes, we are." in received[0]


def test_a_draft_survives_the_kill_of_the_desk(workplace: Workplace) -> None:
    with workplace.desk() as desk:
        desk.wait("Inbox")
        workplace.write("Kept words", "Hello?\n")
        desk.wait("Kept words")
        desk.press("\r")
        desk.wait("Hello")
        desk.press("r")
        desk.wait("REPLY")
        desk.type("These words stay")
        desk.pump(1.2)
        desk.kill(signal.SIGKILL)
    with workplace.desk() as desk:
        desk.wait("Kept words")
        desk.press("\r")
        desk.wait("Hello")
        desk.press("r")
        desk.wait("These words stay")
