"""What Argilla makes of an export: its settings and its records, without a server."""

import json
import sys
from pathlib import Path

import argilla as rg

# The client asks its server who it is; there is none, and none is needed to read.
rg.Argilla._validate_connection = lambda self: None
client = rg.Argilla(api_url="http://127.0.0.1:1", api_key="none")

folder = Path(sys.argv[1])
settings = rg.Settings.from_json(folder / "settings.json")
records = [
    rg.Record.from_dict(line)
    for line in json.loads((folder / "records.json").read_text(encoding="utf-8"))
]
print(
    json.dumps(
        {
            "fields": [one.name for one in settings.fields],
            "questions": [one.name for one in settings.questions],
            "records": [
                {
                    "id": record.id,
                    "fields": record.fields.to_dict(),
                    "suggestions": record.suggestions.to_dict(),
                    "metadata": record.metadata.to_dict(),
                }
                for record in records
            ],
        }
    )
)
