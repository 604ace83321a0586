"""Uses chatgpt-plan-auth as Home Assistant does: the person pastes the address, and its client of the SDK asks."""

import json

import runner
from chatgpt_plan_auth import auth, catalog, requests
from chatgpt_plan_auth.client import ChatGPTSubscriptionClient
from openai import DefaultAsyncHttpxClient

http = DefaultAsyncHttpxClient()
host_id = auth.create_ext_agent_host_id()
#: The token manager, which has the credentials.
manager = None


async def sign_in(_):
    global manager
    known = manager.credentials if manager else None
    request = auth.create_authorization_request(
        client_id=known.client_id if known else None,
        ext_agent_host_id=host_id,
        id_token_hint=known.id_token if known else None,
    )
    landed = auth.parse_callback_url(runner.paste_address_of(request.url))
    if "error" in landed:
        raise RuntimeError(landed["error"])
    credentials = await auth.async_exchange_code(
        http,
        landed["code"],
        request=request,
        callback_client_id=landed.get("client_id"),
        callback_state=landed["state"],
    )
    manager = auth.ChatGPTAuth(credentials, client=http)
    return credentials.client_id


async def models(_):
    return await catalog.async_get_subscription_models(http, manager)


TOOL = {
    "type": "function",
    "name": "add",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
}


async def ask(prompt):
    return (await response_to([message(prompt)])).output_text


async def call_tool(prompt):
    messages = [message(prompt)]
    [call] = (await response_to(messages, tools=[TOOL])).output
    messages.append(call.to_dict())
    output = str(sum(json.loads(call.arguments).values()))
    messages.append({"type": "function_call_output", "call_id": call.call_id, "output": output})
    return (await response_to(messages, tools=[TOOL])).output_text


def message(text):
    return {"type": "message", "role": "user", "content": text}


async def response_to(messages, **more):
    arguments = {"model": "gpt-6.1-sol", "instructions": "Be brief.", "input": messages, **more}
    requests.shape_request_for_subscription(arguments, messages)
    client = ChatGPTSubscriptionClient(manager, http)
    async for event in await client.responses.create(**arguments):
        last = event
    return last.response


runner.serve({"sign_in": sign_in, "models": models, "ask": ask, "call_tool": call_tool})
