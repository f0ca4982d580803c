"""What mlcroissant makes of a release: its records, checked against their hash."""

import json
import sys
from pathlib import Path

import mlcroissant as mlc

dataset = mlc.Dataset(str(Path(sys.argv[1]) / "croissant.json"))
records = [
    {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in record.items()
    }
    for record in dataset.records("cases")
]
print(json.dumps(records))
