"""What LangSmith makes of an export: examples of its own schema."""

import json
import sys
from pathlib import Path

from langsmith.schemas import ExampleCreate

lines = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
examples = [ExampleCreate(**json.loads(line)) for line in lines if line]
print(json.dumps([example.model_dump(mode="json") for example in examples]))
