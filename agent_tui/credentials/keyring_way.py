"""The system's keyring, asked so that one which hangs or is locked costs seconds and not the session.

Over SSH a Secret Service may wait for ever for a dialog nobody sees, so every call runs in a daemon thread
with a time limit; once one hung, none is asked again for a while.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from agent_tui.credentials.secret import CredentialsError, Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "agent-tui"
LIMIT = 3.0
"""Seconds a keyring has for an answer."""
_REST = 60.0
"""Seconds for which one that hung is left alone."""

_T = TypeVar("_T")


class _Patience:
    """Remembers a keyring that hung, so that not every secret waits for it again, each with a thread of its own."""

    hung_at: float | None = None

    @classmethod
    def lost(cls) -> bool:
        return cls.hung_at is not None and time.monotonic() - cls.hung_at < _REST


class KeyringState(StrEnum):
    """What became of looking for a keyring."""

    USABLE = "usable"
    NONE = "no_keyring"
    LOCKED = "keyring_locked"
    HANGS = "keyring_hangs"
    FAILED = "keyring_failed"


def probe(limit: float = LIMIT) -> tuple[KeyringState, str]:
    """Whether the keyring can be used now, and the name of its backend."""
    try:
        name = _limited(_try_out, limit)
    except CredentialsError as error:
        return KeyringState(error.code), error.parameters.get("backend", "")
    return KeyringState.USABLE, name


def read(key: str, limit: float = LIMIT) -> Secret:
    """A secret from the keyring."""
    found = _limited(lambda: _usable().get_password(SERVICE, key), limit)
    if found is None:
        raise CredentialsError("not_stored")
    return Secret(found)


def write(key: str, secret: Secret, limit: float = LIMIT) -> None:
    """Put a secret into the keyring, and read it back: some accept and forget."""

    def work() -> bool:
        keyring = _usable()
        keyring.set_password(SERVICE, key, secret.reveal())
        return keyring.get_password(SERVICE, key) == secret.reveal()

    if not _limited(work, limit):
        raise CredentialsError("keyring_failed", backend=_limited(lambda: _name(_usable()), limit))


def delete(key: str, limit: float = LIMIT) -> None:
    """Take a secret out of the keyring; one that is not there is no error."""

    def work() -> None:
        from keyring.errors import PasswordDeleteError

        try:
            _usable().delete_password(SERVICE, key)
        except PasswordDeleteError:
            pass

    _limited(work, limit)


def _usable() -> KeyringBackend:
    """The keyring, where it is one that encrypts."""
    import keyring
    from keyring.backends import chainer, fail, null

    found = keyring.get_keyring()
    candidates = found.backends if isinstance(found, chainer.ChainerBackend) else [found]
    for candidate in candidates:
        if isinstance(candidate, fail.Keyring | null.Keyring):
            continue
        if type(candidate).__module__.startswith("keyrings.alt"):
            continue  # a file in clear, or one that asks for a passphrase on the terminal
        return candidate
    raise CredentialsError("no_keyring")


def _try_out() -> str:
    keyring = _usable()
    _refuse_locked(keyring)
    keyring.get_password(SERVICE, "probe")
    return _name(keyring)


def _refuse_locked(keyring: KeyringBackend) -> None:
    """A locked Secret Service would open a dialog: look before asking."""
    if type(keyring).__module__ != "keyring.backends.SecretService":
        return
    import secretstorage

    connection = secretstorage.dbus_init()
    try:
        if secretstorage.get_default_collection(connection).is_locked():
            raise CredentialsError("keyring_locked", backend=_name(keyring))
    finally:
        connection.close()


def _name(keyring: KeyringBackend) -> str:
    return f"{type(keyring).__module__}.{type(keyring).__qualname__}".removeprefix("keyring.backends.")


def _limited(work: Callable[[], _T], limit: float) -> _T:
    """Do the work in a daemon thread and wait for it so long and no longer."""
    if _Patience.lost():
        raise CredentialsError("keyring_hangs")
    answers: list[_T] = []
    failures: list[CredentialsError] = []

    def run() -> None:
        try:
            answers.append(work())
        except CredentialsError as error:
            failures.append(error)
        except Exception as error:
            # A backend's own words may hold what it was given: only the kind of error leaves here.
            failures.append(CredentialsError(_code(error)))

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        _Patience.hung_at = time.monotonic()
        raise CredentialsError("keyring_hangs")
    _Patience.hung_at = None
    if failures:
        raise failures[0]
    return answers[0]


def _code(error: Exception) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"KeyringLocked", "LockedException"} or "-25308" in str(error):
        return "keyring_locked"
    if kinds & {"NoKeyringError", "InitError", "SecretServiceNotAvailableException", "ModuleNotFoundError"}:
        return "no_keyring"
    return "keyring_failed"
