"""Codes put into words: what happened, why, and what to do.

The store and the worker keep codes with parameters; here they become sentences in the agent's language. A code that is
not known yet gets an honest general sentence that names it, never an empty line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from agent_tui import ages
from agent_tui.domain.account import Fault
from agent_tui.domain.message import Event, Placement, Rule
from agent_tui.domain.times import Micros
from agent_tui.named_keys import way as way_to
from agent_tui.sentences_table import (
    ACTIONS,
    ACTIVITY,
    EVENTS,
    EVIDENCE,
    EVIDENCE_VALUES,
    FAULTS,
    HELD_BACK,
    HELD_BACK_FOR,
    HINTS,
    RULES,
    VALUES,
    WARNINGS,
)
from agent_tui.words import _


class _Known(dict[str, str]):
    """Parameters of a sentence; one that is missing shows as an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def filled(template: str, parameters: Mapping[str, object], way: str = "") -> str:
    """A translated sentence with its parameters, which are never read as a template themselves.

    `way` comes from us and stands where the template says how one gets to a place; a parameter of that name never does.
    """
    known = _Known({name: " ".join(str(value).split()) for name, value in parameters.items()})
    known["way"] = way
    return _(template).format_map(known)


def fault(found: Fault | None, kind: str = "", *, way: str | None = None) -> str:
    """An error as one sentence. `way` leads to the account from where it is said, if not by the desk's key."""
    if found is None:
        return ""
    code = found.code.removeprefix("store_")
    reason = str(found.parameters.get("reason", ""))
    for key in (f"{kind}.{code}", f"{code}.{reason}", code):
        template = FAULTS.get(key)
        if template:
            return filled(template, found.parameters, way_to("go.accounts") if way is None else way)
    return general(found.code, found.parameters)


def told(detail: str) -> str:
    """What kept a message from leaving, where that stands beside it; empty where it is something else."""
    return fault(Fault.told(detail), "send")


def error(code: str, parameters: Mapping[str, object], kind: str = "", *, way: str | None = None) -> str:
    """The same for an exception that carries a code; `kind` is `save`, `send` or `attach` where a code is theirs."""
    return fault(Fault(code, {name: str(value) for name, value in parameters.items()}), kind, way=way)


def general(code: str, parameters: Mapping[str, object]) -> str:
    """For a code without a sentence of its own: the code and what came with it."""
    detail = ", ".join(f"{name} {value}" for name, value in parameters.items() if value not in ("", None))
    if detail:
        return filled("Something went wrong ({code}: {detail}).", {"code": code, "detail": detail})
    return filled("Something went wrong ({code}).", {"code": code})


def warning(code: str, *, way: str | None = None) -> str:
    """What is odd about a message. `way` tells how the rest of a large one is fetched, if not by the desk's key."""
    name, _sep, detail = code.partition(":")
    template = WARNINGS.get(name)
    if template is None:
        return filled("Odd: {code}.", {"code": code})
    return filled(template, {"detail": detail}, way_to("fetch.whole") if way is None else way)


def value(text: str | None, agent: str = "") -> str:
    """A value of a field as people say it: a status, a name, tags."""
    if text is None or text in ("", "null"):
        return _("nobody")
    plain = _plain(text)
    if plain == agent and agent:
        return _("you")
    return _(VALUES[plain]) if plain in VALUES else plain


def _plain(text: str) -> str:
    try:
        read = json.loads(text)
    except ValueError:
        return text
    if isinstance(read, list):
        return ", ".join(str(one) for one in read)
    return text if isinstance(read, dict) else str(read)


def event(found: Event, agent: str) -> str:
    """What happened to a conversation."""
    parameters: dict[str, object] = dict(found.parameters)
    for name in ("from", "to"):
        if name in parameters:
            parameters[name] = value(str(parameters[name]), agent)
    if str(parameters.get("until", "")).isdecimal():
        parameters["until"] = ages.moment(Micros(int(str(parameters["until"]))))
    by = _("You") if found.by == agent and agent else str(found.by)
    template = EVENTS.get(f"{found.code}.{_variant(found)}") or EVENTS.get(found.code)
    if template is None:
        detail = ", ".join(f"{name} {said}" for name, said in parameters.items())
        return filled("{by}: {code} {detail}", {"by": by or _("The desk"), "code": found.code, "detail": detail})
    return filled(template, {**parameters, "by": by or _("The desk")})


