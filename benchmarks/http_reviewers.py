"""Reviewers who judge over HTTP as fast as they are answered; a process of its own.

Reads a plan as JSON from standard input, plays it, and prints what happened as
JSON. Bare sockets and the standard library only: what this process uses is taken
from the server on the same cores.
"""

import itertools
import json
import resource
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

TIMEOUT_SECONDS = 30
PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 120
TRANSIENT = {500, 502, 503, 504}


@dataclass(frozen=True)
class Plan:
    """What to do. A patient reviewer tries again where the server is away."""

    host: str
    port: int
    deal_path: str
    sessions: list[str]
    # Forms that are valid for every item of the queue; one is picked at random.
    forms: list[str]
    cycles: int | None = None
    seconds: float | None = None
    is_patient: bool = False
    # On average, between two judgments.
    thinks_seconds: float = 0


@dataclass
class Record:
    """What one reviewer saw. Times are of the answered requests, in seconds."""

    acknowledged: list[str] = field(default_factory=list)
    judgment_times: list[float] = field(default_factory=list)
    deal_times: list[float] = field(default_factory=list)
    retries: int = 0
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


class Unexpected(Exception):
    """An answer that no reviewer should get."""


class NothingLeft(Exception):
    """The queue has nothing more for this reviewer."""


class Connection:
    """One kept-alive HTTP/1.1 connection with the cookies of one browser."""

    def __init__(self, plan: Plan, session: str) -> None:
        self.plan = plan
        self.cookies = {"sessionid": session}
        self.socket: socket.socket | None = None

    def send(
        self, method: str, path: str, form: str = "", *, htmx: bool = False
    ) -> Reply:
        try:
            return self._exchange(self._request(method, path, form, htmx))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def _request(self, method: str, path: str, form: str, htmx: bool) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.plan.host}:{self.plan.port}",
            "Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(form.encode())}",
                f"X-CSRFToken: {self.cookies.get('csrftoken', '')}",
            ]
        if htmx:
            lines += ["HX-Request: true", "HX-Target: bench"]
        return ("\r\n".join(lines) + "\r\n\r\n" + form).encode()

    def _exchange(self, request: bytes) -> Reply:
        if self.socket is None:
            where = (self.plan.host, self.plan.port)
            self.socket = socket.create_connection(where, timeout=TIMEOUT_SECONDS)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        received = self._receive(b"")
        while (end := received.find(b"\r\n\r\n")) < 0:
            received = self._receive(received)
        status, headers = self._parse(received[:end].decode("latin-1"))
        length = end + 4 + int(headers.get("content-length", "0"))
        while len(received) < length:
            received = self._receive(received)
        return Reply(status, headers, received[end + 4 :])

    def _receive(self, received: bytes) -> bytes:
        more = self.socket.recv(1 << 16) if self.socket else b""
        if not more:
            raise ConnectionResetError("closed in the middle of an answer")
        return received + more

    def _parse(self, head: str) -> tuple[int, dict[str, str]]:
        first, *lines = head.split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key.strip()] = rest.partition(";")[0]
        return int(first.split(" ", 2)[1]), headers


class Reviewer(threading.Thread):
    def __init__(self, plan: Plan, session: str, tickets: Any, seed: int) -> None:
        super().__init__()
        self.plan = plan
        self.tickets = tickets
        self.rng = Random(seed)
        self.connection = Connection(plan, session)
        self.record = Record()
        self.deadline = time.monotonic() + (plan.seconds or float("inf"))

    def run(self) -> None:
        try:
            # For the cookie that every form has to send back.
            desk = self._send("GET", "/review/")
            if desk.status != 200:
                raise Unexpected(f"{desk.status} for the desk")
            path = self._deal()
            while self._has_time():
                time.sleep(self.rng.uniform(0, 2 * self.plan.thinks_seconds))
                path = self._judge(path) or self._deal()
        except NothingLeft:
            pass
        except (Unexpected, OSError) as error:
            self.record.errors[f"{type(error).__name__}: {error}"] += 1
        finally:
            self.connection.close()

    def _has_time(self) -> bool:
        if time.monotonic() > self.deadline:
            return False
        return self.plan.cycles is None or next(self.tickets) < self.plan.cycles

    def _deal(self) -> str:
        """The path of the first item of a batch."""
        started = time.perf_counter()
        reply = self._send("POST", self.plan.deal_path)
        where = reply.headers.get("location", "")
        if reply.status != 303:
            raise Unexpected(f"{reply.status} for a deal")
        if not where.startswith("/bench/"):
            raise NothingLeft
        page = self._send("GET", where)
        if page.status == 303 and self.plan.is_patient:
            return page.headers["location"]
        if page.status != 200:
            raise Unexpected(f"{page.status} for the first item")
        self.record.deal_times.append(time.perf_counter() - started)
        return where

    def _judge(self, path: str) -> str | None:
        """Submit; the path of the next item, or None at the end of the batch."""
        started = time.perf_counter()
        form = self.rng.choice(self.plan.forms)
        reply = self._send("POST", f"{path}judgment/", form, htmx=True)
        self.record.judgment_times.append(time.perf_counter() - started)
        following = reply.headers.get("hx-push-url")
        if reply.status != 200 or not (following or "hx-redirect" in reply.headers):
            raise Unexpected(f"{reply.status} without a next item for a judgment")
        if following and f'action="{following}judgment/"'.encode() not in reply.body:
            raise Unexpected("the next item is not in the answer")
        self.record.acknowledged.append(path.split("/")[2])
        return following

    def _send(self, method: str, path: str, form: str = "", **more: bool) -> Reply:
        while True:
            try:
                reply = self.connection.send(method, path, form, **more)
            except OSError:
                if not self.plan.is_patient:
                    raise
            else:
                if reply.status not in TRANSIENT or not self.plan.is_patient:
                    return reply
            if time.monotonic() > self.deadline + PATIENCE_SECONDS:
                raise Unexpected("the server does not come back")
            self.record.retries += 1
            time.sleep(PAUSE_SECONDS)


def play(plan: Plan) -> dict[str, Any]:
    tickets = itertools.count()
    started = time.perf_counter()
    reviewers = [
        Reviewer(plan, session, tickets, seed)
        for seed, session in enumerate(plan.sessions)
    ]
    for reviewer in reviewers:
        reviewer.start()
    for reviewer in reviewers:
        reviewer.join()
    seconds = time.perf_counter() - started
    records = [reviewer.record for reviewer in reviewers]
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "acknowledged": [one for record in records for one in record.acknowledged],
        "judgment_times": [one for record in records for one in record.judgment_times],
        "deal_times": [one for record in records for one in record.deal_times],
        "retries": sum(record.retries for record in records),
        "errors": sum((record.errors for record in records), Counter()),
    }


if __name__ == "__main__":
    threading.stack_size(1 << 18)
    sys.stdout.write(json.dumps(play(Plan(**json.load(sys.stdin)))))
