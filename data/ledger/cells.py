"""Run the cells of a chapter where no Jupyter is: inside a web page."""

import json
from contextlib import redirect_stdout
from io import StringIO

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def start() -> InteractiveShell:
    """Return the shell that the cells share: without colours, and without a history on disk."""
    quiet = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    return InteractiveShell.instance(config=quiet)


def run(shell: InteractiveShell, source: str) -> str:
    """Run one cell and return JSON: its `outputs`, as a notebook stores them, its `text`, and whether it `failed`."""
    published = CapturingDisplayPublisher(parent=shell)
    shell.display_pub = published
    shell.display_trap.hook = CapturingDisplayHook(shell=shell, outputs=published.outputs)
    printed = StringIO()
    with redirect_stdout(printed):
        result = shell.run_cell(source)
    # What shows itself leaves an empty output behind.
    outputs = [{"data": o["data"], "metadata": o["metadata"]} for o in published.outputs if o["data"]]
    return json.dumps({"outputs": outputs, "text": printed.getvalue(), "failed": not result.success})
