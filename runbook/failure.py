"""The one error that a command ends with."""


class Failure(Exception):
    """What went wrong, in a sentence for the operator."""
