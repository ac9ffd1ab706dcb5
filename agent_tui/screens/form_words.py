"""What stands in the fields of an account's form, what is wrong with them, and which one a failed try points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_tui import sentences
from agent_tui.desk.accounts import CheckResult, FieldFault
from agent_tui.domain.account import Account, OptionField
from agent_tui.widgets.cells import in_cell
from agent_tui.words import _

POINTS_AT: dict[str, tuple[str, ...]] = {
    "authentication_failed": ("password", "token"),
    "authentication_failed.no_mechanism": ("auth",),
    "certificate_refused": ("ca_file",),
    "certificate_refused.wrong_host": ("host",),
    "insecure_line": ("security",),
    "misconfigured.ca_file": ("ca_file",),
    "misconfigured.no_folder": ("folders",),
    "no_sender": ("addresses", "own_addresses"),
    "secret_unavailable": ("password", "token"),
    "unreachable": ("host",),
    "timeout": ("host",),
}
"""The fields that a code speaks of, by the names backends give them; `code.reason` is looked for before `code`."""


def why(result: CheckResult, options: Sequence[OptionField]) -> str:
    """Why a try failed, without the key that leads to the form: one is there already, and there it would be text."""
    if not result.done:
        return _("Nobody answered: the part that talks to servers does not run.")
    if result.code == "misconfigured" and "reason" not in result.parameters:
        named = _named(result.parameters)
        if titles := [_(option.title) for option in options if option.name in named]:
            return _("{field} cannot be right. Check it.").format(field=in_cell(", ".join(titles)))
    return sentences.error(result.code, result.parameters, way="")


def pointed_at(
    code: str, parameters: Mapping[str, str], options: Sequence[OptionField], values: Mapping[str, str]
) -> str:
    """The field that a failed try speaks of, among those that are asked for; empty where that cannot be told.

    A port tells the two servers apart.
    """
    wanted = {option.name for option in options if option.wanted(values)}
    if told := next((name for name in _named(parameters) if name in wanted), ""):
        return told
    names = POINTS_AT.get(f"{code}.{parameters.get('reason', '')}") or POINTS_AT.get(code, ())
    sends = parameters.get("port", "") not in ("", values.get("port", "")) and (
        parameters.get("port") == values.get("smtp_port")
    )
    prefixed = [f"smtp_{name}" for name in names] if sends else []
    return next((name for name in (*prefixed, *names) if name in wanted), "")


def _named(parameters: Mapping[str, str]) -> list[str]:
    """The options that the error itself names."""
    return [name.strip() for name in parameters.get("option", "").split(",")]


def first_text(option: OptionField, account: Account | None) -> str:
    """What stands in a field at the beginning."""
    if account is None:
        return _as_text(option.default, option.kind) if option.kind != "secret" else ""
    known = {
        "id": account.id,
        "label": account.label,
        "own_addresses": ", ".join(account.own_addresses),
        "own_name": account.own_name,
        "signature": account.signature,
    }
    if option.name in account.options:
        return _as_text(account.options[option.name], option.kind)
    return known.get(option.name, _as_text(option.default, option.kind) if option.kind != "secret" else "")


def fault_words(fault: FieldFault, option: OptionField | None) -> str:
    """What is wrong with a value."""
    get = fault.parameters.get
    return {
        "required": _("{field} is needed.").format(field=option.title if option else fault.name),
        "no_integer": _("A whole number is needed here."),
        "no_number": _("A number is needed here."),
        "no_size": _("A size is needed here, as 50 MiB."),
        "not_a_choice": _("It can be: {choices}.").format(choices=get("choices", "")),
        "bad_id": _("Small letters, digits and - only, beginning with a letter."),
        "taken": _("There is an account {id} already.").format(id=get("id", "")),
        "bad_address": _("“{text}” is no address.").format(text=in_cell(get("text", ""))),
    }.get(fault.code, fault.code)


def _as_text(value: object, kind: str) -> str:
    if value is None:
        return ""
    if kind == "size" and isinstance(value, int):
        return _size(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _size(count: int) -> str:
    """Bytes as people write them, where that is exact."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("MB", 10**6), ("KB", 1000)):
        if count and count % size == 0:
            return f"{count // size} {unit}"
    return str(count)
