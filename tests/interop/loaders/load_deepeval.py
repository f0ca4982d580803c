"""What DeepEval makes of an export: goldens by its own reader."""

import json
import sys

from deepeval.dataset import EvaluationDataset

dataset = EvaluationDataset()
dataset.add_goldens_from_json_file(file_path=sys.argv[1])
print(
    json.dumps(
        [
            {
                "name": golden.name,
                "input": golden.input,
                "actual_output": golden.actual_output,
                "expected_output": golden.expected_output,
                "context": golden.context,
                "metadata": golden.additional_metadata,
                "columns": golden.custom_column_key_values,
                "tools": [
                    [call.name, call.input_parameters, call.output]
                    for call in golden.tools_called or []
                ],
            }
            for golden in dataset.goldens
        ]
    )
)
