# SPDX-License-Identifier: GPL-2.0-or-later
"""Every feature of the cover letter is needed: its scenarios fail when it is switched off.

features.py PROGRAM SOURCE-TREE

What fails must be something that a user of the file sees: results, contents, messages, times; not
that an event of the feature was missing, or that a point of its code was never reached.
"""
import glob
import json
import os
import re
import subprocess
import sys
import unittest

PROGRAM, TREE = sys.argv[1:3]

# The override that takes a feature away, by how the names of its scenarios begin.
OFF = {
    'feature-01': 'design.class_locking=false',
    'feature-02': 'design.unbuffered=false',
    'feature-03': 'design.direct_io=false',
    'feature-04': 'design.bounce_buffer=false',
    'feature-05': 'design.perform_write=false',
    'feature-06': 'design.write_through=false',
    'feature-07': 'design.write_through=false',
    'feature-08': 'design.write_streaming=false',
    'feature-09': 'design.write_grouping=false',
    'feature-10': 'design.zero_point=false',
    'note-01-cache-copy-at-once': 'design.cache_copy=writeback',
    'note-01-cache-copy-dropped': 'design.cache_copy=writeback',
    'note-01-cache-copy-memory-at-once': 'design.cache_copy=writeback',
    'note-01-cache-copy-modified-twice': 'design.cache_copy=writeback',
    'note-01-cache-copy': 'design.cache_copy=fscache',
    'note-01': 'mount.cache=loose',
    'note-04': 'mount.cache=loose',
    'note-05-flush': 'design.teardown=launder',
    'note-05-launder': 'design.teardown=flush',
    'note-06': 'design.variable_wsize=false',
    '9p-note-02': 'design.writeback_runs=false',
    '9p-note-03': 'design.large_folios=false',
}
# No user sees these: events, and that the run did not come by a hold or a fault.
UNSEEN = re.compile(r'(always|sometimes|never)\b|(hold|fault) ')


def run(path, *options):
    done = subprocess.run([PROGRAM, 'run', path, '--json', *options], capture_output=True,
                          text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def scenarios():
    return sorted(p for kind in ('feature', 'note', '9p-note')
                  for p in glob.glob(os.path.join(TREE, 'scenarios', 'features', kind + '-*.yaml')))


def override(name):
    return next(off for begin, off in OFF.items() if name.startswith(begin))


class Features(unittest.TestCase):
    def test_with_the_feature_all_is_as_expected(self):
        for path in scenarios():
            with self.subTest(os.path.basename(path)):
                self.assertEqual(run(path)[0], 0)

    def test_without_it_something_visible_is_wrong(self):
        for path in scenarios():
            name = os.path.basename(path)
            with self.subTest(name):
                code, report = run(path, '-p', override(name))
                self.assertEqual(code, 1, report)
                self.assertTrue([f for f in report['failures'] if not UNSEEN.match(f)], report)

    def test_each_has_two_sides(self):
        names = [os.path.basename(p) for p in scenarios()]
        for feature in {re.match(r'(9p-)?[a-z]+-[0-9]+', begin)[0] for begin in OFF}:
            with self.subTest(feature):
                self.assertGreaterEqual(len([n for n in names if n.startswith(feature)]), 2)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
