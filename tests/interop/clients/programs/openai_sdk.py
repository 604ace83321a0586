"""The PyPI package `openai`, used as documented. openai_sdk.js has the same cases."""

import json

from openai import OpenAI

import runner

client = OpenAI(max_retries=0)
PARAMETERS = {
    "type": "object",
    "properties": {"at": {"type": "string"}},
    "required": ["at"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
FUNCTIONS = [
    {"name": name, "description": "Looks", "parameters": PARAMETERS, "strict": True} for name in ("look", "listen")
]


def streamed(given):
    result = {"text": "", "deltas": 0, "kinds": []}
    for event in client.responses.create(model=runner.model, input=given, stream=True):
        result["kinds"].append(event.type)
        if event.type == "response.output_text.delta":
            result["text"] += event.delta
            result["deltas"] += 1
        if event.type == "response.failed":
            result["failed"] = event.response.error.model_dump()
    return result


def tools(given, stream):
    request = {"model": runner.model, "tools": [{"type": "function", **tool} for tool in FUNCTIONS], "parallel_tool_calls": True}

    def ask(messages):
        if not stream:
            return client.responses.create(**request, input=messages)
        with client.responses.stream(**request, input=messages) as answer:
            return answer.until_done().get_final_response()

    messages = [{"role": "user", "content": given}]
    first = ask(messages)
    calls = [item for item in first.output if item.type == "function_call"]
    # Fields that the helper adds for its caller are not part of the API.
    messages += [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    for call in calls:
        messages.append({"type": "function_call_output", "call_id": call.call_id, "output": f"{call.name} is clear"})
    last = ask(messages)
    return {"calls": [{"name": call.name, "input": json.loads(call.arguments)} for call in calls], "text": last.output_text}


def reasoning(given):
    request = {
        "model": runner.model,
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    question = [{"role": "user", "content": given}]
    first = client.responses.create(**request, input=question)
    thought = next(item for item in first.output if item.type == "reasoning")
    second = client.responses.create(**request, input=[*question, *first.output, {"role": "user", "content": "go on"}])
    return {"thought": thought.summary[0].text, "sealed": thought.encrypted_content, "text": second.output_text}


def image(given):
    content = [{"type": "input_text", "text": "look"}, {"type": "input_image", "image_url": given, "detail": "auto"}]
    return {"text": client.responses.create(model=runner.model, input=[{"role": "user", "content": content}]).output_text}


def structured(given):
    form = {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}
    return json.loads(client.responses.create(model=runner.model, input=given, text={"format": form}).output_text)


def cancelled(given):
    stream = client.responses.create(model=runner.model, input=given, stream=True)
    for event in stream:
        if event.type == "response.output_text.delta":
            break
    stream.close()
    return {"aborted": stream.response.is_closed}


def models(_):
    return {"ids": [known.id for known in client.models.list()], "one": client.models.retrieve(runner.model).id}


def chat(given, **more):
    return client.chat.completions.create(model=runner.model, messages=[{"role": "user", "content": given}], **more)


def chat_streamed(given):
    result = {"text": "", "deltas": 0, "finish": None, "usage": None}
    for chunk in chat(given, stream=True, stream_options={"include_usage": True}):
        for choice in chunk.choices:
            if choice.delta.content:
                result["text"] += choice.delta.content
                result["deltas"] += 1
            result["finish"] = choice.finish_reason or result["finish"]
        result["usage"] = chunk.usage.total_tokens if chunk.usage else result["usage"]
    return result


def chat_tools(given, stream):
    request = {"model": runner.model, "tools": [{"type": "function", "function": tool} for tool in FUNCTIONS]}

    def ask(messages):
        if not stream:
            return client.chat.completions.create(**request, messages=messages).choices[0]
        with client.chat.completions.stream(**request, messages=messages) as answer:
            return answer.until_done().get_final_completion().choices[0]

    messages = [{"role": "user", "content": given}]
    first = ask(messages)
    calls = first.message.tool_calls or []
    messages.append(first.message)
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name} is clear"} for call in calls
    ]
    last = ask(messages)
    return {
        "finish": first.finish_reason,
        "calls": [{"name": call.function.name, "input": json.loads(call.function.arguments)} for call in calls],
        "text": last.message.content,
    }


def chat_image(given):
    content = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": given}}]
    return {"text": chat(content).choices[0].message.content}


def chat_structured(given):
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
    return json.loads(chat(given, response_format=form).choices[0].message.content)


def chat_cancelled(given):
    stream = chat(given, stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
    stream.close()
    return {"aborted": stream.response.is_closed}


runner.serve(
    {
        "one_shot": lambda given: {"text": client.responses.create(model=runner.model, input=given).output_text},
        "streaming": streamed,
        "tools": lambda given: tools(given, False),
        "tools_streamed": lambda given: tools(given, True),
        "image": image,
        "reasoning": reasoning,
        "structured": structured,
        "cancel": cancelled,
        "models": models,
        "chat_one_shot": lambda given: {"text": chat(given).choices[0].message.content},
        "chat_streaming": chat_streamed,
        "chat_tools": lambda given: chat_tools(given, False),
        "chat_tools_streamed": lambda given: chat_tools(given, True),
        "chat_image": chat_image,
        "chat_structured": chat_structured,
        "chat_cancel": chat_cancelled,
    }
)
