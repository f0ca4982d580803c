"""What Label Studio makes of an export: tasks that its own configuration accepts."""

import json
import sys
from pathlib import Path

from label_studio_sdk.label_interface import LabelInterface

folder = Path(sys.argv[1])
page = LabelInterface((folder / "config.xml").read_text(encoding="utf-8"))
page.validate()
tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
found = []
for task in tasks:
    # A user who labelled is required here, and not when tasks are imported.
    for annotation in task["annotations"]:
        assert page.validate_annotation({"completed_by": 1, **annotation}), annotation
    found.append(task["data"])
print(
    json.dumps({"controls": sorted(tag.name for tag in page.controls), "tasks": found})
)
