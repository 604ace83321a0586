"""Prints what assistive technology sees of a program, as JSON: role, name, states and children.

Uses libatspi, through which the screen readers of Linux read programs. Takes the name of the program.
"""

import json
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

STATES = {"checked", "checkable", "focused", "selected", "expanded", "expandable", "has-popup", "invalid-entry"}
DEADLINE = time.monotonic() + 60


def read(node):
    states = [state.value_nick for state in node.get_state_set().get_states()]
    children = [node.get_child_at_index(index) for index in range(node.get_child_count())]
    return {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "states": sorted(STATES.intersection(states)),
        "children": [read(child) for child in children if child is not None],
    }


def find(name):
    desktop = Atspi.get_desktop(0)
    programs = [desktop.get_child_at_index(index) for index in range(desktop.get_child_count())]
    return next((program for program in programs if program is not None and program.get_name() == name), None)


def has(tree, role):
    return tree["role"] == role or any(has(child, role) for child in tree["children"])


Atspi.init()
while time.monotonic() < DEADLINE:
    program = find(sys.argv[1])
    if program is not None:
        program.clear_cache()
        tree = read(program)
        # The web view hands its document over a moment after the window.
        if has(tree, "document web"):
            print(json.dumps(tree))
            sys.exit(0)
    time.sleep(0.1)
sys.exit(f"{sys.argv[1]} shows no document to assistive technology")
