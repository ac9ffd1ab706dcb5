"""Where things are. One workspace is one set of folders, all of them closed to other users.

Functions, not constants: tests, the demo and `--home` each have a workspace of their own.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "agent-tui"
HOME_VARIABLE = "AGENT_TUI_HOME"
_SOCKET_LIMIT = 100
"""A local socket's path holds about 104 bytes; what would be longer is put under a short name."""


@dataclass(frozen=True, slots=True)
class Locations:
    """The folders of one workspace."""

    config: Path
    """Settings, references to secrets, the vault."""
    data: Path
    """The database and the files of messages."""
    runtime: Path
    """Socket, locks, and the draft journal when the store cannot be written."""
    log: Path
    downloads: Path
    """Where attachments are saved."""
    home: Path | None = None
    """The one folder that holds all of it, where there is one."""

    @property
    def settings_file(self) -> Path:
        """What the agent set."""
        return self.config / "settings.toml"

    @property
    def secrets_file(self) -> Path:
        """Which way each secret is kept; never a secret."""
        return self.config / "secrets.toml"

    @property
    def vault_file(self) -> Path:
        """Secrets, encrypted, where there is no keyring."""
        return self.config / "vault.json"

    @property
    def database(self) -> Path:
        """The store."""
        return self.data / "store.db"

    @property
    def files(self) -> Path:
        """Raw messages and attachments, by their hash."""
        return self.data / "files"

    @property
    def worker_lock(self) -> Path:
        """Held by the worker. Beside the store: two workspaces with one store would have one worker."""
        return self.data / "worker.lock"

    @property
    def worker_socket(self) -> Path:
        """The local socket that wakes the worker; under a short name where its path would be too long for one."""
        path = self.runtime / "worker.sock"
        if len(os.fsencode(path)) <= _SOCKET_LIMIT:
            return path
        short = hashlib.sha256(os.fsencode(self.runtime)).hexdigest()[:16]
        return _temporary_runtime() / f"{short}.sock"

    @property
    def last_key(self) -> Path:
        """When a key was last pressed at a desk."""
        return self.runtime / "last-key"

    @property
    def editing(self) -> Path:
        """Texts that are open in the agent's own editor. Not with what runs: that may go with the agent's last session,
        and with it what an editor kept of words that were not saved when the line was lost."""
        return self.data / "edit"


def locate(home: str | os.PathLike[str] | None = None, environment: Mapping[str, str] | None = None) -> Locations:
    """The workspace in `home`, else in AGENT_TUI_HOME, else in the platform's folders. Creates nothing."""
    environment = os.environ if environment is None else environment
    chosen = os.fspath(home) if home is not None else environment.get(HOME_VARIABLE, "")
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Locations(
            config=root / "config",
            data=root / "data",
            runtime=root / "run",
            log=root / "log",
            downloads=root / "downloads",
            home=root,
        )
    from platformdirs import PlatformDirs

    folders = PlatformDirs(NAME, appauthor=False)
    return Locations(
        config=folders.user_config_path,
        data=folders.user_data_path,
        runtime=_runtime(environment),
        log=folders.user_log_path,
        downloads=folders.user_downloads_path / NAME,
    )


def prepare(locations: Locations) -> Locations:
    """Create the folders that are missing, closed to others. Raises `OSError` with the folder's name."""
    if locations.home is not None:
        private_folder(locations.home)
    for folder in (locations.config, locations.data, locations.runtime, locations.log):
        private_folder(folder)
    socket_folder = locations.worker_socket.parent
    if socket_folder != locations.runtime:
        private_folder(socket_folder)
    return locations


class FolderRefused(PermissionError):
    """A folder that nothing private may be put into."""

    def __init__(self, path: Path, reason: str, owner: int | None = None) -> None:
        super().__init__(errno.EACCES, reason, str(path))
        self.owner = owner
        """The user whose it is, where it is not ours."""


def private_folder(path: Path) -> Path:
    """Create a folder (and its parents) with 0700, or close ours to others; refuses one that another user owns."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(our_folder(path).st_mode) & 0o077:
        path.chmod(0o700)
    return path


def our_folder(path: Path) -> os.stat_result:
    """What the system knows of a folder of ours. Raises `FolderRefused` where it is another's, or none."""
    found = path.lstat()
    # a link of our own may lead to our own folder, but never from where everybody can make one
    if stat.S_ISLNK(found.st_mode) and _is_ours(found) and not path.parent.stat().st_mode & stat.S_IWOTH:
        found = path.stat()
    if not _is_ours(found):
        raise FolderRefused(path, "belongs to another user", found.st_uid)
    if not stat.S_ISDIR(found.st_mode):
        raise FolderRefused(path, "is a link or no folder")
    return found


def _is_ours(found: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or found.st_uid == os.getuid()


def is_loose(path: Path) -> bool:
    """Others may read or write this file."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


class NotAFile(OSError):
    """No regular file, or another user's: a pipe, where reading waits for a writer, or a device, which has no end."""


class TooLarge(OSError):
    """More than a file of its kind can hold."""


def read_file(path: Path, most: int, *, ours: bool = False) -> bytes:
    """The bytes of a regular file, of `ours` where it must be no link and no other user's.

    Never waits, and never reads more than `most`. Raises `NotAFile`, `TooLarge`, or what `OSError` says.
    """
    link = getattr(os, "O_NOFOLLOW", 0) if ours else 0
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | link)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or (ours and not _is_ours(found)):
            raise NotAFile(errno.EINVAL, "not a file", str(path))
        if found.st_size <= most:
            with open(handle, "rb", closefd=False) as file:
                content = file.read(most + 1)
            if len(content) <= most:
                return content
        raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    finally:
        os.close(handle)


def read_lines(path: Path, most: int, longest: int) -> bytes:
    """As `read_file`; `TooLarge` also where a line is longer: what reads TOML takes long over the parts of a key."""
    content = read_file(path, most)
    if any(len(line) > longest for line in content.splitlines()):
        raise TooLarge(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def write_private(path: Path, content: bytes) -> None:
    """Replace a file whole or not at all, readable by us alone, on the disk when this returns."""
    private_folder(path.parent)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some file systems cannot sync a folder
    finally:
        os.close(handle)


def _runtime(environment: Mapping[str, str]) -> Path:
    given = environment.get("XDG_RUNTIME_DIR", "")
    if given and os.path.isdir(given) and os.access(given, os.W_OK | os.X_OK):
        return Path(given) / NAME
    return _temporary_runtime()


def _temporary_runtime() -> Path:
    user = os.getuid() if sys.platform != "win32" else 0
    return Path(tempfile.gettempdir()) / f"{NAME}-{user}"
