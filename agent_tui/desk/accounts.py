"""Accounts: a form's values read, tried by the worker, kept, and let go of.

A secret goes from the form straight to the keyring, by a callable that is handed in: it is in no account, no request
and no error.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from agent_tui.content.safe import safe
from agent_tui.desk.recipients import Unread, parse, read_address
from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Account, AccountHealth, BackendInfo, Capability, Health, OptionField
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.ports import WorkRequest

_ID = re.compile(r"[a-z][a-z0-9_-]{0,31}")
KeepSecret = Callable[[str, str, str], None]
"""(account, option, secret): puts it where secrets are kept; raises where that cannot be had."""
ForgetSecrets = Callable[[str], None]


class DoorWay(StrEnum):
    """Where a secret that is typed goes."""

    KEYRING = "keyring"
    OPEN = "open"
    """The encrypted file, which is open."""
    CLOSED = "closed"
    """The encrypted file, which wants its passphrase."""
    NEW = "new"
    """An encrypted file that is still to be made."""


@dataclass(frozen=True, slots=True)
class DoorState:
    """What a look at the places for secrets found."""

    way: DoorWay
    reason: str = ""
    """Why it is not the keyring, as a code; empty where it is, or where the file was chosen."""
    variables: tuple[str, ...] = ()
    """Of the environment, where the account's secrets come from until one is typed."""

    @property
    def wants_passphrase(self) -> bool:
        """Nothing can be put there before a passphrase was given."""
        return self.way in (DoorWay.CLOSED, DoorWay.NEW)


class Door(Protocol):
    """Finds where secrets go, opens the encrypted file, and keeps what stands for a secret. All of it blocks."""

    def look(self, account: str = "", refused: str = "") -> DoorState:
        """Where a secret of this account would go; `refused` is why the keyring, tried already, did not take it."""
        ...

    def open(self, passphrase: str) -> None:
        """Open or make the file; the worker gets its key."""
        ...

    def keep_program(self, account: str, option: str, command: str) -> None:
        """Keep no secret, but the program that prints it."""
        ...

    def begin_trial(self, account: str) -> None:
        """What is kept from now on is only tried: what the account has is remembered."""
        ...

    def put_back(self, account: str) -> None:
        """The account has again what it had before the trial; nothing where there was none."""
        ...


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A value that cannot be right.

    `code`: `required`, `no_integer`, `no_number`, `no_size`, `not_a_choice`, `bad_id`, `taken`, `bad_address`.
    """

    name: str
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account as its form describes it. Its secrets never show."""

    account: Account
    secrets: Mapping[str, str] = field(repr=False)
    faults: tuple[FieldFault, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)
    """Commands that print secrets, by option."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How the live check of an account went."""

    done: bool
    ok: bool = False
    proven: tuple[str, ...] = ()
    """Codes of what was proven, as `connected`."""
    code: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


ADDRESSES = "own_addresses"
NAME = "own_name"
SIGNATURE = "signature"
ID = "id"
LABEL = "label"
THEIR_ADDRESSES = "addresses"
THEIR_NAME = "name"
"""Where a backend declares addresses or a name itself, the account takes them over."""


