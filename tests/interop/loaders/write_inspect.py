"""Logs as Inspect itself writes them: `log.eval` and `log.json` in a folder."""

import sys
from pathlib import Path

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalSample,
    EvalSpec,
    write_eval_log,
)
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ModelOutput,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall

TEXT = "plain {{7*7}} \u2028 \U0001f9ea"
LONG = "long " * 2000


def sample(number, messages, answer):
    said = ModelOutput.from_content("mock/one", answer)
    return EvalSample(
        id=f"s-{number}",
        epoch=1,
        input=messages,
        target="right",
        messages=[*messages, ChatMessageAssistant(content=answer)],
        output=said,
        scores={
            "match": Score(value="C", answer=answer, explanation="Same."),
            "nothing": Score.unscored(),
        },
        attachments={},
        uuid=f"uuid-{number}",
    )


call = ToolCall(id="c1", function="find", arguments={"what": "way"}, type="function")
samples = [
    sample(1, [ChatMessageUser(content=TEXT)], LONG),
    sample(
        2,
        [
            ChatMessageSystem(content="Be brief."),
            ChatMessageUser(content="Which way?"),
            ChatMessageAssistant(content="", tool_calls=[call]),
            ChatMessageTool(content="Left.", tool_call_id="c1", function="find"),
        ],
        "Left it is.",
    ),
]
spec = EvalSpec(
    created="2026-03-02T09:00:00+00:00",
    task="ways",
    dataset=EvalDataset(),
    model="mock/one",
    config=EvalConfig(),
)
log = EvalLog(status="success", eval=spec, samples=samples)
for name in ("log.eval", "log.json"):
    write_eval_log(log, str(Path(sys.argv[1]) / name))
print("{}")
