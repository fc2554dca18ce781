"""Begins Terraform: `python -I -S beginning.py SIGN PARENT COMMAND…` becomes COMMAND.

Before it does, it takes a record lock on the file SIGN and writes its process id into it. Such a lock lives
on through exec, is not handed on to children (the providers), and falls with the process, however it ends:
whoever finds it held knows that Terraform lives, and under which id, whatever has become of the run. It
imports nothing of ours, because every command waits for it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys

_PID_LENGTH = 12  # that of a command before is written over whole


def main(sign: str, parent: str, *command: str) -> None:
    """Become the command.

    Args:
        sign: the file that is locked.
        parent: process id of the run; where it has died meanwhile, nothing is begun that it would not know.
        command: absolute path of a program, and its arguments.
    """
    for number in (signal.SIGINT, signal.SIGPIPE):  # Python's own ways with them would be handed on
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the end of a session would end it without its state saved
    descriptor = os.open(sign, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_EX)
    if os.getppid() != int(parent):
        sys.exit(1)
    os.pwrite(descriptor, f"{os.getpid():<{_PID_LENGTH}}".encode(), 0)  # at once: nobody may read half of it
    os.set_inheritable(descriptor, True)
    os.execv(command[0], command)  # noqa: S606 - an argument list


if __name__ == "__main__":
    main(*sys.argv[1:])
