"""Keyrings as one meets them: none, one that works, locked, hanging, chatty, in clear."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

RELEASE = threading.Event()
"""Lets those that hang go, when a test is over."""


class Working(KeyringBackend):
    """Keeps what it is given."""

    priority: ClassVar[float] = 1
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


class Hanging(Working):
    """Waits for a dialog that nobody sees."""

    def get_password(self, service: str, username: str) -> str | None:
        RELEASE.wait(60)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        RELEASE.wait(60)


class Endless(Working):
    """The same in a program of its own, where nobody lets it go."""

    priority: ClassVar[float] = 99

    def get_password(self, service: str, username: str) -> str | None:
        while True:
            time.sleep(3600)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


class Locked(Working):
    """Will not open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("the collection is locked")


class Chatty(Working):
    """Puts what it was given into its error."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"cannot store {password} for {username}")


class Forgetful(Working):
    """Takes it and has it not."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Not kept."""
