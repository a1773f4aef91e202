"""The steps of a command. If one fails, the operator learns what is done, and that the command can be repeated."""

import contextlib

from runbook.failure import Failure


class Steps:
    """Counts the steps of one command."""

    def __init__(self):
        self.done = []

    @contextlib.contextmanager
    def step(self, what):
        """One step."""
        print(f"== {what}", flush=True)
        try:
            yield
        except Failure as failure:
            before = f"Done before: {', '.join(self.done)}. " if self.done else "Nothing was done before. "
            raise Failure(f"{what} failed: {failure}\n{before}Repeat the command when the cause is gone") from None
        self.done.append(what)
