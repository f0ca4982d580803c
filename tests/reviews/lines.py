"""Native lines, good and bad, as bytes."""

import json
from typing import Any


def make_line(external_id: str = "t-1", kind: str = "pair", **changes: Any) -> bytes:
    return encode(make_native(external_id, kind, **changes))


def make_native(external_id: str, kind: str = "pair", **changes: Any) -> dict[str, Any]:
    n_responses = {"single": 1, "pair": 2, "trace": 1}[kind]
    content: dict[str, Any] = {
        "prompt": f"Where is order {external_id}?",
        "responses": [{"text": f"On its way {k}."} for k in range(n_responses)],
    }
    if kind == "trace":
        content["steps"] = [{"type": "tool_call", "name": "find", "arguments": {}}]
    content |= changes.pop("content", {})
    content = {key: value for key, value in content.items() if value is not ...}
    return {"id": external_id, "kind": kind, "content": content} | changes


def encode(line: object) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode()


def make_bad_lines() -> list[bytes]:
    """Forty lines that are wrong in forty ways; ids b-1 to b-40 where there is one."""
    text = '{"id": "b-1", "kind": "pair", "content": '
    whole = make_line("b-2")
    return [
        b"not JSON",
        text.encode(),
        whole[:-1],
        whole + b" {}",
        whole.replace(b'"b-2"', b"'b-2'"),
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{}",
        b"\x00\x00\x00",
        whole.replace(b"order", b"\xff\xfe"),
        whole.replace(b"order", b"\xed\xa0\x80"),
        whole.replace(b"order", b"\\ud800"),
        whole.replace(b"order", b"\\u0000"),
        whole.replace(b"order", b"\x00"),
        make_line("b-\0"),
        make_line("b-3", provenance={"note": "a\0b"}),
        make_line("b-4", provenance={"a\0b": 1}),
        make_line("b-5", provenance={"n": 1}).replace(b'"n": 1', b'"n": NaN'),
        make_line("b-6", provenance={"n": 1}).replace(b'"n": 1', b'"n": 1e999'),
        make_line("b-7", provenance={"n": 10**30}),
        make_line("b-8", provenance={"n": 1e300}),
        whole.replace(b'"kind": "pair"', b'"kind": "pair", "kind": "pair"'),
        encode({"kind": "single", "content": {"prompt": "x", "responses": ["y"]}}),
        make_line(""),
        make_line("x" * 301),
        make_line("b-9").replace(b'"b-9"', b"9"),
        make_line("b-10").replace(b'"pair"', b'"triple"'),
        encode({"id": "b-11", "kind": "pair"}),
        make_line("b-12", content={"responses": ["only one"]}),
        make_line("b-13", content={"responses": ["x"] * 9}),
        make_line("b-14", content={"responses": ["x", 3]}),
        make_line("b-15", content={"prompt": " \n"}),
        make_line("b-16", content={"prompt": ...}),
        make_line("b-17", content={"model": "north-2"}),
        make_line("b-18", signals={"confidence": 1.5}),
        make_line("b-19", signals={"stakes": "enormous"}),
        make_line("b-20", provenance={"responses": [{"model": "north-2"}]}),
        make_line("b-21", provenance=nest(150)),
        make_line("b-22", content={"prompt": "x" * 20_000_000}),
    ]


def nest(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"in": value}
    return value