class SecretNotKept(Exception):
    """A secret could not be put away, so the account was not saved. Never carries the secret."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


class Accounts:
    """Adds, checks, shows and removes accounts."""

    def __init__(
        self, desk: Desk, keep_secret: KeepSecret, forget_secrets: ForgetSecrets, door: Door | None = None
    ) -> None:
        self._desk = desk
        self._door = door
        self._keep_secret = keep_secret
        self._forget_secrets = forget_secrets

    def backends(self) -> tuple[BackendInfo, ...]:
        """What accounts can be of: whatever the worker found, broken ones with their reason."""
        return tuple(self._desk.reads.backends())

    def health(self) -> dict[str, AccountHealth]:
        """How each account's connection is."""
        return {health.account: health for health in self._desk.reads.health()}

    def read_form(self, backend: BackendInfo, values: Mapping[str, str], *, existing: str = "") -> AccountDraft:
        """What a form says, with a fault for each value that cannot be right."""
        faults: list[FieldFault] = []
        options: dict[str, Any] = {}
        secrets: dict[str, str] = {}
        values = _with_ports(backend.options, values)
        for option in backend.options:
            typed = values.get(option.name, "")
            if option.kind == "secret":
                if typed:
                    secrets[option.name] = typed
                elif option.required and not existing:
                    faults.append(FieldFault(option.name, "required"))
                continue
            value = _option_value(option, typed)
            if isinstance(value, FieldFault):
                faults.append(value)
            elif value is not None:
                options[option.name] = value
        account_id = existing or values.get(ID, "").strip().lower() or self.free_id(backend.name)
        if not _ID.fullmatch(account_id):
            faults.append(FieldFault(ID, "bad_id"))
        elif account_id != existing and self._desk.account(account_id) is not None:
            faults.append(FieldFault(ID, "taken", {"id": account_id}))
        addresses, wrong = self._addresses(backend, values, options)
        faults.extend(wrong)
        account = Account(
            id=account_id,
            backend=backend.name,
            label=safe(values.get(LABEL, "") or next(iter(addresses), "") or account_id, one_line=True),
            channel=backend.channel,
            options=options,
            capabilities=backend.capabilities,
            own_addresses=addresses,
            own_name=safe(values.get(NAME, "") or values.get(THEIR_NAME, ""), one_line=True),
            signature=safe(values.get(SIGNATURE, "").strip()),
        )
        return AccountDraft(account, secrets, tuple(faults))

    def _addresses(
        self, backend: BackendInfo, values: Mapping[str, str], options: Mapping[str, Any]
    ) -> tuple[tuple[SafeText, ...], list[FieldFault]]:
        """Own addresses: those typed, or the user name where it is one."""
        typed = parse(values.get(ADDRESSES, "") or values.get(THEIR_ADDRESSES, ""))
        faults = [FieldFault(ADDRESSES, "bad_address", {"text": piece.text}) for piece in typed.unread]
        found = [person.address for person in typed.people]
        if not found and not faults:
            user = read_address(str(options.get("user", "")))
            found = [] if isinstance(user, Unread) else [user]
        if not found and not faults and Capability.CC in backend.capabilities:
            faults.append(FieldFault(ADDRESSES, "required"))
        return tuple(found), faults

    def free_id(self, wish: str) -> str:
        """A short name that no account has."""
        base = re.sub(r"[^a-z0-9_-]", "", wish.lower())[:24] or "account"
        base = base if base[0].isalpha() else f"a{base}"
        taken = {account.id for account in self._desk.accounts()}
        return next(name for n in range(1, 1_000) if (name := base if n == 1 else f"{base}{n}") not in taken)

    async def look_at_door(self, account: str = "", refused: str = "") -> DoorState | None:
        """Where a secret would go; None where nobody can tell. A keyring that hangs takes its time limit."""
        if self._door is None:
            return None
        try:
            return await asyncio.to_thread(self._door.look, account, refused)
        except Exception:  # a damaged file of references: the keeping itself says what is wrong
            return None

    async def open_door(self, passphrase: str) -> None:
        """Open or make the encrypted file of secrets. Raises `SecretNotKept`."""
        door = self._door
        if door is not None:
            await _put_away(lambda: door.open(passphrase))

    async def save(self, draft: AccountDraft, *, on_trial: bool = False) -> None:
        """Keep the account; its secrets first, so that it never stands without them. Raises `SecretNotKept`.

        With `on_trial` its secrets are those that `put_back` takes away again.
        """
        account, door = draft.account.id, self._door

        def _keep() -> None:
            if door is not None and on_trial:
                door.begin_trial(account)
            for name, value in draft.secrets.items():
                self._keep_secret(account, name, value)
            for name, command in draft.programs.items():
                if door is None:
                    raise SecretNotKept("secret_not_kept")
                door.keep_program(account, name, command)

        await _put_away(_keep)
        await self._desk.write(lambda writes: writes.put_account(draft.account))

    async def put_back(self, account: Account, *, secrets: bool) -> None:
        """An account as it was before a trial; its `secrets` where others were tried, and its options whatever becomes
        of those. Raises as `save`."""
        door = self._door
        try:
            if door is not None and secrets:
                await _put_away(lambda: door.put_back(account.id))
        finally:
            await self._desk.write(lambda writes: writes.put_account(account))

    async def check(self, account_id: str) -> int:
        """Ask the worker to try an account that was saved; returns the request to look after."""
        return await self._desk.write(lambda writes: writes.ask(account_id, "check", {}))

    def outcome(self, request_id: int) -> CheckResult:
        """How far a check got."""
        return read_result(self._desk.reads.request(request_id))

    async def remove(self, account_id: str) -> None:
        """Stop using an account and forget its secrets. What came by it stays."""
        await self._desk.write(lambda writes: writes.remove_account(account_id))
        await _put_away(lambda: self._forget_secrets(account_id))

    async def pull_now(self, account_id: str) -> int:
        """Ask for what is new at once."""
        return await self._desk.write(lambda writes: writes.ask(account_id, "pull", {}))

    def summary(self) -> tuple[int, int]:
        """(connected, all) of the accounts that have a connection at all."""
        health = self.health()
        online = [account for account in self._desk.accounts() if not account.offline]
        connected = sum(1 for account in online if (h := health.get(account.id)) and h.health is Health.CONNECTED)
        return connected, len(online)


