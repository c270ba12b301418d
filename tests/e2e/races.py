# SPDX-License-Identifier: GPL-2.0-or-later
"""Every scenario of scenarios/races/ shows its bug, and nothing is broken without it.

races.py PROGRAM SOURCE-TREE
"""
import glob
import json
import os
import re
import subprocess
import sys
import unittest

PROGRAM, TREE = sys.argv[1:3]


def run(path, *options):
    done = subprocess.run([PROGRAM, 'run', path, '--json', *options], capture_output=True,
                          text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def slug_of(path):
    return os.path.basename(path)[:-len('.yaml')]


def others(path):
    """The bugs that the scenario has besides its own."""
    with open(path, encoding='utf-8') as f:
        bugs = re.search(r'^design: .*bugs: \[(.*?)\]', f.read(), re.M)[1].split(', ')
    bugs.remove(slug_of(path))
    return bugs


class Races(unittest.TestCase):
    def scenarios(self):
        paths = sorted(glob.glob(os.path.join(TREE, 'scenarios', 'races', '*.yaml')))
        self.assertTrue(paths)
        return paths

    def test_with_the_bug_all_is_as_expected(self):
        for path in self.scenarios():
            with self.subTest(os.path.basename(path)):
                self.assertEqual(run(path)[0], 0)

    def test_without_it_no_rule_is_broken_and_an_expectation_is(self):
        for path in self.scenarios():
            with self.subTest(os.path.basename(path)):
                code, report = run(path, '-p', f'design.bugs=[{",".join(others(path))}]')
                self.assertEqual(code, 1)
                self.assertEqual(report['violations'], [])

    def test_each_bug_has_one_and_a_finding(self):
        listed = subprocess.run([PROGRAM, 'bugs', 'list', '--json'], capture_output=True, text=True, check=True).stdout
        slugs = [row['slug'] for row in json.loads(listed)]
        with open(os.path.join(TREE, 'docs', 'FINDINGS.md'), encoding='utf-8') as f:
            findings = f.read()
        self.assertEqual(sorted(map(slug_of, self.scenarios())), sorted(slugs))
        self.assertEqual([slug for slug in slugs if f'`{slug}`' not in findings], [])


# The quirks of 6.8 that lose or damage data (K1, K2, K3, K7, K10, K30).
DAMAGING = ('stream-folio-whole-overwrite', 'stream-append-during-writeback', 'read-folio-during-writeback',
            'inval-trim-cases-swapped', 'writethrough-skips-cache', 'short-upload-ignored',
            'stream-clear-keeps-zero-point')
# The byte, what it is and what it should be: each by the write, or the state of the file, that made it.
NAMED = re.compile(r'\S+: byte 0x[0-9a-f]+: .* <[^<>]+> instead of <(byte \d+ of srv_create|write \d+ of task|zero|never)')


class AsReleased(unittest.TestCase):
    """With all that 6.8.0 has, not the one row alone, data are lost; with none of it they are not."""

    def test_data_are_damaged_and_the_byte_is_named(self):
        for slug in DAMAGING:
            path = os.path.join(TREE, 'scenarios', 'races', slug + '.yaml')
            with self.subTest(slug):
                _, report = run(path, '-p', 'design.bugs=[as-released]')
                told = [v for v in report['violations'] if NAMED.match(v['text'])]
                self.assertTrue(told, report['violations'])
                self.assertTrue(all(v['step'] > 0 for v in told))

    def test_without_bugs_nothing_is(self):
        for slug in DAMAGING:
            with self.subTest(slug):
                _, report = run(os.path.join(TREE, 'scenarios', 'races', slug + '.yaml'), '-p', 'design.bugs=[]')
                self.assertEqual(report['violations'], [])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
