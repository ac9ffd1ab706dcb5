"""The type that holds a secret, and the error of everything that has to do with secrets."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """A secret that shows itself only where it is asked by name: `reveal()`.

    Its repr, str and format are masked, it cannot be pickled, and it has no attribute that a
    traceback with local variables would print.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str | bytes) -> None:
        self.__value = value.encode() if isinstance(value, str) else bytes(value)

    def reveal(self) -> str:
        """The secret as text."""
        return self.__value.decode()

    def reveal_bytes(self) -> bytes:
        """The secret as bytes."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__value, other.reveal_bytes())

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")


class CredentialsError(Exception):
    """A secret could not be had or kept. `code` is put into words by the screens; nothing in it is secret.

    `no_keyring`, `keyring_locked`, `keyring_hangs`, `keyring_failed`, `vault_locked`, `vault_missing`,
    `wrong_passphrase`, `vault_tampered`, `command_missing`, `command_failed`, `command_timeout`, `command_empty`,
    `command_too_long`, `not_stored`, `variable_missing`, `loose_permissions`, `not_text`, `oauth_refused`,
    `oauth_failed`, `broken_file`.
    """

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters

    @property
    def locked(self) -> bool:
        """It is there, but closed: a passphrase would open it."""
        return self.code in ("vault_locked", "keyring_locked")
