"""What `datasets` makes of an export: a folder, offline."""

import json
import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
with tempfile.TemporaryDirectory() as cache:
    os.environ["HF_HOME"] = cache
    from datasets import load_dataset

    loaded = load_dataset(sys.argv[1])
    print(json.dumps({name: split.to_list() for name, split in loaded.items()}))
