"""What Langfuse makes of an export: request bodies of its own client."""

import inspect
import json
import sys
from pathlib import Path

from langfuse.api.dataset_items.client import DatasetItemsClient

lines = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
items = [json.loads(line) for line in lines if line]
known = set(inspect.signature(DatasetItemsClient.create).parameters)
print(json.dumps({"known": sorted(known), "items": items}))
