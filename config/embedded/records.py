"""What is remembered about the servers between two starts: ports, passwords."""

import json
import os
import secrets
import socket
import tempfile
from dataclasses import asdict, dataclass, field
from errno import EADDRINUSE
from pathlib import Path
from typing import Self

from config.embedded.account import ServersUnavailable

HOST = "127.0.0.1"


def new_password() -> str:
    return secrets.token_urlsafe(24)


@dataclass
class Records:
    """The content of `servers.json`, readable by its owner only."""

    data_dir: Path
    postgres_port: int = 0
    valkey_port: int = 0
    admin_password: str = field(default_factory=new_password)
    postgres_password: str = field(default_factory=new_password)
    valkey_password: str = field(default_factory=new_password)

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        path = data_dir / "servers.json"
        if not path.exists():
            records = cls(data_dir)
            records.save()
            return records
        try:
            return cls(data_dir, **json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ServersUnavailable(f"Cannot read {path}: {error}.") from None

    def save(self) -> None:
        content = asdict(self)
        del content["data_dir"]
        handle, temporary = tempfile.mkstemp(dir=self.data_dir, prefix=".servers-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.data_dir / "servers.json")


def free_port(preferred: int) -> int:
    """The preferred port if nobody listens on it, else one the system picks."""
    if preferred and is_free(HOST, preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now; an OSError says what is wrong."""
    family, kind, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind) as probe:
        # As servers do: connections that a former one closed do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == EADDRINUSE:
                return False
            raise
    return True


def is_listening(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
