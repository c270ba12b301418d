# SPDX-License-Identifier: GPL-2.0-or-later
"""Every shipped scenario has exactly the figures of traces/golden/figures.

figures.py PROGRAM SOURCE-TREE
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, TREE = map(os.path.abspath, sys.argv[1:3])
BASELINE = os.path.join(TREE, 'traces', 'golden', 'figures')
BLESS = 'If the change is meant, run scripts/bless and read its git diff.'


def check(baseline, *paths):
    """Exit code and output; the names in a baseline are paths from the top of the tree."""
    done = subprocess.run([PROGRAM, 'check', '--baseline', baseline, *paths], capture_output=True, text=True,
                          cwd=TREE, check=False)
    return done.returncode, done.stdout + done.stderr


class Figures(unittest.TestCase):
    def setUp(self):
        with open(BASELINE, encoding='utf-8') as f:
            self.text = f.read()

    def test_all_are_as_they_were(self):
        code, said = check(BASELINE, 'scenarios')
        bad = [line for line in said.splitlines(True) if not line.startswith('ok ')]
        self.assertEqual(code, 0, '\n' + ''.join(bad) + BLESS)

    def test_each_changed_figure_is_told(self):
        path, figures = re.search(r'^\[(scenarios/tutorial/1.*)\]\n((?:.+\n)+)', self.text, re.M).groups()
        names = [line.split()[0] for line in figures.splitlines()]
        self.assertIn('rpcs.write', names)
        with tempfile.TemporaryDirectory() as folder:
            changed = os.path.join(folder, 'figures')
            for name in names:
                with open(changed, 'w', encoding='utf-8') as f:
                    f.write(self.text.replace(figures, re.sub(rf'^({re.escape(name)}) .*', r'\1 7777777', figures,
                                                              flags=re.M)))
                code, said = check(changed, path)
                self.assertEqual(code, 1, name)
                self.assertEqual(re.findall(r'baseline: (\S+) is', said), [name])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
