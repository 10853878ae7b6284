#!/usr/bin/env python3
"""Measures the house, so that a change can be seen to make it better or worse.

Prints one figure a line: the largest room's share of src, import circles
between files, type names that two or more types share, places that decide by
an exit code, comments that say why, lines without tests. It judges nothing.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"
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
    print(f"code lines of src without tests     {all_lines}")
    print(f"largest room                        {room}, {100 * lines / all_lines:.0f} %")
    print(f"import circles (groups of files)    {len(circles(graph))}")
    print(f"type names that types share         {100 * shared / total:.0f} % of {total}")
    print(f"places that decide by an exit code  {by_exit}")
    print(f"why-comments                        {100 * why / all_lines:.1f} % of code lines")


main()
