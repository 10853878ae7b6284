#!/usr/bin/env python3
"""Builds all test programs and runs them side by side: most of them wait.

Two lines of work go on at once. One has what keeps a processor busy, one share
at a time for each core but one; the other has what waits for labs, many tests at once.
The programs for Windows are built before any test begins, since tests that talk
to a lab take a machine with no time for an answer for one that does not answer.
The longest begin first. What a share says is shown where it failed; with --times
each says how long it took and what of that was computing.
`tests/run` calls this; with arguments it calls cargo instead.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

CORES = os.cpu_count() or 1

# Busy shares at once. One core is left to labs, since theirs is the answer that a program waits for.
BUSY_AT_ONCE = max(CORES - 1, 1)
# Busy shares, longest first: program, names that its tests begin with (none: all that no other share has), threads.
BUSY = [
    ("lab", ["wine::"], 1),
    ("root", [], 1),
    ("crashes", [], CORES),
    ("fuzz", [], 1),
    ("fast", [], CORES),
    ("handcarry", [], CORES),
    ("speed", [], 1),
]
# The same of what waits. Tests of one folder share what is made once for all of them. What strikes a push
# has runs of its own side by side in each test, as have those of many appliances.
WAITING = [
    ("crashes", ["push::", "turmoil::", "two::"], 2),
    ("lab", ["fleet::", "ansible::"], 1),
    ("lab", ["engine::"]),
    ("lab", ["pairs::", "migration::"]),
    ("lab", ["inside_driver::", "attacks::", "tour::", "secrets::"]),
    ("lab", []),
]
# Tests at once in a share that waits, and such shares at once: enough that somebody computes while others wait, and few
# enough that each lab has its turn within the seconds that a program waits for an answer.
WAITING_THREADS = 2 * CORES
WAITING_AT_ONCE = 2
# So many tests that failed beside others are run once more, alone, when all is quiet. One that passes then is told as
# unsteady: it met a slow machine, or it shows a fault that comes and goes. More that fail have a cause of their own.
UNSTEADY_AT_MOST = 3
# What cargo runs by itself, and no list of a program has.
DOC_TESTS = "doc tests"
# A share that took this long, many times what the longest needs, hangs: it is ended, and what it said shows where.
SECONDS_AT_MOST = 30 * 60


def built():
    """Path of each test program by name, after building them."""
    command = ["cargo", "test", "--locked", "--no-run", "--message-format=json-render-diagnostics"]
    build = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if build.returncode != 0:
        sys.exit(build.returncode)
    lines = (json.loads(line) for line in build.stdout.splitlines() if line.startswith(b"{"))
    if subprocess.run(["tests/wine/build"], check=False).returncode != 0:
        sys.exit("the programs for Windows could not be built")
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

    def __init__(self, lacking):
        self.lock = threading.Lock()
        self.failed = []
        # Program and name of each test that failed; None where a share ended otherwise.
        self.again = []
        self.passed = 0
        self.is_timed = "--times" in sys.argv
        # What was told and has no Portuguese, a line each time.
        self.lacking = lacking

    def work(self, todo):
        while True:
            with self.lock:
                if not todo:
                    return
                name, command, threads = todo.pop(0)
            self.run(name, command, threads)

    def run(self, name, command, threads):
        env = {**os.environ, "RUST_TEST_THREADS": str(threads), "CARGO_MANIFEST_DIR": os.getcwd()}
        # Not where calls of the programs are counted: this would be one more.
        if name.startswith("lab"):
            env["HANDCARRY_LACKING_PHRASES"] = str(self.lacking)
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            quiet = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
            child = subprocess.Popen(command, env=env, start_new_session=True, **quiet)
            limit = threading.Timer(SECONDS_AT_MOST, os.killpg, (child.pid, signal.SIGKILL))
            limit.daemon = True
            limit.start()
            _, status, used = os.wait4(child.pid, 0)
            limit.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        took = round(time.monotonic() - began)
        with self.lock:
            computed = f", {round(used.ru_utime + used.ru_stime)} s of processor" if self.is_timed else ""
            print(f"== {name}: {took} s{computed}", flush=True)
            if child.returncode != 0:
                self.failed.append(name)
                tests = re.findall(r"^    (\S+)$", text.rsplit("\nfailures:\n", 1)[-1], re.MULTILINE)
                self.again.extend([(command[0], test) for test in tests] or [None])
                counts = re.findall(r"^test result: FAILED\. (\d+) passed;", text, re.MULTILINE)
                self.passed += sum(map(int, counts))
                print(text, flush=True)
            else:
                print("\n".join(line for line in text.splitlines() if line.startswith("test result:")), flush=True)
                # By the result, since what a child prints may stand within the line of its test.
                counts = re.findall(r"^test result: ok\. (\d+) passed;", text, re.MULTILINE)
                self.passed += sum(map(int, counts)) if name != DOC_TESTS else 0


    def unsteady(self):
        """The tests that failed and pass alone, after running them so; None where any fails again."""
        if None in self.again or len(self.again) > UNSTEADY_AT_MOST:
            return None
        env = {**os.environ, "CARGO_MANIFEST_DIR": os.getcwd()}
        for program, test in self.again:
            print(f"== {test}, once more, alone", flush=True)
            once = subprocess.run([program, "--exact", test], env=env, stdin=subprocess.DEVNULL, check=False)
            if once.returncode != 0:
                return None
        return [test for _, test in self.again]


def untold(programs):
    """Kinds of events that no test had a program print with --json, and the folder of those that were printed.

    Their members are held against the table all the same, wherever a program of the tests tells them to people alone.
    """
    target = pathlib.Path(programs["fast"]).parents[1]
    told = target.parent / "tmp/event-kinds"
    schema = subprocess.run([target / "handcarry-inside", "--generate", "event-schema"], stdout=subprocess.PIPE, check=True)
    kinds = {name.removeprefix("event-") for name in json.loads(schema.stdout)["$defs"] if name.startswith("event-")}
    seen = {path.name for path in told.glob("*")}
    return sorted(kinds - seen), told


def main():
    programs = built()
    # What an earlier run saw is no journey of this one.
    _, told = untold(programs)
    shutil.rmtree(told, ignore_errors=True)
    unknown = set(programs) ^ {program for program, *_ in BUSY + WAITING}
    if unknown:
        sys.exit(f"tests/all.py and Cargo.toml differ: {', '.join(sorted(unknown))}")
    expected = Counter({name: len(listed(path)) for name, path in programs.items() if name != "speed"})
    began = time.monotonic()
    lacking = told.parent / "lacking-phrases"
    lacking.unlink(missing_ok=True)
    runner = Runner(lacking)
    lines = [(list(shares(BUSY, programs)), BUSY_AT_ONCE), (list(shares(WAITING, programs)), WAITING_AT_ONCE)]
    lines.append(([(DOC_TESTS, ["cargo", "test", "--locked", "--doc", "--quiet"], 1)], 1))
    workers = [threading.Thread(target=runner.work, args=(todo,)) for todo, at_once in lines for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    unsteady = runner.unsteady() if runner.failed else []
    if unsteady:
        runner.failed.clear()
        runner.passed += len(unsteady)
    took = round(time.monotonic() - began)
    if not runner.failed and runner.passed < expected.total():
        runner.failed.append(f"only {runner.passed} of {expected.total()} tests were run")
    kinds, _ = untold(programs)
    print(f"{len(kinds)} kinds of events were told to people alone, if at all: {', '.join(kinds)}")
    lines = set(lacking.read_text().splitlines()) if lacking.exists() else set()
    print(f"{len(lines)} different lines were told that have no Portuguese phrase")
    if runner.failed:
        print(f"failed after {took} s: {', '.join(runner.failed)}")
        sys.exit(1)
    if unsteady:
        print(f"unsteady, passed only alone: {', '.join(unsteady)}")
    print(f"{runner.passed} tests and the doc tests passed in {took} s")


main()
