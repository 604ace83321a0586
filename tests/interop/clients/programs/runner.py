"""Reads one case per line of standard input, and writes one line with its result."""

import json
import sys

#: The model of the running case.
model = None


def serve(cases):
    """Runs the requested cases and writes the value, or the error that was raised."""
    global model
    for line in sys.stdin:
        request = json.loads(line)
        model = request["model"]
        try:
            result = {"value": cases[request["name"]](request.get("given"))}
        except Exception as error:  # whatever a caller would see
            result = {"raised": raised(error)}
        print(json.dumps(result), flush=True)


def raised(error):
    """Returns the fields of an error of either package that a caller sees."""
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
