"""Checks what no compiler checks: who includes whom, where libraries may be used, how long files
and lines get, and what tests are called. Prints one line per fault and nothing if there is none.

    tidy.py [ROOT]
"""

import pathlib
import re
import sys

FILE_LINES_MAX = 400
LINE_COLUMNS_MAX = 100

SOURCES = {".cpp", ".hpp", ".lua", ".mjs", ".py", ".sh", ".ts"}
CXX = {".cpp", ".hpp"}
# Written by tools, or not part of the program.
PASSED_OVER = {".git", ".varia", "build", "node_modules"}

# The words are split so that this file passes its own check.
FORBIDDEN = [
    (r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b(?!\(#\d+\))", "names no issue, as in TO" "DO(#12)"),
    (r"\bcaf::inf" r"inite\b", "waits for ever"),
]
WAITS_ALLOWED = re.compile(r"^tests/")

# A library, by what is included of it, and the files that may know it.
LIBRARIES = [
    (r"<hiredis/", r"store/", "hiredis"),
    (r"<msgpack", r"(store|worker)/", "msgpack"),
    (r"<boost/beast", r"api/server/", "Boost.Beast"),
    (r"<curl/", r"(upstream/(upstream|transfer|retry|url)|console/client)", "libcurl"),
    (r"<simdjson", r"store/", "simdjson"),
    (r"<seccomp", r"worker/confine/", "libseccomp"),
    (r"<systemd/", r"core/service_notify\.", "libsystemd"),
    (r"<CLI/", r"(main\.cpp$|console/command_line\.)", "CLI11"),
    (r"<histedit\.h", r"console/line_editor\.", "libedit"),
    (r"<prometheus/", r"core/metrics\.", "prometheus-cpp"),
    (r"<date/", r"core/(cron|time_zone)\.", "date"),
    (
        r"<caf/(?!error\.hpp|expected\.hpp|make_message\.hpp|meta/|fwd\.hpp|none\.hpp|unit\.hpp)",
        r"(actors/|\w+/\w+_actor\.|coordinator/(run_coordinator|coordinator_\w+)\."
        r"|worker/(run_worker|node_\w+)\.|api/ask_coordinator\.|main\.cpp$)",
        "CAF's actors",
    ),
]
# Tests may use whatever the code they test is made of.
LIBRARIES_FREE = re.compile(r"^tests/")

TEST_KINDS = ("unit", "integration")


def read_rules(root):
    """Returns, for each folder, the folders it may include: those that CMake lets it use."""
    text = (root / "CMakeLists.txt").read_text()
    uses = {
        name: set((words or "").split())
        for name, words in re.findall(
            r"^module\((\w+)(?:\s+USES\s+([^)]*?))?(?:\s+PRECOMPILES[^)]*)?\)", text, re.M
        )
    }
    rules = {}
    for name in uses:
        reached, waiting = set(), {name}
        while waiting:
            folder = waiting.pop()
            reached.add(folder)
            waiting |= (uses[folder] & uses.keys()) - reached
        rules[name] = reached
    return rules


def files_of(root):
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in SOURCES and path.is_file() and not PASSED_OVER & set(relative.parts):
            yield path, relative


def length_faults(name, lines):
    if len(lines) > FILE_LINES_MAX:
        yield f"{name}: {len(lines)} lines, at most {FILE_LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            yield f"{name}:{number}: longer than {LINE_COLUMNS_MAX} columns"


def word_faults(name, lines):
    for number, line in enumerate(lines, 1):
        for pattern, why in FORBIDDEN:
            found = re.search(pattern, line)
            if found and not (why == "waits for ever" and WAITS_ALLOWED.search(name)):
                yield f"{name}:{number}: {found[0]} {why}"


def include_faults(name, folder, lines, rules):
    for number, line in enumerate(lines, 1):
        used = re.match(r'\s*#\s*include\s+("(\w+)/|[<"])', line)
        if not used:
            continue
        target = used[2]
        if folder in rules and target and target not in rules[folder]:
            yield f"{name}:{number}: {folder} may not include {target}"
        for pattern, home, library in LIBRARIES:
            if re.search(pattern, line) and not re.match(home, name):
                if not LIBRARIES_FREE.search(name):
                    yield f"{name}:{number}: {library} is not for this file"


def test_faults(name, path, lines):
    parts = path.parts
    if parts[:1] != ("tests",) or path.suffix != ".cpp" or parts[1] not in TEST_KINDS:
        return
    if len(parts) == 4 and path.name.endswith("_fixture.cpp"):
        return
    if len(parts) != 4 or not path.name.endswith("_test.cpp"):
        yield f"{name}: a test is tests/KIND/MODULE/x_test.cpp, what tests share x_fixture.cpp"
        return
    suites = re.findall(r"BOOST_(?:AUTO|FIXTURE)_TEST_SUITE\((\w+)", "\n".join(lines))
    if suites != [path.stem]:
        yield f"{name}: its one suite is to be called {path.stem}"


def faults(root):
    rules = read_rules(root)
    for path, relative in files_of(root):
        name = relative.as_posix()
        lines = path.read_text().splitlines()
        yield from length_faults(name, lines)
        yield from word_faults(name, lines)
        if path.suffix in CXX:
            yield from include_faults(name, relative.parts[0], lines, rules)
            yield from test_faults(name, relative, lines)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(faults(root))
    if found:
        print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
