"""What Inspect makes of an export: samples by its own reader."""

import json
import sys

from inspect_ai.dataset import json_dataset


def said(message):
    calls = [
        [call.function, call.arguments]
        for call in getattr(message, "tool_calls", None) or []
    ]
    return [message.role, message.text, calls]


samples = [
    {
        "id": sample.id,
        "input": sample.input
        if isinstance(sample.input, str)
        else [said(one) for one in sample.input],
        "target": sample.target,
        "choices": sample.choices,
        "metadata": sample.metadata,
        "acts": [sample.files, sample.setup, sample.sandbox],
    }
    for sample in json_dataset(sys.argv[1])
]
print(json.dumps(samples))
