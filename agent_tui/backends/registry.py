"""Finding backends: by entry points, each behind its own door, so that a broken one spoils no other.

Three grains, from cheap to dear: `names()` reads metadata and imports nothing, `load(name)` imports one, `load_all()`
imports every one and keeps the broken ones with their reason.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ByteSize
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from agent_tui.backends.api import API_VERSION, Backend
from agent_tui.content.safe import safe
from agent_tui.domain.account import BackendInfo, Capability, OptionField
from agent_tui.domain.conversation import Channel

GROUP = "agent_tui.backends"
PROOFS = ("real server", "specification", "simulated", "untested")


class BrokenBackend(Exception):
    """A backend that was found and cannot be used. Its text is the reason."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of loading one: the class, or the reason why there is none."""

    name: str
    backend: type[Backend] | None
    reason: str = ""


def _points() -> Mapping[str, EntryPoint]:
    """By name. Where two claim one name, ours wins: a plugin does not take the place of what is shipped."""
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: not p.value.startswith("agent_tui.")):
        found.setdefault(point.name, point)
    return found


def names() -> Sequence[str]:
    """Names of all backends that are installed. Imports none of them."""
    return sorted(_points())


def load(name: str) -> type[Backend]:
    """One backend. Raises `BrokenBackend` with the reason."""
    point = _points().get(name)
    if point is None:
        raise BrokenBackend(f"there is no backend named {name}")
    return _load(point)


def load_all() -> Sequence[Loaded]:
    """All of them, the broken ones with their reason."""
    result = []
    for name, point in sorted(_points().items()):
        try:
            result.append(Loaded(name, _load(point)))
        except BrokenBackend as broken:
            result.append(Loaded(name, None, str(broken)))
    return result


def _load(point: EntryPoint) -> type[Backend]:
    try:
        found = point.load()
    except (KeyboardInterrupt, SystemExit, GeneratorExit) as error:
        if isinstance(error, SystemExit):
            raise BrokenBackend("it ended the program while it was loaded") from error
        raise
    except BaseException as error:
        raise BrokenBackend(f"{type(error).__name__}: {error}") from error
    return check(point.name, found)


def check(name: str, found: object) -> type[Backend]:
    """That a class declares what a backend must. Raises `BrokenBackend`."""
    if not (isinstance(found, type) and issubclass(found, Backend)):
        raise BrokenBackend("it is no subclass of agent_tui.backends.api.Backend")
    missing = [
        item
        for item in ("name", "title", "api_version", "channel", "options", "capabilities")
        if not hasattr(found, item)
    ]
    if missing:
        raise BrokenBackend(f"it does not declare {', '.join(missing)}")
    if found.api_version != API_VERSION:
        raise BrokenBackend(f"it was written for version {found.api_version} of the contract, this is {API_VERSION}")
    if found.name != name:
        raise BrokenBackend(f"it calls itself {found.name}")
    if not (isinstance(found.options, type) and issubclass(found.options, BaseModel)):
        raise BrokenBackend("its options are no pydantic model")
    if not isinstance(found.channel, Channel) or not all(isinstance(c, Capability) for c in found.capabilities):
        raise BrokenBackend("its channel or capabilities are none we know")
    if found.proof not in PROOFS:
        raise BrokenBackend(f"its proof must be one of: {', '.join(PROOFS)}")
    if getattr(found, "__abstractmethods__", None):
        raise BrokenBackend(f"it lacks {', '.join(sorted(found.__abstractmethods__))}")
    return found


# as data, for forms and for the command line


def info(backend: type[Backend]) -> BackendInfo:
    """What a form needs."""
    return BackendInfo(
        name=backend.name,
        title=safe(backend.title),
        api_version=backend.api_version,
        channel=backend.channel,
        options=tuple(_field(name, field) for name, field in backend.options.model_fields.items()),
        capabilities=frozenset(backend.capabilities),
        proof=backend.proof,
    )


def info_all() -> Sequence[BackendInfo]:
    """Of all, the broken ones with their reason."""
    return [_info(loaded) for loaded in load_all()]


def _info(loaded: Loaded) -> BackendInfo:
    reason = loaded.reason
    if loaded.backend is not None:
        try:
            return info(loaded.backend)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
    return BackendInfo(loaded.name, safe(loaded.name), 0, Channel.WEB, (), frozenset(), "untested", safe(reason))


def secrets_of(backend: type[Backend]) -> Sequence[str]:
    """Names of the options that are secrets."""
    return [name for name, field in backend.options.model_fields.items() if _is_secret(field)]


def _is_secret(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, Mapping) and extra.get("secret") is True


def _field(name: str, field: FieldInfo) -> OptionField:
    kind, choices = _kind(field)
    default = field.get_default(call_default_factory=True) if not field.is_required() else None
    return OptionField(
        name=name,
        title=field.title or name.replace("_", " ").capitalize(),
        help=field.description or "",
        kind=kind,
        default=_plain(default),
        choices=choices,
        required=field.is_required(),
        **_asking(field),
    )


def _asking(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    if not isinstance(extra, Mapping):
        return {}
    when = extra.get("when")
    return {"asked": extra.get("asked", True), "when": tuple(when) if isinstance(when, list) else None}


def _kind(field: FieldInfo) -> tuple[str, tuple[str, ...]]:
    if _is_secret(field):
        return "secret", ()
    kind: Any = field.annotation
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        kinds = [one for one in get_args(kind) if one is not type(None)]
        kind = kinds[0] if kinds else str
        origin = get_origin(kind)
    if origin is typing.Annotated:
        kind = get_args(kind)[0]
        origin = get_origin(kind)
    if origin is Literal:
        return "choice", tuple(str(choice) for choice in get_args(kind))
    if origin in (list, tuple, set, frozenset) or kind in (list, tuple, set, frozenset):
        return "list", ()
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return "choice", tuple(str(member.value) for member in kind)
        if issubclass(kind, bool):
            return "flag", ()
        if issubclass(kind, ByteSize):
            return "size", ()
        if issubclass(kind, int):
            return "integer", ()
        if issubclass(kind, float):
            return "number", ()
    return "text", ()


def _plain(value: Any) -> Any:
    """A default as plain data."""
    if value is PydanticUndefined:
        return None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return value


__all__ = ["GROUP", "BrokenBackend", "Loaded", "check", "info", "info_all", "load", "load_all", "names", "secrets_of"]
