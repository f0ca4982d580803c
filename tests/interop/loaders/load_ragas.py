"""What RAGAS makes of an export: samples by its own reader, one list a file."""

import json
import sys
from pathlib import Path

from ragas import EvaluationDataset

found = {}
for name in ("single_turn", "multi_turn"):
    dataset = EvaluationDataset.from_jsonl(str(Path(sys.argv[1]) / f"{name}.jsonl"))
    found[name] = [sample.model_dump() for sample in dataset]
print(json.dumps(found))
