"""A file of secrets, encrypted by a key made from a passphrase: AES-256-GCM and scrypt.

The salt stays for the life of the vault, so that the opened key can be handed to the worker instead of the
passphrase; every writing takes a fresh nonce, and the header is authenticated with the content.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent_tui.credentials.secret import CredentialsError, Secret
from agent_tui.locations import NotAFile, TooLarge, is_loose, private_folder, read_file, write_private

COST = 2**17
"""scrypt's N: 128 MB and a third of a second for each guess."""
_MOST = 2**20
"""A file that asks for more is not ours: it would eat the memory."""
LARGEST = 16 * 1024 * 1024
"""Bytes of the file; one secret takes a hundred."""
_BLOCK = 8
_MAGIC = "agent-tui vault"


class Vault:
    """The vault file. Closed until `open` or `unlock` gave it the key."""

    def __init__(self, path: Path, key: Secret | None = None) -> None:
        self.path = path
        self.key = key

    @property
    def exists(self) -> bool:
        """There is a file."""
        return self.path.exists()

    def create(self, passphrase: Secret, cost: int = COST) -> None:
        """Begin an empty vault. An existing one is never overwritten."""
        with self._locked():
            if self.exists:
                raise FileExistsError(self.path)
            header = {"magic": _MAGIC, "version": 1, "n": cost, "r": _BLOCK, "p": 1, "salt": _encode(os.urandom(16))}
            self.key = _derive(passphrase, header)
            self._write(header, {})

    def unlock(self, passphrase: Secret) -> Secret:
        """Open it by its passphrase; returns the key, for handing over. Raises `wrong_passphrase`."""
        header, sealed = self._read()
        key = _derive(passphrase, header)
        try:
            _unseal(key, header, sealed)
        except CredentialsError:
            raise CredentialsError("wrong_passphrase") from None
        self.key = key
        return key

    def read(self, name: str) -> Secret:
        """One secret."""
        found = self._content().get(name)
        if found is None:
            raise CredentialsError("not_stored")
        return Secret(found)

    def write(self, changes: Mapping[str, Secret | None]) -> None:
        """Put secrets in, or take those out that are None. Another process may do the same."""
        with self._locked():
            header, sealed = self._read()
            content = _unseal(self._opened(), header, sealed)
            for name, secret in changes.items():
                if secret is None:
                    content.pop(name, None)
                else:
                    content[name] = secret.reveal()
            self._write(header, content)

    def _content(self) -> dict[str, str]:
        header, sealed = self._read()
        return _unseal(self._opened(), header, sealed)

    def _opened(self) -> Secret:
        if self.key is None:
            raise CredentialsError("vault_locked")
        return self.key

    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        try:
            text = read_file(self.path, LARGEST)
        except FileNotFoundError:
            raise CredentialsError("vault_missing", path=str(self.path)) from None
        except (NotAFile, TooLarge):
            raise CredentialsError("vault_tampered", path=str(self.path)) from None
        if is_loose(self.path):
            raise CredentialsError("loose_permissions", path=str(self.path))
        try:
            whole = json.loads(text)
            header, sealed = whole["header"], {"nonce": whole["nonce"], "data": whole["data"]}
            fit = header["magic"] == _MAGIC and header["version"] == 1 and 2 <= header["n"] <= _MOST
            fit = fit and header["r"] == _BLOCK and header["p"] == 1
        except (ValueError, KeyError, TypeError, RecursionError):
            raise CredentialsError("vault_tampered", path=str(self.path)) from None
        if not fit:
            raise CredentialsError("vault_tampered", path=str(self.path))
        return header, sealed

    def _write(self, header: Mapping[str, Any], content: Mapping[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(12)
        plain = json.dumps(content, sort_keys=True).encode()
        data = AESGCM(self._opened().reveal_bytes()).encrypt(nonce, plain, _bound(header))
        whole = {"header": header, "nonce": _encode(nonce), "data": _encode(data)}
        write_private(self.path, (json.dumps(whole, indent=1) + "\n").encode())

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        private_folder(self.path.parent)
        handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _derive(passphrase: Secret, header: Mapping[str, Any]) -> Secret:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    try:
        kdf = Scrypt(salt=_decode(header["salt"]), length=32, n=header["n"], r=header["r"], p=header["p"])
    except (ValueError, TypeError, KeyError):
        raise CredentialsError("vault_tampered") from None
    return Secret(kdf.derive(passphrase.reveal_bytes()))


def _unseal(key: Secret, header: Mapping[str, Any], sealed: Mapping[str, str]) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(key.reveal_bytes()).decrypt(_decode(sealed["nonce"]), _decode(sealed["data"]), _bound(header))
        content = json.loads(plain)
    except (InvalidTag, ValueError, TypeError):
        raise CredentialsError("vault_tampered") from None
    return {str(name): str(value) for name, value in content.items()}


def _bound(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
