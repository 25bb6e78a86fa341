#!/usr/bin/python3
"""Stands in for systemctl in a guest, where no systemd runs: it starts what the unit files say, as
the user they name, without privileges, with the notify socket, watchdog and restarts that systemd
would give, and keeps what it prints in /var/log/journal/UNIT.log.

    systemctl daemon-reload | enable [--now] UNIT... | disable [--now] UNIT...
    systemctl start | stop | restart | is-active UNIT...
    systemctl kill [-s SIGNAL] UNIT...
"""

import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import time

FOLDERS = ["/etc/systemd/system", "/usr/lib/systemd/system"]
STATE = pathlib.Path("/run/units")
JOURNAL = pathlib.Path("/var/log/journal")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"


def name_of(word):
    return word if word.endswith(".service") else f"{word}.service"


def read_unit(name):
    """Returns the [Service] part: key to list of values."""
    for folder in FOLDERS:
        path = pathlib.Path(folder, name)
        if path.exists():
            break
    else:
        sys.exit(f"systemctl: Unit {name} not found.")
    keys, part = {}, None
    for line in path.read_text().splitlines():
        line = line.strip()
        if line.startswith("["):
            part = line
        elif part == "[Service]" and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            keys.setdefault(key.strip(), []).append(value.strip())
    return keys


def seconds(text):
    return float(text.removesuffix("s")) if text else 0.0


def environment_of(unit, notify):
    result = {"PATH": PATH, "LANG": "C.UTF-8", "NOTIFY_SOCKET": str(notify)}
    for word in unit.get("EnvironmentFile", []):
        path = pathlib.Path(word.removeprefix("-"))
        if not path.exists() and word.startswith("-"):
            continue
        for line in path.read_text().splitlines():
            if "=" in line and not line.startswith("#"):
                key, value = line.split("=", 1)
                result[key] = value
    if "WatchdogSec" in unit:
        result["WATCHDOG_USEC"] = str(int(seconds(unit["WatchdogSec"][0]) * 1e6))
    return result


def command_of(unit):
    words = [w.replace("%H", socket.gethostname()) for w in unit["ExecStart"][0].split()]
    user = pwd.getpwnam(unit["User"][0]) if "User" in unit else None
    for folder in unit.get("RuntimeDirectory", []):
        os.makedirs(f"/run/{folder}", exist_ok=True)
        if user:
            os.chown(f"/run/{folder}", user.pw_uid, user.pw_gid)
    if not user:
        return words
    rights = ["--bounding-set=-all", "--inh-caps=-all"] if "CapabilityBoundingSet" in unit else []
    if unit.get("NoNewPrivileges") in (["yes"], ["true"]):
        rights.append("--no-new-privs")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups",
            *rights, "--", *words]


class Runner:
    """Keeps one unit running until it is told to stop."""

    def __init__(self, name):
        self.name = name
        self.unit = read_unit(name)
        self.ending = False
        self.child = None
        self.beat = 0.0
        self.socket_path = STATE / f"{name}.notify"
        self.socket_path.unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(self.socket_path))
        os.chmod(self.socket_path, 0o777)
        self.notify.settimeout(0.05)

    def tell(self, state):
        text = json.dumps({"state": state, "runner": os.getpid(),
                           "main": self.child.pid if self.child else 0})
        path = STATE / f"{self.name}.json"
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").rename(path)

    def launch(self):
        log = open(JOURNAL / f"{self.name}.log", "ab")
        try:
            self.child = subprocess.Popen(command_of(self.unit), stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, cwd="/",
                                          env=environment_of(self.unit, self.socket_path))
        finally:
            log.close()
        self.beat = time.monotonic()
        self.tell("activating")

    def hear(self):
        try:
            words = self.notify.recv(4096).decode().splitlines()
        except socket.timeout:
            return
        if "READY=1" in words:
            self.tell("active")
        if "READY=1" in words or "WATCHDOG=1" in words:
            self.beat = time.monotonic()

    def serve(self):
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "ending", True))
        limit = seconds(self.unit.get("WatchdogSec", [""])[0])
        while not self.ending:
            self.launch()
            while self.child.poll() is None and not self.ending:
                self.hear()
                if limit and time.monotonic() - self.beat > limit:
                    self.child.send_signal(signal.SIGABRT)
                    self.beat = time.monotonic()
            if not self.ending:
                self.tell("failed")
                if self.unit.get("Restart", ["no"]) == ["no"]:
                    return
                time.sleep(seconds(self.unit.get("RestartSec", ["0.1"])[0]))
        self.stop()

    def stop(self):
        if self.child and self.child.poll() is None:
            self.tell("deactivating")
            self.child.terminate()
            patience = seconds(self.unit.get("TimeoutStopSec", ["90"])[0]) or 90
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.tell("inactive")


def state_of(name):
    try:
        return json.loads((STATE / f"{name}.json").read_text())
    except FileNotFoundError:
        return {"state": "inactive", "runner": 0, "main": 0}


def start(name):
    if state_of(name)["state"] in ("active", "activating"):
        return
    unit = read_unit(name)
    (STATE / f"{name}.json").unlink(missing_ok=True)
    if os.fork() == 0:
        os.setsid()
        for number in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        if os.fork() == 0:
            Runner(name).serve()
        os._exit(0)
    end = time.monotonic() + (seconds(unit.get("TimeoutStartSec", ["90"])[0]) or 90)
    while state_of(name)["state"] != "active":
        if time.monotonic() > end or state_of(name)["state"] == "failed":
            tail = (JOURNAL / f"{name}.log").read_text()[-2000:]
            sys.exit(f"systemctl: {name} did not start:\n{tail}")
        time.sleep(0.02)


def stop(name):
    runner = state_of(name)["runner"]
    if not runner or state_of(name)["state"] == "inactive":
        return
    os.kill(runner, signal.SIGTERM)
    while state_of(name)["state"] != "inactive":
        time.sleep(0.02)


def below(pid):
    """Returns a process and all that descend from it."""
    result = [pid]
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return result
    for child in children:
        result += below(int(child))
    return result


def kill(name, word):
    number = getattr(signal, word if word.startswith("SIG") else f"SIG{word}")
    main = state_of(name)["main"]
    for pid in below(main) if main else []:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def main():
    words = [w for w in sys.argv[1:] if w not in ("--now", "--quiet")]
    now = "--now" in sys.argv
    signal_name = "SIGTERM"
    if "-s" in words:
        at = words.index("-s")
        signal_name = words[at + 1]
        del words[at:at + 2]
    verb, names = words[0], [name_of(w) for w in words[1:]]
    STATE.mkdir(exist_ok=True)
    JOURNAL.mkdir(parents=True, exist_ok=True)
    for name in names:
        read_unit(name)
        if verb in ("stop", "restart") or (verb == "disable" and now):
            stop(name)
        if verb in ("start", "restart") or (verb == "enable" and now):
            start(name)
        if verb == "kill":
            kill(name, signal_name)
        if verb == "is-active":
            print(state_of(name)["state"])
    if verb not in ("daemon-reload", "enable", "disable", "start", "stop", "restart", "kill",
                    "is-active"):
        sys.exit(f"systemctl: unknown verb {verb}")


main()
