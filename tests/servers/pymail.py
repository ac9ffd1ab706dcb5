"""A mail system in Python alone: pymap serves IMAP, aiosmtpd takes mail. Run as a process of its own.

    python -m tests.servers.pymail CERTIFICATE KEY

Prints its ports as JSON on the first line of standard output. Each line `ADDRESS PASSWORD` on standard input makes
a mailbox and is answered by `ok`. It ends when standard input does, so it cannot outlive the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import ssl
import subprocess
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers.certificates import make_certificates
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.process import remove_folder, short_folder

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("Drafts", "Sent", "Junk", "Trash", "Archive")


@dataclass
class Pymail(MailServer):
    """The process seen from the tests."""

    folder: Path = field(default_factory=short_folder)

    def __post_init__(self) -> None:
        self.kind = "pymail"
        self.certificates = make_certificates(self.folder / "tls")
        self.ca_file = self.certificates.ca
        self._numbers = itertools.count()
        good = self.certificates.good
        self.log = self.folder / "log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.servers.pymail", str(good.chain), str(good.key)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                text=True,
            )
        ports = json.loads(self._answer())
        self.imap_port, self.imaps_port = ports["imap"], ports["imaps"]
        self.smtp_port, self.smtps_port, self.mx_port = ports["smtp"], ports["smtps"], ports["mx"]

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self.log.read_text("utf-8", "replace")[-3000:])
        return line

    def new_user(self, domain: str = "example.test", password: str = "secret") -> MailUser:
        user = MailUser(f"u{next(self._numbers)}@{domain}", password)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{user.address} {user.password}\n")
        self._process.stdin.flush()
        assert self._answer() == "ok\n"
        return user

    def stop(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        remove_folder(self.folder)


class _System:
    """The process from within."""

    def __init__(self, chain: str, key: str) -> None:
        self.chain, self.key = chain, key
        self.users: dict[str, str] = {}

    async def run(self) -> None:
        from aiosmtpd.smtp import SMTP
        from proxyprotocol.sock import SocketInfoLocal
        from pymap.backend.dict import DictBackend
        from pymap.imap import IMAPServer, IMAPService

        async with contextlib.AsyncExitStack() as stack:
            parser = argparse.ArgumentParser()
            backends = parser.add_subparsers(dest="backend")
            DictBackend.add_subparser("dict", backends)
            IMAPService.add_arguments(parser)
            parser.set_defaults(skip_services=[], passlib_cfg=None, debug=False)
            self.backend, self.config = await DictBackend.init(
                parser.parse_args(["--host", "127.0.0.1", "--cert", self.chain, "--key", self.key, "dict"])
            )
            self.config.apply_context()
            await self.backend.start(stack)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.chain, self.key)
            imap_server = IMAPServer(self.backend.login, self.config)

            async def imap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await imap_server(reader, writer, SocketInfoLocal(writer))

            loop = asyncio.get_running_loop()

            def smtp(*, implicit: bool, submission: bool) -> Any:
                return lambda: SMTP(
                    self,
                    hostname="mail.example.test",
                    enable_SMTPUTF8=True,
                    loop=loop,
                    data_size_limit=100 << 20,
                    tls_context=None if implicit else context,
                    require_starttls=submission and not implicit,
                    authenticator=self.authenticate if submission else None,
                    auth_required=submission,
                    auth_require_tls=not implicit,
                )

            servers = {
                "imap": await asyncio.start_server(imap, "127.0.0.1", 0),
                "imaps": await asyncio.start_server(imap, "127.0.0.1", 0, ssl=context),
                "mx": await loop.create_server(smtp(implicit=False, submission=False), "127.0.0.1", 0),
                "smtp": await loop.create_server(smtp(implicit=False, submission=True), "127.0.0.1", 0),
                "smtps": await loop.create_server(smtp(implicit=True, submission=True), "127.0.0.1", 0, ssl=context),
            }
            print(json.dumps({n: s.sockets[0].getsockname()[1] for n, s in servers.items()}), flush=True)
            await self.serve_input()
            for server in servers.values():
                server.close()

    async def serve_input(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            name, _, password = line.decode().strip().partition(" ")
            await self.add(name, password)
            print("ok", flush=True)

    def session(self, name: str) -> Any:
        from pymap.backend.dict import Identity

        return Identity(name, self.backend.login, None, frozenset()).new_session()

    async def add(self, name: str, password: str) -> None:
        from pymap.backend.dict import Identity
        from pymap.user import Passwords, UserMetadata

        self.users[name] = password
        hashed = await Passwords(self.config).hash_password(password)
        identity = Identity(name, self.backend.login, None, frozenset())
        await identity.set(UserMetadata(self.config, name, password=hashed))
        async with self.session(name) as session:
            for folder in FOLDERS:
                await session.mailbox_set.add_mailbox(folder)

    # aiosmtpd calls these

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult, LoginPassword

        if isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode():
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        user, _, domain = address.lower().partition("@")
        name = f"{user.partition('+')[0]}@{domain}"
        if name not in self.users:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(name)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        from pymap.parsing.message import AppendMessage

        for name in dict.fromkeys(envelope.rcpt_tos):
            head = f"Return-Path: <{envelope.mail_from}>\r\nDelivered-To: {name}\r\n".encode()
            message = AppendMessage(head + envelope.original_content, datetime.now(UTC), frozenset())
            async with self.session(name) as one:
                await one.append_messages("INBOX", [message])
        return "250 2.0.0 delivered"


async def _main(chain: str, key: str) -> None:
    # asyncio holds tasks weakly; on Python 3.13 pymap's connection tasks would be collected in mid-session
    kept: set[asyncio.Task[Any]] = set()

    def factory(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **options)
        kept.add(task)
        task.add_done_callback(kept.discard)
        return task

    asyncio.get_running_loop().set_task_factory(factory)  # type: ignore[arg-type]
    await _System(chain, key).run()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2]))
