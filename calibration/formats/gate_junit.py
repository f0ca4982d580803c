"""What the gate says, as JUnit XML: one test for each threshold."""

import re
from typing import Any
from xml.sax.saxutils import quoteattr

from calibration.formats.gate_report import cited
from reviews.formats.terminal import visible

# What XML 1.0 has no way to write, and text of ours has no need of.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Json = dict[str, Any]


def as_junit(report: Json) -> str:
    """BLOCKED is a failure, HOLD an error: both keep a build from being green."""
    tests = [
        _test(report, check["name"], *_of_check(check)) for check in report["checks"]
    ]
    tests += [
        _test(report, one["name"], None if one["holds"] else "error", one["said"])
        for one in report["trust"]
    ]
    n_failures = sum("<failure" in test for test in tests)
    n_errors = sum("<error" in test for test in tests)
    counts = f'tests="{len(tests)}" failures="{n_failures}" errors="{n_errors}"'
    name = _attribute(f"gate {cited(report)}: {report['candidate']['name']}")
    body = "\n".join(tests)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {counts}>\n"
        f"  <testsuite name={name} {counts}>\n"
        f"{_properties(report)}\n{body}\n"
        "  </testsuite>\n</testsuites>\n"
    )


def _of_check(check: Json) -> tuple[str | None, str]:
    tag = {"CLEAR": None, "BLOCKED": "failure", "HOLD": "error"}[check["outcome"]]
    return tag, check["said"]


def _test(report: Json, name: str, tag: str | None, said: str) -> str:
    head = f"classname={_attribute(cited(report))} name={_attribute(name)}"
    if tag is None:
        return f"    <testcase {head}/>"
    return (
        f"    <testcase {head}>\n      <{tag} message={_attribute(said)}/>\n"
        "    </testcase>"
    )


def _properties(report: Json) -> str:
    said = {
        "verdict": report["verdict"],
        "release.digest": report["release"]["digest"],
        "thresholds.sha256": report["thresholds"]["sha256"],
        "candidate.sha256": report["candidate"]["sha256"],
    }
    lines = [
        f"      <property name={_attribute(name)} value={_attribute(value)}/>"
        for name, value in said.items()
    ]
    return "\n".join(["    <properties>", *lines, "    </properties>"])


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", visible(text)))
