"""From a mail's delivery to its row on the screen: a real mail system, IDLE, the worker, the store, the desk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

from agent_tui.locations import locate
from agent_tui.sync.launch import stop_worker
from bench.measure_desk import Figure
from bench.program import percentile
from tests.pty_terminal import PtyTerminal
from tests.servers import postfix as postfix_server
from tests.servers.mailserver import MailServer
from tests.servers.postfix import Postfix
from tests.servers.pymail import Pymail

MAILS = 12
COMMAND = [sys.executable, "-m", "agent_tui"]


def delivered() -> list[Figure]:
    """Seconds from the end of the SMTP dialog to the painted count of the inbox, and to the row; polling is off.

    Nothing moves under the agent's hands: where the count tells of a mail, `gg` lets its row in, and is in the time.
    """
    server: MailServer = Pymail() if postfix_server.available() else Postfix()
    try:
        with tempfile.TemporaryDirectory(prefix="delivery-") as folder:
            return _measure(server, Path(folder) / "home")
    finally:
        server.stop()


def _measure(server: MailServer, home: Path) -> list[Figure]:
    user = server.new_user()
    env = {**os.environ, "AGENT_TUI_HOME": str(home), "AGENT_TUI_SECRET_MAIL_PASSWORD": user.password}
    add = ("account", "add", "imap", "--id", "mail", "--host", server.host, "--port", str(server.imaps_port))
    smtp = ("--smtp-port", str(server.smtps_port), "--user", user.address, "--ca-file", str(server.ca_file))
    words = [*COMMAND, *add, *smtp, "--poll-interval", "86400", "--password-env"]
    subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)
    told, rows = [], []
    with PtyTerminal(COMMAND, columns=120, rows=40, env=env) as desk:
        desk.wait("● mail", 60)
        desk.pump(2.0)
        for number in range(1, MAILS + 1):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "ann@customer.test", user.address, f"Number {number}"
            mail.set_content("Hello")
            server.deliver(mail.as_bytes(), user.address)
            begun = time.perf_counter()
            desk.wait(rf"Inbox {number}\b", 30)
            told.append(time.perf_counter() - begun)
            desk.press("gg", 0)
            desk.wait(rf"Number {number}\b", 30)
            rows.append(time.perf_counter() - begun)
            desk.pump(0.5)
    stop_worker(locate(str(home)))
    return [
        Figure(f"delivery to painted count, median ({server.kind})", percentile(told, 50), "s"),
        Figure("delivery to painted count, worst", max(told), "s"),
        Figure("delivery to painted row, median", percentile(rows, 50), "s"),
        Figure("delivery to painted row, worst", max(rows), "s"),
    ]
