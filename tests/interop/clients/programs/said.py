"""One case for each line of the standard input, and one line for what came of it."""

import json
import sys

#: The model of the case that runs.
model = None


def serve(cases):
    """Runs the cases that are asked for: a value, or what was raised."""
    global model
    for line in sys.stdin:
        asked = json.loads(line)
        model = asked["model"]
        try:
            said = {"value": cases[asked["name"]](asked.get("given"))}
        except Exception as error:  # whatever a caller would see
            said = {"raised": raised(error)}
        print(json.dumps(said), flush=True)


def raised(error):
    """What a caller learns from an error of either package."""
    response = getattr(error, "response", None)
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else {}
    return {
        "kind": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "message": str(error),
        "type": (inner or {}).get("type"),
        "code": (inner or {}).get("code"),
        "retry_after": response.headers.get("retry-after") if response is not None else None,
    }
