"""What MLflow makes of an export: records of its own checks."""

import json
import sys
from pathlib import Path

from mlflow.entities.dataset_record import DatasetRecord
from mlflow.entities.dataset_record_source import DatasetRecordSource

lines = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
records = []
for number, line in enumerate(filter(None, lines)):
    given = json.loads(line)
    source = DatasetRecordSource.from_dict(given["source"])
    record = DatasetRecord(
        dataset_id="d",
        dataset_record_id=str(number),
        inputs=given["inputs"],
        expectations=given["expectations"],
        outputs=given["outputs"],
        tags=given["tags"],
        source=source,
        created_time=0,
        last_update_time=0,
    )
    records.append(DatasetRecord.from_proto(record.to_proto()).to_dict())
print(json.dumps(records))
