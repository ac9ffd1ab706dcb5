"""Accounts and backends: add, list, check, remove."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent_tui.backends import http_client, post_form
from agent_tui.cli.account_flags import PREFIX, THEIRS, backend_info, flag
from agent_tui.cli.output import Failed, Misused, emit, say, table, tell
from agent_tui.cli.wording import code_of, error_in_words, fault_in_words, no_account_yet
from agent_tui.cli.workspace import at_a_desk_that_is, at_the_desk, places
from agent_tui.domain.account import Account, BackendInfo, Health
from agent_tui.widgets import labels
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.credentials import Credentials, Reference
    from agent_tui.desk.accounts import FieldFault
    from agent_tui.desk.services import Services


def add(options: Namespace) -> int:
    """Add an account: options checked, secrets kept, a look whether it works."""
    info = _known(options.backend)
    with at_the_desk(options) as services:
        form = _form(options, info)
        draft = services.accounts.read_form(info, form)
        if draft.faults:
            raise Misused("; ".join(_fault_in_words(fault, info) for fault in draft.faults))
        account = draft.account
        _validate(account)
        credentials = _credentials(options)
        from agent_tui.cli.secrets import take_secrets

        take_secrets(options, info, account, credentials)
        try:
            proven = _check(services, account, credentials) if options.check else ()
        except BaseException as error:
            credentials.forget(account.id)
            if (carried := code_of(error)) is not None:
                raise Failed(error_in_words(*carried, kept=False)) from error
            raise
        asyncio.run(services.accounts.save(draft))
        if options.json:
            emit(
                {"id": account.id, "backend": account.backend, "channel": account.channel.value, "proven": list(proven)}
            )
        else:
            tell(_("Added {id}. Open the desk, or run `agent-tui sync --once`.").format(id=account.id))
    return 0


def list_accounts(options: Namespace) -> int:
    """All accounts, and how they are."""
    from agent_tui.desk import json as shapes

    with at_a_desk_that_is(options) as services:
        accounts = services.desk.reads.accounts()
        health = services.accounts.health()
        references = _references(options)
        rows = []
        for account in accounts:
            state = health.get(account.id)
            ways = {option: reference.way.value for option, reference in references.get(account.id, {}).items()}
            if options.json:
                emit(
                    {
                        "id": account.id,
                        "backend": account.backend,
                        "label": account.label,
                        "channel": account.channel.value,
                        "own_addresses": list(account.own_addresses),
                        "capabilities": sorted(account.capabilities),
                        "offline": account.offline,
                        "secrets": ways,
                        "health": state.health.value if state else "off",
                        "since": shapes.moment(state.since) if state else None,
                        "error": {"code": state.fault.code, "parameters": dict(state.fault.parameters)}
                        if state and state.fault
                        else None,
                    }
                )
            condition = _("files") if account.offline else labels.health(state.health if state else Health.OFF)[0]
            fault = fault_in_words(state.fault) if state else ""
            rows.append(
                (account.id, account.backend, labels.channel(account.channel), condition, fault or account.label)
            )
        if not options.json:
            if not rows:
                tell(no_account_yet())
            table(rows, stretch=4)
    return 0


def check(options: Namespace) -> int:
    """Try an account."""
    with at_a_desk_that_is(options) as services:
        account = _account(services, options.id)
        credentials = _credentials(options)
        from agent_tui.cli.secrets import unlock

        unlock(credentials, needed=credentials.in_vault(account.id))
        proven = _check(services, account, credentials)
        if options.json:
            emit({"id": account.id, "ok": True, "proven": list(proven)})
        else:
            tell(
                _("{id} works: {proven}.").format(id=account.id, proven=", ".join(p.replace("_", " ") for p in proven))
            )
    return 0


def remove(options: Namespace) -> int:
    """Stop using an account."""
    with at_a_desk_that_is(options) as services:
        account = _account(services, options.id)
        credentials = _credentials(options)
        from agent_tui.cli.secrets import unlock

        unlock(credentials, needed=credentials.in_vault(account.id))
        services.desk.write_now(lambda writes: writes.remove_account(account.id))
        credentials.forget(account.id)
        if options.json:
            emit({"id": account.id, "removed": True})
        else:
            tell(_("Removed {id}. What came by it stays.").format(id=account.id))
    return 0


def list_backends(options: Namespace) -> int:
    """What accounts can be of."""
    from agent_tui.backends.registry import info_all

    for info in info_all():
        if options.json:
            emit(
                {
                    "name": info.name,
                    "title": info.title,
                    "channel": info.channel.value,
                    "capabilities": sorted(info.capabilities),
                    "proof": info.proof,
                    "options": [
                        {
                            "name": option.name,
                            "title": option.title,
                            "help": option.help,
                            "kind": option.kind,
                            "default": option.default,
                            "choices": list(option.choices),
                            "required": option.required,
                        }
                        for option in info.options
                    ],
                    "broken": info.broken or None,
                }
            )
        elif info.broken:
            say(f"{info.name}: " + _("cannot be used: {reason}").format(reason=info.broken))
        else:
            known = f"{labels.channel(info.channel)}, {_('proof')}: {labels.proof(info.proof)}"
            say(f"{info.name}: {_(info.title)} ({known})")
            say("    " + ", ".join(_(words) for one, words in labels.CAPABILITIES.items() if one in info.capabilities))
            say("    " + " ".join(flag(option.name) for option in info.options if option.kind != "secret"))
    return 0


def _known(name: str) -> BackendInfo:
    from agent_tui.backends.registry import BrokenBackend, names

    if name not in names():
        raise Misused(_("there is no backend {name}; there are: {known}").format(name=name, known=", ".join(names())))
    try:
        return backend_info(name)
    except BrokenBackend as error:
        raise Failed(_("The backend {name} cannot be used: {reason}.").format(name=name, reason=error)) from None


def _form(options: Namespace, info: BackendInfo) -> dict[str, str]:
    """The flags as the form of the screen would give them."""
    given = {
        name.removeprefix(PREFIX): value
        for name, value in vars(options).items()
        if name.startswith(PREFIX) and isinstance(value, str)
    }
    if options.signature_file:
        try:
            with open(options.signature_file, encoding="utf-8") as file:
                given["signature"] = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise Failed(
                _("{path} cannot be read: {reason}.").format(path=options.signature_file, reason=error)
            ) from None
    for ours, theirs in THEIRS.items():
        if theirs in given and ours not in given:
            given[ours] = given[theirs]
    return {name: value for name, value in given.items() if ":" not in name}


def _fault_in_words(fault: FieldFault, info: BackendInfo) -> str:
    words = {
        "required": _("{flag} is needed"),
        "no_integer": _("{flag} must be a whole number"),
        "no_number": _("{flag} must be a number"),
        "no_size": _("{flag} must be a size, as 50 MiB"),
        "not_a_choice": _("{flag} must be one of: {choices}"),
        "bad_id": _("{flag} is a short name of small letters, digits, - and _"),
        "taken": _("there is an account {id} already"),
        "bad_address": _("“{text}” is no address"),
    }
    known = {option.name for option in info.options}
    name = THEIRS[fault.name] if THEIRS.get(fault.name) in known else fault.name
    return words.get(fault.code, fault.code).format_map({"flag": flag(name), "choices": "", **fault.parameters})


def _validate(account: Account) -> None:
    """What the backend itself says about the options. What was typed is not repeated: it may be a misplaced secret."""
    from pydantic import ValidationError

    from agent_tui.backends.registry import load

    try:
        load(account.backend).options.model_validate(dict(account.options))
    except ValidationError as error:
        found = [f"{flag(str(one['loc'][0])) if one['loc'] else ''} {_said(one)}".strip() for one in error.errors()]
        raise Misused("; ".join(found)) from None


def _account(services: Services, account_id: str) -> Account:
    found = services.desk.account(account_id)
    if found is None:
        known = ", ".join(account.id for account in services.desk.reads.accounts())
        if not known:
            raise Failed(no_account_yet())
        raise Failed(_("There is no account {id}; there are: {known}.").format(id=account_id, known=known))
    return found


def _references(options: Namespace) -> Mapping[str, Mapping[str, Reference]]:
    """Where secrets are kept, as far as that can be read."""
    from agent_tui.credentials import CredentialsError

    try:
        return _credentials(options).references.all()
    except CredentialsError as error:
        tell(error_in_words(error.code, error.parameters))
        return {}


def _credentials(options: Namespace) -> Credentials:
    from agent_tui.credentials import Credentials as Kept

    return Kept(places(options), post=post_form)


def _check(services: Services, account: Account, credentials: Credentials) -> Sequence[str]:
    """Try the account here and now, on a line of its own."""
    from agent_tui.backends.api import AccountContext, SecretUnavailable
    from agent_tui.backends.registry import load
    from agent_tui.credentials import CredentialsError

    if account.offline:
        raise Failed(_("{id} holds imported files; there is nothing to try.").format(id=account.id))
    kind = load(account.backend)

    async def secret(option: str) -> str:
        try:
            return (await credentials.fetch(account.id, option)).reveal()
        except CredentialsError as error:
            if error.code in ("not_stored", "variable_missing"):  # a backend may do without it
                told = error.parameters | {"reason": error.code, "option": option}
                raise SecretUnavailable("secret", **told) from None
            raise

    async def remember(_key: str, _value: str) -> None:
        """A trial leaves nothing behind."""

    async def work() -> Sequence[str]:
        own = frozenset(str(address).lower() for address in services.desk.own_addresses())
        context = AccountContext(
            account=account.id,
            options=kind.options.model_validate(dict(account.options)),
            secret=secret,
            own_addresses=own | {str(address).lower() for address in account.own_addresses},
            remember=remember,
            recall=lambda _key: None,
            http=http_client() if kind.wants_http else None,
        )
        backend = kind(context)
        try:
            return await backend.check()
        finally:
            await backend.close()

    return asyncio.run(work())


def _said(error: Mapping[str, Any]) -> str:
    """What is wrong with an option, without the words that the checking library has for programmers."""
    known = {
        "missing": _("is missing"),
        "string_too_short": _("must not be empty"),
        "greater_than_equal": _("must be at least {ge}"),
        "greater_than": _("must be more than {gt}"),
        "less_than_equal": _("must be at most {le}"),
        "less_than": _("must be less than {lt}"),
    }
    if error["type"] == "value_error":
        return _(str(error["msg"]).removeprefix("Value error, "))
    return known.get(error["type"], _("cannot be that")).format(**error.get("ctx", {}))
