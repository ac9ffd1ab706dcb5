"""Backends are found by their entry points, and a broken one spoils no other."""

from __future__ import annotations

import subprocess
import sys
import types
from importlib.metadata import EntryPoint
from typing import Any, ClassVar, Literal

import pytest
from pydantic import BaseModel, Field

from agent_tui.backends import api, records, registry
from agent_tui.backends.api import API_VERSION, Backend, Outgoing, secret
from agent_tui.backends.testing import doors_for_notes
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Note


class Options(BaseModel):
    host: str = Field(title="Server")
    port: int = Field(default=7, title="Port", description="A number")
    mode: Literal["a", "b"] = "a"
    loud: bool = False
    names: list[str] = []
    maybe: str | None = None
    password: str = secret("Password")


class Good(Backend):
    name: ClassVar[str] = "good"
    title: ClassVar[str] = "Good \x1b[2J"
    api_version: ClassVar[int] = API_VERSION
    channel: ClassVar[Channel] = Channel.CHAT
    options: ClassVar[type[BaseModel]] = Options
    capabilities: ClassVar[frozenset[Capability]] = frozenset()

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class Old(Good):
    name: ClassVar[str] = "old"
    api_version: ClassVar[int] = API_VERSION + 1


class Liar(Good):
    proof: ClassVar[str] = "trust me"


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("plugins_of_a_test")
    module.Good, module.Old, module.Liar = Good, Old, Liar  # type: ignore[attr-defined]
    module.function = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "plugins_of_a_test", module)
    points = [
        EntryPoint("good", "plugins_of_a_test:Good", registry.GROUP),
        EntryPoint("old", "plugins_of_a_test:Old", registry.GROUP),
        EntryPoint("liar", "plugins_of_a_test:Liar", registry.GROUP),
        EntryPoint("absent", "no_such_module_anywhere:X", registry.GROUP),
        EntryPoint("function", "plugins_of_a_test:function", registry.GROUP),
        EntryPoint("imap", "plugins_of_a_test:Good", registry.GROUP),
        EntryPoint("imap", "agent_tui.backends.imap:ImapBackend", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    return module


def test_names_import_nothing() -> None:
    code = (
        "import sys; from agent_tui.backends import registry; names = registry.names(); "
        "print(*names); print(*[m for m in sys.modules if m.startswith('agent_tui.backends.imap')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    names, modules = done.stdout.split("\n")[:2]
    assert {"imap", "demo"} <= set(names.split())
    assert modules == ""


def test_the_shipped_ones_use_the_same_door() -> None:
    found = {loaded.name: loaded for loaded in registry.load_all()}
    assert found["imap"].backend is not None, found["imap"].reason
    assert found["demo"].backend is not None, found["demo"].reason


@pytest.mark.usefixtures("plugins")
def test_a_broken_one_is_kept_with_its_reason() -> None:
    found = {about.name: about for about in registry.info_all()}
    assert found["good"].broken == ""
    assert "no_such_module_anywhere" in found["absent"].broken
    assert "version 2 of the contract" in found["old"].broken
    assert "proof" in found["liar"].broken or "calls itself" in found["liar"].broken
    assert "no subclass" in found["function"].broken
    assert found["good"].title == registry.info(Good).title
    assert "\x1b" not in found["good"].title


@pytest.mark.usefixtures("plugins")
def test_a_plugin_does_not_take_the_place_of_ours() -> None:
    assert registry.load("imap").__module__.startswith("agent_tui.")
    with pytest.raises(registry.BrokenBackend, match="no backend named"):
        registry.load("nothing")


@pytest.mark.parametrize("error", [SystemExit(1), RecursionError(), MemoryError("x"), Exception("[/] \x1b]0;x\x07")])
def test_whatever_a_plugin_raises(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    class Point:
        name, value, group = "bad", "x:y", registry.GROUP

        def load(self) -> Any:
            raise error

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()])
    (about,) = registry.info_all()
    assert about.broken
    assert "\x1b" not in about.broken


def test_options_become_fields_of_a_form() -> None:
    fields = {field.name: field for field in registry.info(Good).options}
    assert [fields[name].kind for name in ("host", "port", "mode", "loud", "names", "maybe", "password")] == [
        "text", "integer", "choice", "flag", "list", "text", "secret",
    ]  # fmt: skip
    assert fields["host"].required
    assert not fields["port"].required
    assert fields["port"].default == 7
    assert fields["mode"].choices == ("a", "b")
    assert fields["password"].title == "Password"
    assert list(registry.secrets_of(Good)) == ["password"]


def test_the_form_of_mail() -> None:
    fields = {field.name: field for field in registry.info(registry.load("imap")).options}
    assert fields["security"].choices == ("tls", "starttls", "plain")
    assert fields["security"].default == "tls"
    assert (fields["port"].default, fields["smtp_port"].default) == (993, 465)
    assert fields["folders"].kind == "list"
    assert {name for name, field in fields.items() if field.kind == "secret"} == {"password", "token", "smtp_password"}
    assert {name for name, field in fields.items() if field.required} == {"host", "user"}


# notes


@pytest.mark.parametrize("name", registry.names())
def test_no_registered_backend_has_a_door_for_notes(name: str) -> None:
    """Besides `write_note`, which keeps a note with the team, nothing takes one; `send` takes `Outgoing` alone."""
    import typing

    kind = registry.load(name)
    assert set(doors_for_notes(kind)) <= {"write_note"}
    if hasattr(kind, "send"):
        hints = typing.get_type_hints(kind.send)
        assert hints["item"] is Outgoing


def test_a_door_for_notes_would_be_found() -> None:
    class Leaky(Good):
        async def forward(self, what: Note) -> None: ...

        async def post(self, note: str) -> None: ...

        async def send_note(self, text: str) -> None: ...

    assert set(doors_for_notes(Leaky)) == {"forward", "post", "send_note"}


def test_a_note_is_no_message() -> None:
    """Neither type can stand for the other, in any field of what is sent."""
    import dataclasses
    import typing

    hints = typing.get_type_hints(Outgoing)
    assert not issubclass(Note, Outgoing)
    assert not issubclass(Outgoing, Note)
    assert all("Note" not in str(hint) for hint in hints.values())
    shared = {f.name for f in dataclasses.fields(Note)} & {f.name for f in dataclasses.fields(Outgoing)}
    assert shared == {"text"}
    missing = {
        f.name
        for f in dataclasses.fields(Outgoing)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    assert missing - {f.name for f in dataclasses.fields(Note)}


def test_all_records_are_imported_from_the_contract() -> None:
    """Who writes a backend needs one door."""
    made = {
        name: found for name, found in vars(records).items() if getattr(found, "__module__", "") == records.__name__
    }
    assert {"MailArrived", "Outgoing", "Sent"} <= set(made)
    assert {name: getattr(api, name, None) for name in made} == made
    assert api.Change is records.Change
