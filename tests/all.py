#!/usr/bin/env python3
"""Builds all test programs and runs them side by side: most of them wait.

Longest first, a few at once; what one says is shown when it has ended, whole
where it failed. `tests/run` calls this; with arguments it calls cargo instead.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

# What takes longest begins first; what is not named comes after these.
FIRST = ["lab", "crashes", "root", "fuzz", "fast"]
# Tests of this one wait for a lab most of the time, so that more of them go at once.
WAITING = {"lab"}
WAITING_THREADS = 10
BUSY_THREADS = 2
# Programs at once, for each core.
AT_ONCE_PER_CORE = 2


def built():
    """Name and path of each test program, after building them."""
    command = ["cargo", "test", "--locked", "--no-run", "--message-format=json-render-diagnostics"]
    build = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if build.returncode != 0:
        sys.exit(build.returncode)
    lines = (json.loads(line) for line in build.stdout.splitlines() if line.startswith(b"{"))
    tests = [m for m in lines if m.get("reason") == "compiler-artifact" and m["profile"]["test"] and m.get("executable")]
    found = [(m["target"]["name"].replace("-", "_"), m["executable"]) for m in tests]
    rank = {name: at for at, name in enumerate(FIRST)}
    return sorted(found, key=lambda test: rank.get(test[0], len(FIRST)))


class Runner:
    """Runs the programs and remembers which failed."""

    def __init__(self, tests):
        self.tests = list(tests)
        self.lock = threading.Lock()
        self.failed = []

    def work(self):
        while True:
            with self.lock:
                if not self.tests:
                    return
                name, path = self.tests.pop(0)
            self.run(name, path)

    def run(self, name, path):
        threads = WAITING_THREADS if name in WAITING else BUSY_THREADS
        env = {**os.environ, "RUST_TEST_THREADS": str(threads), "CARGO_MANIFEST_DIR": os.getcwd()}
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            ended = subprocess.run([path], stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=env, check=False)
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        took = round(time.monotonic() - began)
        with self.lock:
            print(f"== {name}: {took} s", flush=True)
            if ended.returncode != 0:
                self.failed.append(name)
                print(text, flush=True)
            else:
                print("\n".join(line for line in text.splitlines() if line.startswith("test result:")), flush=True)


def main():
    tests = built()
    began = time.monotonic()
    runner = Runner(tests)
    at_once = AT_ONCE_PER_CORE * (os.cpu_count() or 1)
    workers = [threading.Thread(target=runner.work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    doc = subprocess.run(["cargo", "test", "--locked", "--doc", "--quiet"], check=False)
    if doc.returncode != 0:
        runner.failed.append("doc tests")
    took = round(time.monotonic() - began)
    if runner.failed:
        print(f"failed after {took} s: {', '.join(runner.failed)}")
        sys.exit(1)
    print(f"{len(tests)} test programs and the doc tests passed in {took} s")


main()
