"""Uses the provider `openai-chatgpt` of pydantic-ai, with its own listener."""

import asyncio
import socket
import uuid

import runner
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai_chatgpt import OpenAIChatGPTOAuthFlow, OpenAIChatGPTProvider

host_id = uuid.uuid4().urn
#: The provider, which has the credentials.
provider = None


async def sign_in(_):
    global provider
    known = provider.credentials if provider else None
    port = free_port()
    flow = OpenAIChatGPTOAuthFlow(
        app_name="pydantic-ai",
        host_id=host_id,
        client_id=known.client_id if known else None,
        id_token_hint=known.id_token if known else None,
        redirect_uri=f"http://127.0.0.1:{port}/auth/callback",
    )
    callback = asyncio.ensure_future(flow.exchange_code_from_callback())
    await listening(port)
    runner.open_browser(flow.authorization_url())
    credentials = await callback
    provider = OpenAIChatGPTProvider(credentials)
    return credentials.client_id


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def listening(port):
    """Waits for the flow's listener, which starts in a thread and reports nothing."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            return writer.close()


async def ask(prompt):
    return await answer(prompt, [])


async def call_tool(prompt):
    return await answer(prompt, [add])


def add(a: int, b: int) -> int:
    return a + b


async def answer(prompt, tools):
    model = OpenAIResponsesModel("gpt-6.1-sol", provider=provider)
    return (await Agent(model, instructions="Be brief.", tools=tools).run(prompt)).output


runner.serve({"sign_in": sign_in, "ask": ask, "call_tool": call_tool})
