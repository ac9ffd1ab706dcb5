"""Accounts: the configured backends, what they can do, and how they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros


class Capability(StrEnum):
    """What a backend may be able to do; each is a small protocol of `backends.api`."""

    PULL = "pull"
    WATCH = "watch"
    HISTORY = "history"
    FETCH_BODY = "fetch_body"
    SEND = "send"
    NEW_CONVERSATION = "new_conversation"
    """A message may be sent to somebody who has not written."""
    CC = "cc"
    ATTACH = "attach"
    FLAGS = "flags"
    """Read and answered marks go both ways."""
    MOVE = "move"
    NOTE = "note"
    STATUS = "status"
    ASSIGN = "assign"
    TAG = "tag"
    DIRECTORY = "directory"


class Health(StrEnum):
    """How an account's connection is."""

    OFF = "off"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    """Failed for now; the next try has a time."""
    REFUSED = "refused"
    """Wrong password, foreign certificate: nothing happens until a person acts."""
    LOCKED = "locked"
    """Its secret lies in a file that is not open."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as data: a code that screens translate, and its parameters."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def told(cls, text: str) -> Fault | None:
        """The fault that stands as text beside a message, where one does: servers' own words stand there too."""
        if not text.startswith("["):
            return None
        try:
            code, parameters = json.loads(text)
            return cls(str(code), {str(name): str(value) for name, value in parameters.items()})
        except (ValueError, TypeError, AttributeError):
            return None


@dataclass(frozen=True, slots=True)
class Account:
    """One configured backend."""

    id: str
    """A short name of its own, as `mail` or `support`."""
    backend: str
    label: SafeText
    channel: Channel
    options: Mapping[str, Any]
    """Values of the backend's options; never a secret."""
    capabilities: frozenset[Capability] = frozenset()
    own_addresses: tuple[SafeText, ...] = ()
    """The first is the one a new message comes from."""
    own_name: SafeText = NOTHING
    signature: SafeText = NOTHING
    offline: bool = False
    """Imported files: nothing is ever pulled or sent."""


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """The present state of an account's connection."""

    account: str
    health: Health
    since: Micros
    fault: Fault | None = None
    next_try_at: Micros | None = None
    history_done: int = 0
    """Messages of the history brought so far."""
    history_total: int | None = None


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option of a backend, as a form draws it."""

    name: str
    title: str
    help: str
    kind: str
    """`text`, `secret`, `integer`, `number`, `size`, `flag`, `choice`, `list`."""
    default: Any = None
    choices: tuple[str, ...] = ()
    required: bool = False
    when: tuple[str, str] | None = None
    """Asked for only where another option has this value, as `("auth", "oauth")`."""
    asked: bool = True
    """False: taken where it is given, and not asked for."""

    def wanted(self, values: Mapping[str, Any]) -> bool:
        """Whether it is to be asked for, beside the other options' values."""
        return self.asked and (self.when is None or str(values.get(self.when[0], "")) == self.when[1])


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """A backend that was found: what a form needs to add an account of it."""

    name: str
    title: SafeText
    api_version: int
    channel: Channel
    options: tuple[OptionField, ...]
    capabilities: frozenset[Capability]
    proof: str
    """`real server`, `specification`, `simulated` (a service of our own) or `untested`."""
    broken: SafeText = NOTHING
    """Why it cannot be used, where it cannot."""
