# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking at everything after each step (check: full) comes to the same as looking at what the step touched.

full.py PROGRAM SOURCE-TREE

The verdict, the violation and the step of it, and the whole rest of the report, for every scenario. Of long
runs only the begin is looked at: its cost grows with the square.
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys
import unittest

PROGRAM, TREE = sys.argv[1:3]
EVENTS = 2000


def run(path, mode):
    done = subprocess.run([PROGRAM, 'run', path, '--json', '-p', f'check={mode}', '-p', f'limits.events={EVENTS}'],
                          capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    del report['tool_memory_peak_bytes']
    return done.returncode, report


class Full(unittest.TestCase):
    def test_every_scenario_has_the_same_report(self):
        paths = sorted(glob.glob(os.path.join(TREE, 'scenarios', '*', '[!_]*.yaml')))
        self.assertTrue(paths)
        violated = 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            both = pool.map(lambda path: (run(path, 'stop'), run(path, 'full')), paths)
            for path, (touched, full) in zip(paths, both):
                with self.subTest(os.path.relpath(path, TREE)):
                    self.assertEqual(touched, full)
                violated += bool(touched[1]['violations'])
        self.assertGreater(violated, 10)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
