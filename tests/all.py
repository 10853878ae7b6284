#!/usr/bin/env python3
"""Builds all test programs and runs them side by side: most of them wait.

Two lines of work go on at once. One has what keeps a processor busy, one share
at a time for each core; the other has what waits for labs, many tests at once.
The longest begin first, QEMU before all. What a share says is shown where it
failed; with --times each says how long it took and what of that was computing.
`tests/run` calls this; with arguments it calls cargo instead.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

CORES = os.cpu_count() or 1

# Busy shares, longest first: program, names that its tests begin with (none: all that no other share has), threads.
BUSY = [
    ("root", [], 1),
    ("crashes", [], CORES),
    ("fuzz", [], 1),
    ("fast", [], CORES),
    ("handcarry", [], CORES),
    ("speed", [], 1),
]
# The same of what waits. Tests of one folder share what is made once for all of them. What strikes a push
# has runs of its own side by side in each test.
WAITING = [
    ("crashes", ["push::", "turmoil::", "two::"], 3),
    ("lab", ["fleet::", "tour::", "secrets::"]),
    ("lab", ["engine::"]),
    ("lab", ["pairs::", "migration::"]),
    ("lab", ["inside_driver::", "attacks::"]),
    ("lab", []),
]
# Tests at once in a share that waits, and such shares at once: a lab's install is
# waited for in seconds of which it computes a tenth.
WAITING_THREADS = 4 * CORES
WAITING_AT_ONCE = 2


def built():
    """Path of each test program by name, after building them."""
    command = ["cargo", "test", "--locked", "--no-run", "--message-format=json-render-diagnostics"]
    build = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if build.returncode != 0:
        sys.exit(build.returncode)
    lines = (json.loads(line) for line in build.stdout.splitlines() if line.startswith(b"{"))
    tests = [m for m in lines if m.get("reason") == "compiler-artifact" and m["profile"]["test"] and m.get("executable")]
    return {m["target"]["name"]: m["executable"] for m in tests}


def listed(path):
    """The tests of a program; none where it has a harness of its own."""
    said = subprocess.run([path, "--list", "--format", "terse"], stdout=subprocess.PIPE, text=True, check=False)
    return [line.removesuffix(": test") for line in said.stdout.splitlines() if line.endswith(": test")]


def shares(table, programs):
    """Name, command and threads of each share; one without names takes what no other of its program has."""
    named = {}
    for program, begins, *_ in BUSY + WAITING:
        named.setdefault(program, []).extend(begins)
    for program, begins, *threads in table:
        command = [programs[program], *begins]
        if not begins:
            command += [word for other in named[program] for word in ("--skip", other)]
        yield " ".join([program, *begins]), command, (threads or [WAITING_THREADS])[0]


class Runner:
    """Runs shares and remembers which failed."""

    def __init__(self):
        self.lock = threading.Lock()
        self.failed = []
        self.passed = 0
        self.is_timed = "--times" in sys.argv

    def work(self, todo):
        while True:
            with self.lock:
                if not todo:
                    return
                name, command, threads = todo.pop(0)
            self.run(name, command, threads)

    def run(self, name, command, threads):
        env = {**os.environ, "RUST_TEST_THREADS": str(threads), "CARGO_MANIFEST_DIR": os.getcwd()}
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=env)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        took = round(time.monotonic() - began)
        with self.lock:
            computed = f", {round(used.ru_utime + used.ru_stime)} s of processor" if self.is_timed else ""
            print(f"== {name}: {took} s{computed}", flush=True)
            if child.returncode != 0:
                self.failed.append(name)
                print(text, flush=True)
            else:
                print("\n".join(line for line in text.splitlines() if line.startswith("test result:")), flush=True)
                self.passed += sum(line.startswith("test ") and line.endswith(" ok") for line in text.splitlines())


def main():
    programs = built()
    unknown = set(programs) ^ {program for program, *_ in BUSY + WAITING}
    if unknown:
        sys.exit(f"tests/all.py and Cargo.toml differ: {', '.join(sorted(unknown))}")
    expected = Counter({name: len(listed(path)) for name, path in programs.items() if name != "speed"})
    began = time.monotonic()
    runner = Runner()
    lines = [(list(shares(BUSY, programs)), CORES), (list(shares(WAITING, programs)), WAITING_AT_ONCE)]
    lines.append(([("doc tests", ["cargo", "test", "--locked", "--doc", "--quiet"], 1)], 1))
    workers = [threading.Thread(target=runner.work, args=(todo,)) for todo, at_once in lines for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = round(time.monotonic() - began)
    if not runner.failed and runner.passed < expected.total():
        runner.failed.append(f"only {runner.passed} of {expected.total()} tests were run")
    if runner.failed:
        print(f"failed after {took} s: {', '.join(runner.failed)}")
        sys.exit(1)
    print(f"{runner.passed} tests and the doc tests passed in {took} s")


main()