async def _put_away(work: Callable[[], None]) -> None:
    """Do something with secrets, aside of the store's writing: a keyring may take its time."""
    try:
        await asyncio.to_thread(work)
    except Exception as error:
        code = str(getattr(error, "code", "secret_not_kept"))
        told = dict(getattr(error, "parameters", {}))
        raise SecretNotKept(code, **{str(name): str(value) for name, value in told.items()}) from None


def read_result(request: WorkRequest | None) -> CheckResult:
    """A request's answer as a check's result."""
    if request is None or request.state in ("asked", "working"):
        return CheckResult(done=False)
    result = request.result
    proven = result.get("proven", ())
    parameters = result.get("parameters", {})
    return CheckResult(
        done=True,
        ok=request.state == "done",
        proven=tuple(str(code) for code in proven) if isinstance(proven, list | tuple) else (),
        code=str(result.get("code", "")),
        parameters={str(k): safe(str(v), one_line=True) for k, v in parameters.items()}
        if isinstance(parameters, Mapping)
        else {},
    )


_HOST_AND_PORT = re.compile(r"\s*([^\s:]+):(\d{1,5})\s*", re.ASCII)


def _with_ports(options: Sequence[OptionField], values: Mapping[str, str]) -> Mapping[str, str]:
    """A server as people write it, `imap.example.com:993`, where the port has a field that still holds its default."""
    fields = {option.name: option for option in options}
    found = dict(values)
    for name in fields:
        port = fields.get(f"{name.removesuffix('host')}port") if name.endswith("host") else None
        typed = _HOST_AND_PORT.fullmatch(values.get(name, ""))
        if typed and port is not None and values.get(port.name, "").strip() in ("", str(port.default), typed[2]):
            found[name], found[port.name] = typed[1], typed[2]
    return found


def _option_value(option: OptionField, typed: str) -> Any:
    """A form's text as the option's value; None where the default stands."""
    text = typed.strip()
    if option.kind == "flag":
        return text.lower() in ("1", "true", "yes", "on") if text else None
    if not text:
        return FieldFault(option.name, "required") if option.required and option.default in (None, "") else None
    if option.kind in ("integer", "number", "size"):
        value = _number(option.kind, text)
        return FieldFault(option.name, f"no_{option.kind}") if value is None else value
    if option.kind == "choice" and text not in option.choices:
        return FieldFault(option.name, "not_a_choice", {"choices": ", ".join(option.choices)})
    if option.kind == "list":
        return [piece.strip() for piece in re.split(r"[,\n]", text) if piece.strip()]
    if re.search(r"[\r\n\0]", text) and option.name != SIGNATURE:
        return FieldFault(option.name, "not_a_choice", {"choices": ""})
    return text


_SIZES = {"": 0, "K": 1, "M": 2, "G": 3}


def _number(kind: str, text: str) -> int | float | None:
    """What was typed as a number; None where it is none. A size may name its unit: `50 MB`, `50 MiB`."""
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else None
    if kind == "number":
        return float(text.replace(",", ".")) if re.fullmatch(r"-?\d{1,9}([.,]\d{1,6})?", text, re.ASCII) else None
    found = re.fullmatch(r"(\d{1,12})\s*(?:([KMG]?)(I?)B)?", text.upper(), re.ASCII)
    if found is None:
        return None
    base: int = 1024 if found[3] else 1000
    return int(int(found[1]) * base ** _SIZES[found[2] or ""])


__all__ = ["NOTHING", "AccountDraft", "Accounts", "CheckResult", "FieldFault", "read_result"]
