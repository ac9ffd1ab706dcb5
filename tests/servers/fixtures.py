"""Fixtures for every room of tests. Servers start once a process and stop at its end, even after failures.

`mail_system`   a whole mail system: Postfix with Dovecot where they can run, else pymap with aiosmtpd
`pymail`        pymap with aiosmtpd, always there
`dovecot`       Dovecot alone (IMAP, LMTP, OAuth); skips with its reason where it is not installed
`postfix`       Postfix before Dovecot; skips with its reason
`certificates`  a private authority and bad certificates

With AGENT_TUI_REQUIRE_SERVERS=1 a missing server fails instead of skipping.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import dovecot as dovecot_server, postfix as postfix_server
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot
from tests.servers.mailserver import MailServer
from tests.servers.postfix import Postfix
from tests.servers.pymail import Pymail

REQUIRED = os.environ.get("AGENT_TUI_REQUIRE_SERVERS") == "1"


def _missing(reason: str) -> None:
    if REQUIRED:
        pytest.fail(f"required here: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private authority and bad certificates."""
    folder: Path = tmp_path_factory.mktemp("tls")
    return make_certificates(folder)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Dovecot alone."""
    if reason := dovecot_server.available():
        _missing(reason)
    server = Dovecot()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postfix() -> Iterator[Postfix]:
    """Postfix before Dovecot."""
    if reason := postfix_server.available():
        _missing(reason)
    server = Postfix()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pymail() -> Iterator[Pymail]:
    """pymap with aiosmtpd."""
    server = Pymail()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mail_system(request: pytest.FixtureRequest) -> MailServer:
    """The best whole mail system that this machine can run."""
    name = "postfix" if REQUIRED or not postfix_server.available() else "pymail"
    server = request.getfixturevalue(name)
    assert isinstance(server, MailServer)
    return server
