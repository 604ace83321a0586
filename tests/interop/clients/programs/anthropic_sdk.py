"""The PyPI package `anthropic`, used as documented. anthropic_sdk.js has the same cases."""

import json
import re

from anthropic import Anthropic

import runner

client = Anthropic(max_retries=0)
MAX_TOKENS = 4096
INPUT_SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
TOOLS = [{"name": name, "description": "Looks", "input_schema": INPUT_SCHEMA} for name in ("look", "listen")]
THINKING = {"type": "enabled", "budget_tokens": 1024}


def user(content):
    return {"role": "user", "content": content}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def ask(messages, **more):
    return client.messages.create(model=runner.model, max_tokens=MAX_TOKENS, messages=messages, **more)


def streamed(given):
    result = {"text": "", "deltas": 0}
    with client.messages.stream(model=runner.model, max_tokens=MAX_TOKENS, messages=[user(given)]) as stream:
        for text in stream.text_stream:
            result["text"] += text
            result["deltas"] += 1
        message = stream.get_final_message()
    return {**result, "stop": message.stop_reason, "tokens": message.usage.output_tokens}


def called(given, stream, **more):
    def send(messages):
        if not stream:
            return ask(messages, tools=TOOLS, **more)
        request = {"model": runner.model, "max_tokens": MAX_TOKENS, "messages": messages, "tools": TOOLS, **more}
        with client.messages.stream(**request) as answer:
            return answer.get_final_message()

    first = send([user(given)])
    calls = [block for block in first.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{call.name} is clear"} for call in calls]
    last = send([user(given), {"role": "assistant", "content": first.content}, user(results)])
    return {
        "stop": first.stop_reason,
        "blocks": [block.type for block in first.content],
        "thought": next((block.thinking for block in first.content if block.type == "thinking"), None),
        "calls": [{"name": call.name, "input": call.input} for call in calls],
        "text": text_of(last),
    }


def image(given):
    media_type, data = re.fullmatch(r"data:(.*?);base64,(.*)", given).groups()
    block = {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}
    return {"text": text_of(ask([user([block, {"type": "text", "text": "look"}])]))}


def structured(given):
    return json.loads(text_of(ask([user(given)], output_config={"format": {"type": "json_schema", "schema": SCHEMA}})))


def cancelled(given):
    stream = ask([user(given)], stream=True)
    for event in stream:
        if event.type == "content_block_delta":
            break
    stream.close()
    return {"aborted": stream.response.is_closed}


def models(_):
    return {"ids": [known.id for known in client.models.list()], "one": client.models.retrieve(runner.model).id}


runner.serve(
    {
        "one_shot": lambda given: {"text": text_of(ask([user(given)]))},
        "streaming": streamed,
        "tools": lambda given: called(given, False),
        "tools_streamed": lambda given: called(given, True),
        "thinking": lambda given: called(given, False, thinking=THINKING),
        "thinking_streamed": lambda given: called(given, True, thinking=THINKING),
        "image": image,
        "structured": structured,
        "cancel": cancelled,
        "count_tokens": lambda given: {
            "tokens": client.messages.count_tokens(model=runner.model, messages=[user(given)]).input_tokens
        },
        "models": models,
    }
)
