"""Uses chatgpt-plan-auth as Home Assistant does: the person pastes the address, and its client of the SDK asks."""

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


async def ask(prompt):
    messages = [{"type": "message", "role": "user", "content": prompt}]
    arguments = {"model": "gpt-6.1-sol", "instructions": "Be brief.", "input": messages}
    requests.shape_request_for_subscription(arguments, messages)
    client = ChatGPTSubscriptionClient(manager, http)
    text = ""
    async for event in await client.responses.create(**arguments):
        if event.type == "response.output_text.delta":
            text += event.delta
    return text


runner.serve({"sign_in": sign_in, "models": models, "ask": ask})
