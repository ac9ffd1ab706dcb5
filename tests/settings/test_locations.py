"""Where things are: closed to others, short enough for a socket, and in one folder where that is wanted."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from agent_tui.locations import is_loose, locate, prepare, private_folder, write_private


def test_a_home_holds_everything(tmp_path: Path) -> None:
    found = locate(tmp_path / "home")
    for path in (found.config, found.data, found.runtime, found.log, found.downloads, found.settings_file):
        assert path.is_relative_to(tmp_path / "home")
    assert not (tmp_path / "home").exists(), "looking creates nothing"


def test_the_environment_names_a_home_and_an_argument_goes_before(tmp_path: Path) -> None:
    environment = {"AGENT_TUI_HOME": str(tmp_path / "one")}
    assert locate(environment=environment).home == tmp_path / "one"
    assert locate(tmp_path / "two", environment).home == tmp_path / "two"


def test_a_relative_home_is_meant_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("work").data == tmp_path / "work" / "data"


def test_without_a_home_the_platform_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run = tmp_path / "run"
    run.mkdir()
    found = locate(environment={"XDG_RUNTIME_DIR": str(run)})
    assert found.settings_file == tmp_path / "config" / "agent-tui" / "settings.toml"
    assert found.database.parent == tmp_path / "data" / "agent-tui"
    assert found.runtime == run / "agent-tui"
    assert found.home is None


def test_without_a_runtime_folder_there_is_one_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = locate(environment={"XDG_RUNTIME_DIR": "/nonexistent"})
    assert found.runtime == tmp_path / f"agent-tui-{os.getuid()}"


def test_folders_are_closed_to_others(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        found = prepare(locate(tmp_path / "home"))
    finally:
        os.umask(old)
    for folder in (tmp_path / "home", found.config, found.data, found.runtime, found.log):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    folder.chmod(0o777)
    private_folder(folder)
    assert not is_loose(folder)


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(PermissionError, match="another user"):
        private_folder(tmp_path)


def test_a_link_where_everybody_can_make_one_is_refused(tmp_path: Path) -> None:
    """The target is left as it is: it may be any folder of ours, chosen by another user."""
    target, shared = tmp_path / "target", tmp_path / "shared"
    target.mkdir()
    target.chmod(0o755)
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "link").symlink_to(target)
    with pytest.raises(PermissionError, match="link"):
        private_folder(shared / "link")
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a link away")
def test_a_link_of_another_user_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    target.chmod(0o755)
    (tmp_path / "link").symlink_to(target)
    os.lchown(tmp_path / "link", 4242, 4242)
    with pytest.raises(PermissionError, match="another user"):
        private_folder(tmp_path / "link")
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


def test_a_link_of_our_own_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target").chmod(0o755)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    private_folder(tmp_path / "link")
    assert not is_loose(tmp_path / "target")


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        private_folder(tmp_path / "file")


def test_a_socket_fits_however_deep_the_home_lies(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(12):
        deep = deep / "a-rather-long-name"
    found = prepare(locate(deep))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(found.worker_socket))
    found.worker_socket.unlink()
    assert found.worker_socket != locate(deep / "other").worker_socket
    assert locate(tmp_path / "h").worker_socket.parent == tmp_path / "h" / "run" or len(str(tmp_path)) > 80


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_private(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
