"""The PyPI package `openai`, used as its documentation says. Its twin is openai_sdk.js."""

import json

from openai import OpenAI

import said

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
    told = {"text": "", "deltas": 0, "kinds": []}
    for event in client.responses.create(model=said.model, input=given, stream=True):
        told["kinds"].append(event.type)
        if event.type == "response.output_text.delta":
            told["text"] += event.delta
            told["deltas"] += 1
        if event.type == "response.failed":
            told["failed"] = event.response.error.model_dump()
    return told


def tools(given, stream):
    asked = {"model": said.model, "tools": [{"type": "function", **tool} for tool in FUNCTIONS], "parallel_tool_calls": True}

    def ask(messages):
        if not stream:
            return client.responses.create(**asked, input=messages)
        with client.responses.stream(**asked, input=messages) as answer:
            return answer.until_done().get_final_response()

    messages = [{"role": "user", "content": given}]
    first = ask(messages)
    calls = [item for item in first.output if item.type == "function_call"]
    # What the helper adds for its caller is not the API's.
    messages += [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    for call in calls:
        messages.append({"type": "function_call_output", "call_id": call.call_id, "output": f"{call.name} is clear"})
    last = ask(messages)
    return {"calls": [{"name": call.name, "input": json.loads(call.arguments)} for call in calls], "text": last.output_text}


def reasoning(given):
    asked = {
        "model": said.model,
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    question = [{"role": "user", "content": given}]
    first = client.responses.create(**asked, input=question)
    thought = next(item for item in first.output if item.type == "reasoning")
    second = client.responses.create(**asked, input=[*question, *first.output, {"role": "user", "content": "go on"}])
    return {"thought": thought.summary[0].text, "sealed": thought.encrypted_content, "text": second.output_text}


def image(given):
    content = [{"type": "input_text", "text": "look"}, {"type": "input_image", "image_url": given, "detail": "auto"}]
    return {"text": client.responses.create(model=said.model, input=[{"role": "user", "content": content}]).output_text}


def structured(given):
    form = {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}
    return json.loads(client.responses.create(model=said.model, input=given, text={"format": form}).output_text)


def cancelled(given):
    stream = client.responses.create(model=said.model, input=given, stream=True)
    for event in stream:
        if event.type == "response.output_text.delta":
            break
    stream.close()
    return {"aborted": stream.response.is_closed}


def models(_):
    return {"ids": [known.id for known in client.models.list()], "one": client.models.retrieve(said.model).id}


def chat(given, **more):
    return client.chat.completions.create(model=said.model, messages=[{"role": "user", "content": given}], **more)


def chat_streamed(given):
    told = {"text": "", "deltas": 0, "finish": None, "usage": None}
    for chunk in chat(given, stream=True, stream_options={"include_usage": True}):
        for choice in chunk.choices:
            if choice.delta.content:
                told["text"] += choice.delta.content
                told["deltas"] += 1
            told["finish"] = choice.finish_reason or told["finish"]
        told["usage"] = chunk.usage.total_tokens if chunk.usage else told["usage"]
    return told


def chat_tools(given, stream):
    asked = {"model": said.model, "tools": [{"type": "function", "function": tool} for tool in FUNCTIONS]}

    def ask(messages):
        if not stream:
            return client.chat.completions.create(**asked, messages=messages).choices[0]
        with client.chat.completions.stream(**asked, messages=messages) as answer:
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


said.serve(
    {
        "one_shot": lambda given: {"text": client.responses.create(model=said.model, input=given).output_text},
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
