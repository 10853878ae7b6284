#!/usr/bin/env python3
"""Measures the house, so that no change makes it worse.

Prints one figure a line: the largest room's share of src, import circles
between files, type names that two or more types share, places that decide by
an exit code, comments that say why, lines without tests, test programs, and
types of the tests that stand for a lab or for a program that ended. It fails
where a figure is beyond its limit; a figure that got better by a good deal
takes its limit along.
"""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# The most that a figure may be; for comments that say why, the least.
LIMITS = {
    # What a program can do costs lines: raised only together with something that it could not do before.
    "code lines of src without tests": 72200,
    "largest room, % of src": 16.5,
    "import circles (groups of files)": 2,
    "type names that types share, %": 8,
    "places that decide by an exit code": 0,
    "why-comments, % of code lines": 2.7,
    "test programs": 6,
    "types of a lab among the tests": 1,
    "types of a program that ended": 1,
}
AT_LEAST = {"why-comments, % of code lines"}
TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[path[^\n]*\n)?\s*mod \w+ \{.*", re.S)


def is_test(path):
    """Whether a file holds tests and nothing else."""
    name = path.name
    return "tests" in path.parts or name == "tests.rs" or name.endswith("_tests.rs") or name == "properties.rs"


def sources():
    """Path below src and text of each source, its own tests taken off."""
    for path in sorted(SRC.rglob("*.rs")):
        if not is_test(path.relative_to(SRC)):
            yield path.relative_to(SRC), TESTS.sub("", path.read_text())


def code_lines(text):
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("//")]


def module(path):
    parts = list(path.with_suffix("").parts)
    return tuple(parts[:-1] if parts[-1] in ("mod", "lib") else parts)


def uses(path, text, modules):
    """The modules that a file names by crate:: or super::, as far as they are files."""
    own, found = module(path), set()
    for root, rest in re.findall(r"\b(crate|(?:super::)*super|self)((?:::\w+)+)", text):
        up = root.count("super")
        base = () if root == "crate" else (own if root == "self" else own[: len(own) - up])
        words = base + tuple(rest.split("::")[1:])
        for end in range(len(words), 0, -1):
            if words[:end] in modules:
                found.add(words[:end])
                break
    found.discard(own)
    return found


def circles(graph):
    """Groups of files that use each other all round, by Tarjan."""
    index, low, on, stack, out = {}, {}, set(), [], []

    def visit(start):
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on.add(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in on:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    group = []
                    while True:
                        last = stack.pop()
                        on.discard(last)
                        group.append(last)
                        if last == node:
                            break
                    if len(group) > 1:
                        out.append(group)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return out


def main():
    rooms, names, why, all_lines, by_exit = Counter(), defaultdict(set), 0, 0, 0
    texts = dict(sources())
    modules = {module(path) for path in texts}
    graph = {}
    for path, text in texts.items():
        lines = code_lines(text)
        room = path.parts[0] if len(path.parts) > 1 else "lib"
        rooms[room] += len(lines)
        all_lines += len(lines)
        why += sum(1 for line in text.splitlines() if re.match(r"\s*// ", line))
        by_exit += len(re.findall(r"\.exit\s*(?:==|!=)|match \w+(?:\.\w+)*\.exit\b|matches!\(\s*\w+(?:\.\w+)*\.exit\b", text))
        for name in re.findall(r"^\s*pub(?:\([^)]*\))? (?:struct|enum|trait) (\w+)", text, re.M):
            names[name].add(path)
        # What a module does to its own children is no circle.
        graph[module(path)] = {use for use in uses(path, text, modules) if use[: len(module(path))] != module(path)}
    for use in graph.values():
        use.intersection_update(graph)
    room, lines = rooms.most_common(1)[0]
    shared = sum(len(paths) for paths in names.values() if len(paths) > 1)
    total = sum(len(paths) for paths in names.values())
    figures = {
        "code lines of src without tests": all_lines,
        "largest room, % of src": 100 * lines / all_lines,
        "import circles (groups of files)": len(circles(graph)),
        "type names that types share, %": 100 * shared / total,
        "places that decide by an exit code": by_exit,
        "why-comments, % of code lines": 100 * why / all_lines,
        **of_tests(),
    }
    worse = []
    for what, figure in figures.items():
        note = f" ({room})" if what.startswith("largest room") else ""
        limit = LIMITS[what]
        print(f"{what:36}{figure:8.1f}   limit {limit}{note}")
        if figure < limit if what in AT_LEAST else figure > limit:
            worse.append(what)
    if worse:
        sys.exit(f"worse than its limit: {'; '.join(worse)}")


def of_tests():
    """The figures of the tests: programs that cargo links, and what several might have written for themselves."""
    manifest = (ROOT / "Cargo.toml").read_text()
    programs = re.findall(r"^\[\[test\]\]|^test = true", manifest, re.M)
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.rs")]
    kinds = lambda name: sum(len(re.findall(rf"^(?:pub )?struct {name}\b", text, re.M)) for text in texts)
    return {
        "test programs": len(programs),
        "types of a lab among the tests": kinds("Lab"),
        "types of a program that ended": kinds("Said"),
    }


main()
