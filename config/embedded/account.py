"""The system account that runs the servers, and starting a process as it."""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# From linux/prctl.h, linux/securebits.h and linux/capability.h.
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2

ACCOUNT_NAMES = ("postgres", "nobody")


class ServersUnavailable(Exception):
    """The embedded servers cannot run here; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """Who runs the servers: PostgreSQL refuses to be run by root.

    `capability` is what the account keeps of root's powers when the folders
    above the program or the data are closed to it, for example below a folder
    with mode 0700. Opening those folders instead would open them for everyone.
    """

    uid: int
    gid: int
    capability: int | None = None

    def become(self) -> None:
        """Turn this process, just forked by root, into one of the account."""
        libc = ctypes.CDLL(None, use_errno=True)
        if self.capability is not None:
            # Without this bit the kernel drops capabilities on setuid, and
            # ignores them in access(), with which PostgreSQL looks for itself.
            bits = SECBIT_NO_SETUID_FIXUP
            _call(libc.prctl, PR_SET_SECUREBITS, bits, 0, 0, 0)
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)
        if self.capability is not None:
            _keep_only(libc, self.capability)


def start(
    command: Sequence[str],
    *,
    account: Account | None,
    folder: Path,
    output: IO[bytes] | int,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a server program in a session of its own, out of reach of Ctrl-C."""
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # Only ever called from programs with a single thread.
        preexec_fn=account.become if account else None,  # noqa: PLW1509
    )


def account_for(folder: Path, program: Path) -> Account | None:
    """The account for a data folder that exists: None unless root asks."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat()
    if owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        uid, gid = _unprivileged_ids()
        _give_away(folder, uid, gid)
    for capability in (None, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        account = Account(uid, gid, capability)
        if _can_work(account, folder, program):
            return account
    raise ServersUnavailable(
        f"As root, the database runs as {_name(uid)}, who cannot reach {folder} or "
        f"{program.parent}: run as a normal user, move the checkout and --data to "
        "folders that others may enter, or set DATABASE_URL and BROKER_URL."
    )


def _unprivileged_ids() -> tuple[int, int]:
    for name in ACCOUNT_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ServersUnavailable(
        "As root, the database needs a system user named postgres or nobody: "
        "create one, run as a normal user, or set DATABASE_URL and BROKER_URL."
    )


def _give_away(folder: Path, uid: int, gid: int) -> None:
    """Hand a new folder, or one restored from a backup, to the account."""
    os.chown(folder, uid, gid)
    for parent, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(parent, name), uid, gid, follow_symlinks=False)


def _can_work(account: Account, folder: Path, program: Path) -> bool:
    """Whether the account can run the program and enter the folder."""
    if account.capability is not None and sys.platform != "linux":
        return False
    command = ["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh"]
    try:
        trial = subprocess.run(  # noqa: S603
            [*command, str(folder), str(program)],
            cwd="/",
            env={"PATH": os.defpath},
            capture_output=True,
            check=False,
            preexec_fn=account.become,
        )
    except subprocess.SubprocessError:
        return False
    return trial.returncode == 0


def _keep_only(libc: ctypes.CDLL, capability: int) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << capability
    # effective, permitted, inheritable; twice, for the low and the high half
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _call(libc.capset, header, sets)
    _call(libc.prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _call(function: Callable[..., int], *arguments: object) -> None:
    converted = [
        ctypes.c_ulong(value) if isinstance(value, int) else value
        for value in arguments
    ]
    if function(*converted) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
