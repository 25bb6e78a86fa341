"""Runs a program in a pseudo-terminal whose keys come from standard input and whose screen goes to
standard output. Ends with the exit code of the program.

    terminal.py COLUMNS LINES PROGRAM [WORD...]
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

CHUNK = 65536


def start(columns, lines, words):
    process, screen = pty.fork()
    if process == 0:
        os.execvp(words[0], words)
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    return process, screen


def carry(screen):
    """Until the program closes its end of the terminal, or there are no keys any more."""
    while True:
        ready, _, _ = select.select([screen, 0], [], [])
        if screen in ready:
            try:
                text = os.read(screen, CHUNK)
            except OSError:
                return
            if not text:
                return
            os.write(1, text)
        if 0 in ready:
            keys = os.read(0, CHUNK)
            if not keys:
                return
            os.write(screen, keys)


def main():
    process, screen = start(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    carry(screen)
    os.close(screen)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main() & 255)
