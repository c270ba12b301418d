#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recordings of 6.8 against the model: how many match, what does not is explained, the judge agrees.

The reference script tools/kernel_compare.py lies in the directory that NETFS_SIM_SHARED names, or beside
the tree; without it that test is skipped.
"""
import glob
import json
import os
import re
import subprocess
import sys
import unittest

import e2e

KERNEL = os.path.join(e2e.ROOT, 'traces', 'kernel')
SHARED = os.environ.get('NETFS_SIM_SHARED') or os.path.join(e2e.ROOT, '..', 'shared')
SCRIPT = os.path.join(SHARED, 'tools', 'kernel_compare.py')
LEVELS = ('L1', 'L2', 'L3')


def name_of(row):
    return os.path.relpath(os.path.join(KERNEL, row['recording']), KERNEL)


def explained():
    """The recordings that the table in FIDELITY.md names: 'group/case, case, ...'."""
    with open(os.path.join(e2e.ROOT, 'docs', 'FIDELITY.md')) as f:
        text = f.read()
    names = set()
    for cell in re.findall(r'^\| (6\.8-\w+/[\w, -]+) \|', text, re.M):
        group, cases = cell.split('/', 1)
        names.update('%s/%s' % (group, c) for c in cases.split(', '))
    return names


class Recordings(e2e.Case):
    rows = None

    def setUp(self):
        super().setUp()
        if Recordings.rows is None:
            folders = sorted(glob.glob(os.path.join(KERNEL, '6.8-*')))
            p = self.run_tool('trace', 'check', '--json', *folders, timeout=280)
            self.assertIn(p.returncode, (e2e.MET, e2e.VIOLATED), p.err)
            Recordings.rows = json.loads(p.out)

    def matching(self, level):
        return [r for r in self.rows if all(r[x]['match'] == r[x]['of'] for x in LEVELS[:level])]

    def test_so_many_match(self):
        n = len(self.rows)
        self.assertEqual(n, len(glob.glob(os.path.join(KERNEL, '6.8-*', '*', 'ops.txt'))))
        self.assertGreaterEqual(10 * len(self.matching(1)), 9 * n)
        self.assertGreaterEqual(10 * len(self.matching(2)), 9 * n)
        self.assertGreaterEqual(10 * len(self.matching(3)), 7 * n)

    def test_what_differs_is_explained(self):
        differ = {name_of(r) for r in self.rows if not r['match']}
        self.assertEqual(differ - explained(), set())

    @unittest.skipUnless(os.path.exists(SCRIPT), 'no kernel_compare.py')
    def test_the_judge_agrees(self):
        racing = [r for r in self.rows if r['seed']]
        few = racing + self.rows if os.environ.get('NETFS_SIM_ALL') else racing[:4] + self.rows[::12]
        for row in few:
            folder = os.path.join(KERNEL, name_of(row))
            seed = ['--seed', str(row['seed'])] if row['seed'] else []
            kept = json.loads(self.run_tool('trace', 'check', folder, '--seeds', '1', *seed, '--keep', 'ours',
                                            '--json').out)[0]
            p = subprocess.run([sys.executable, SCRIPT, os.path.join(folder, 'trace.txt'), self.path('ours'),
                                '--robust', '--json'], capture_output=True, text=True, check=False)
            theirs = json.loads(p.stdout)['scores']
            for level in LEVELS:
                self.assertEqual([kept[level]['match'], kept[level]['of']], theirs[level], row['recording'])


if __name__ == '__main__':
    e2e.main()
