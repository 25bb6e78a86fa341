"""Checks the check: each fault that tidy.py knows is found in a tree made for it."""

import pathlib
import tempfile
import unittest

import tidy

CMAKE = """
module(core)
module(store USES core some::library)
module(actors USES core store)
module(api USES
  actors)
module(worker USES core PRECOMPILES <map>
  "store/a.hpp")
"""


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "CMakeLists.txt").write_text(CMAKE)

    def faults_of(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return list(tidy.faults(self.root))

    def test_finds_nothing_in_good_code(self):
        self.faults_of("core/a.hpp", "#pragma once\n")
        self.faults_of("tests/unit/core/a_test.cpp", "BOOST_AUTO_TEST_SUITE(a_test)\n")
        self.faults_of("tests/unit/core/a_fixture.cpp", "int shared = 0;\n")
        self.assertEqual(self.faults_of("actors/a.cpp", '#include "store/a.hpp"\n'), [])

    def test_reads_the_rules_of_cmake_with_what_follows_from_them(self):
        self.assertEqual(
            tidy.read_rules(self.root),
            {
                "core": {"core"},
                "store": {"store", "core"},
                "actors": {"actors", "store", "core"},
                "api": {"api", "actors", "store", "core"},
                "worker": {"worker", "core"},
            },
        )

    def test_finds_an_include_against_the_rule(self):
        found = self.faults_of("store/a.cpp", '#include "core/a.hpp"\n#include "actors/a.hpp"\n')
        self.assertEqual(found, ["store/a.cpp:2: store may not include actors"])

    def test_leaves_files_of_no_module_alone(self):
        self.assertEqual(self.faults_of("main.cpp", '#include "actors/a.hpp"\n'), [])

    def test_finds_long_files_and_lines(self):
        self.assertEqual(self.faults_of("core/a.cpp", "\n" * 400), [])
        found = self.faults_of("core/a.cpp", "\n" * 400 + "x" * 101)
        self.assertEqual(
            found,
            ["core/a.cpp: 401 lines, at most 400", "core/a.cpp:401: longer than 100 columns"],
        )

    def test_finds_forbidden_words(self):
        word = "TO" + "DO"
        self.assertEqual(len(self.faults_of("core/a.cpp", f"// {word} later\n")), 1)
        self.assertEqual(self.faults_of("core/a.cpp", f"// {word}(#12) later\n"), [])

    def test_finds_waits_without_end_outside_of_tests(self):
        wait = "caf::inf" + "inite;\n"
        self.assertEqual(self.faults_of("tests/support/a.hpp", wait), [])
        self.assertEqual(len(self.faults_of("core/a.cpp", wait)), 1)

    def test_finds_libraries_in_the_wrong_place(self):
        for name, include in [
            ("core/a.cpp", "<hiredis/hiredis.h>"),
            ("api/a.cpp", "<msgpack.hpp>"),
            ("api/routes.cpp", "<boost/beast/http.hpp>"),
            ("worker/a.cpp", "<curl/curl.h>"),
            ("worker/b.cpp", "<caf/actor.hpp>"),
        ]:
            found = self.faults_of(name, f"#include {include}\n")
            self.assertEqual([x.split(":")[0] for x in found], [name], include)
            (self.root / name).unlink()

    def test_knows_where_libraries_belong(self):
        for name, include in [
            ("store/a.cpp", "<hiredis/hiredis.h>"),
            ("worker/frame.cpp", "<msgpack.hpp>"),
            ("api/server/server.cpp", "<boost/beast/http.hpp>"),
            ("upstream/upstream.cpp", "<curl/curl.h>"),
            ("worker/node_actor.cpp", "<caf/actor.hpp>"),
            ("core/a.cpp", "<caf/error.hpp>"),
            ("tests/unit/x.hpp", "<caf/actor.hpp>"),
        ]:
            self.assertEqual(self.faults_of(name, f"#include {include}\n"), [], include)

    def test_finds_tests_that_are_named_otherwise(self):
        for name, text in [
            ("tests/unit/a_test.cpp", "BOOST_AUTO_TEST_SUITE(a_test)\n"),
            ("tests/unit/core/a.cpp", "BOOST_AUTO_TEST_SUITE(a)\n"),
            ("tests/integration/core/a_test.cpp", "BOOST_FIXTURE_TEST_SUITE(b_test, fixture)\n"),
            ("tests/unit/core/b_test.cpp", ""),
        ]:
            self.assertEqual(len(self.faults_of(name, text)), 1, name)
            (self.root / name).unlink()

    def test_passes_over_what_tools_made(self):
        self.assertEqual(self.faults_of("build/core/a.cpp", "x" * 200), [])
        self.assertEqual(self.faults_of("core/node_modules/a.mjs", "x" * 200), [])


if __name__ == "__main__":
    unittest.main()
