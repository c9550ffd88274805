"""SIGINT for child processes, wherever the tests run."""

import signal


def hears_ctrl_c() -> None:
    """For ``preexec_fn``: undoes what a shell without job control does to its background processes.

    It has SIGINT ignored there, and children inherit that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