def _variant(found: Event) -> str:
    """What tells events of one code apart: their cause, or what a change of tags did."""
    if found.code == "tags":
        did = [name for name in ("added", "removed") if found.parameters.get(name)]
        return "both" if len(did) == 2 else "".join(did)
    if found.code == "assignee":
        owner = found.parameters.get("to", "")
        return "nobody" if not owner else "self" if owner == found.by else ""
    return str(found.parameters.get("cause", ""))


def refers(number: int, *, way: str | None = None) -> str:
    """That a message refers to a conversation which it does not belong to, and where more is told of that."""
    way = way_to("evidence") if way is None else way
    return _("refers to #{number}, and is not joined to it{way}").format(number=number, way=way)


def placement(found: Placement) -> list[str]:
    """Why a message stands where it stands: the rule, then what speaks for it."""
    lines = [_(RULES.get(found.rule, RULES[Rule.NEW]))]
    for name, detail in found.evidence.items():
        if name in ("message", "conversation") and detail.isdecimal():
            continue  # a number of the store says nothing to people
        template = EVIDENCE.get(name, "{name}: {detail}")
        known = EVIDENCE_VALUES.get(detail)
        lines.append(filled(template, {"name": name, "detail": _(known) if known else detail}))
    return lines


def action(code: str, numbers: str, values: Mapping[str, str], agent: str = "", *, way: str | None = None) -> str:
    """What the agent did: `Solved #1042.` `way` leads to the outbox from where it is said, if not by the desk's key."""
    template = ACTIONS.get(f"{code}.{values.get('state', '')}") or ACTIONS.get(code)
    said = {name: value(text, agent) for name, text in values.items()}
    if code == "snooze" and (until := _until(values.get("snooze", ""))):
        return filled("Snoozed {numbers} until {until}.", {"numbers": numbers, "until": until})
    if template is None:
        return filled("Changed {numbers}: {code}.", {"numbers": numbers, "code": code})
    return filled(template, {**said, "numbers": numbers}, way_to("go.outbox") if way is None else way)


def _until(text: str) -> str:
    """When a snooze ends, as it is kept: `{"until": microseconds, …}`."""
    try:
        at = json.loads(text)["until"]
    except (ValueError, KeyError, TypeError):
        return ""
    return ages.moment(Micros(at)) if isinstance(at, int) else ""


def held_back(name: str, time: str = "") -> str:
    """A held message that did not go; `time` is when it was meant to."""
    template = HELD_BACK_FOR if time else HELD_BACK
    return filled(template, {"name": name or _("The customer"), "time": time}, way_to("drafts"))


def activity(code: str, parameters: Mapping[str, object]) -> str:
    """One line of what the program did."""
    template = ACTIVITY.get(code)
    if template:
        said = filled(template, parameters)
        if code == "remote_write_failed" and "{" not in (why := FAULTS.get(str(parameters.get("fault", "")), "{")):
            said = f"{said}. {_(why)}"
        subject, to = str(parameters.get("subject", "")), str(parameters.get("to", ""))
        if subject:
            return _("{said}: “{subject}” to {to}").format(said=said, subject=subject, to=to or "…")
        return _("{said}: to {to}").format(said=said, to=to) if to else said
    if code in FAULTS:
        return error(code, parameters)
    detail = ", ".join(f"{name} {said}" for name, said in parameters.items() if said)
    return f"{code.replace('_', ' ')} {detail}".strip()


def hint(code: str) -> str:
    """What the search says about a query that was not wholly understood: `unknown_field:prioritty:is`."""
    name, first, second, third = (*code.split(":", 3), "", "", "")[:4]
    alone = first if name == "unknown_value" else "alone"
    template = HINTS.get(name if second else f"{name}.{alone}") or HINTS.get(name)
    if template is None:
        return ""
    if name == "unknown_field":
        return filled(template, {"word": first, "other": f"{second}:{third}" if third else second})
    return filled(template, {"word": first, "other": second, "written": third})
