"""Starts LiteLLM's proxy on a free loopback port and prints its address once it is healthy.

It is an OpenAI-compatible server that others wrote: what is checked here is checked by their code, the shapes of
models, responses and chat completions, and the refusal of a wrong key. Its models answer a fixed text
(config.yaml, unless another configuration is given), so it needs no network, and is configured not to use one. Ends
with its standard input or by SIGTERM.
"""

import json
import os
import socket
import sys
import threading
import time
import urllib.request
from pathlib import Path

listener = socket.create_server(("127.0.0.1", 0))
base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"

# These would change its certificates, its configuration files or its own address.
for name in ("DATABASE_URL", "LITELLM_MASTER_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "WORKER_CONFIG"):
    os.environ.pop(name, None)
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(name, None)
    os.environ.pop(name.lower(), None)
os.environ.update(
    CONFIG_FILE_PATH=sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).with_name("config.yaml")),
    # Each of these replaces a file that it would otherwise download.
    LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS="True",
    LITELLM_LOCAL_AUTOROUTER_PRESETS="True",
    LITELLM_LOCAL_BLOG_POSTS="True",
    LITELLM_LOCAL_MODEL_COST_MAP="True",
    LITELLM_LOCAL_POLICY_TEMPLATES="True",
    LITELLM_LOG="ERROR",
    LITELLM_TELEMETRY="False",
    USHER_LITELLM_URL=f"{base_url}/v1",
)
# Its own log goes to standard error: standard output has one line.
announcement, sys.stdout = sys.stdout, sys.stderr
# It is large, so compiled modules are kept regardless of the caller's settings.
sys.dont_write_bytecode = False

import uvicorn  # noqa: E402
from litellm.proxy.proxy_server import app  # noqa: E402 (it reads the environment as it is imported)


def announce() -> None:
    while not server.should_exit:
        try:
            with urllib.request.urlopen(f"{base_url}/health/liveliness", timeout=30):
                break
        except OSError:
            time.sleep(0.1)
    print(json.dumps({"event": "listening", "base_url": base_url}), file=announcement, flush=True)


def end_with_stdin() -> None:
    while os.read(0, 256):
        pass
    server.should_exit = True


server = uvicorn.Server(
    uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1)
)
for task in (announce, end_with_stdin):
    threading.Thread(target=task, daemon=True).start()
server.run(sockets=[listener])
