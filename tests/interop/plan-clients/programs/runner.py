"""Reads one case per line of standard input, and writes one line with its result."""

import asyncio
import datetime
import inspect
import json
import sys

import time_machine

_loop = asyncio.new_event_loop()
_clock = None


def serve(cases):
    """Runs the requested cases and writes the value, or the error that was raised."""
    cases = {"move_clock": move_clock, **cases}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            value = cases[request["name"]](request.get("given"))
            if inspect.isawaitable(value):
                value = _loop.run_until_complete(value)
            result = {"value": value}
        except Exception as error:  # whatever an application would see
            result = {"raised": {"kind": type(error).__name__, "message": str(error)}}
        _write(result)


def move_clock(seconds):
    """Lets the program's clock go `seconds` ahead of the computer's."""
    global _clock
    if _clock is not None:
        _clock.stop()
    _clock = time_machine.travel(datetime.timedelta(seconds=seconds))
    _clock.start()


def open_browser(url):
    """Opens the address in the browser of the test, which ends up at the client's listener."""
    _write({"open": url})
    return True


def paste_address_of(url):
    """Opens the address, and returns the one that the person pastes from the address bar afterwards."""
    _write({"open": url, "paste": True})
    return json.loads(sys.stdin.readline())["landed"]


def _write(message):
    print(json.dumps(message), flush=True)
