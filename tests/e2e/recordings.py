#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The recordings of 6.8 against the model: how many match, what does not is explained, the judge agrees.

The reference script tools/kernel_compare.py lies in the directory that NETFS_SIM_SHARED names, or beside
the tree; without it that test is skipped. It judges some recordings, and all if NETFS_SIM_ALL is set.
"""
import concurrent.futures
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
PARTS = (*LEVELS, 'pages', 'calls', 'server')
# Recordings that show a bug of the release: without its row in the model they match no more.
SHOWN = {
    '6.8-9p/x-k1-stream-then-whole': 'stream-folio-whole-overwrite',
    '6.8-9p/append': 'append-fid',
    '6.8-9p/x-k30-persist': 'stream-clear-keeps-zero-point',
    '6.8-9p/par-streamw-read-wb': 'read-folio-during-writeback',
    '6.8-9p/x-aio-trunc': 'truncate-during-dio',
    '6.8-9penospc/enospc-small': 'short-upload-ignored',
    '6.8-9penospc/x-k9-wthru-enospc': 'writethrough-error-deferred',
    '6.8-9pfsc/x-k7-wthru-cache': 'writethrough-skips-cache',
}


# Recordings within a second of the clock, to which times of 9P inodes are cut.
INODES = ['6.8-9p/' + c for c in ('append', 'dio-over-dirty', 'mmap-write-msync', 'trunc', 'trunc-existing', 'unlink-dirty',
                                  'write1m-fsync', 'x-big-wb', 'open-trunc-write', 'hole-beyond-eof-exist')]
INODES += ['6.8-9pfsc/' + c for c in ('c-bg-writeback', 'c-write-mixed', 'c-trunc-sync', 'c-write-osync')]


def inode_events(path):
    """The events of the inode that has most, without the numbers of inode and device, times and ages."""
    found = {}
    with open(path) as f:
        text = f.read()
    text = text[text.index('CASE '):text.index('CASE END')]
    for event, ino, rest in re.findall(r': (writeback_\w*inode\w*): bdi \S+ ino=(\d+) (.*)', text):
        found.setdefault(ino, []).append(event + ' ' + re.sub(r'(dirtied_when|age)=\d+ ', '', rest))
    return max(found.values(), key=len) if found else []


def name_of(row):
    return os.path.relpath(os.path.join(KERNEL, row['recording']), KERNEL)


def differing(row):
    """Which of PARTS differ. What belongs to a level belongs to those above it too."""
    parts = {x for x in (*LEVELS, 'pages') if row[x]['match'] != row[x]['of']}
    if row['calls_match'] != row['calls']:
        parts.add('calls')
    if not row['server_match']:
        parts.add('server')
    return parts


def explained(text):
    """{recording: PARTS} of the rows '| group/case, case, ... | L1, calls, ... or all | why |' in FIDELITY.md."""
    rows = {}
    for cases, parts in re.findall(r'^\| (6\.8-\w+/[\w, -]+) \| ([^|]+) \|', text, re.M):
        group, cases = cases.split('/', 1)
        named = set(PARTS if parts == 'all' else parts.split(', '))
        if not named <= set(PARTS):
            raise ValueError('FIDELITY.md: %s: "%s": one of %s, or all' % (cases, parts, ', '.join(PARTS)))
        for case in cases.split(', '):
            rows.setdefault('%s/%s' % (group, case), set()).update(named)
    return rows


def listed():
    """The recordings of the table of recordings."""
    with open(os.path.join(KERNEL, 'README.md')) as f:
        return set(re.findall(r'^\| \[(6\.8-[^]]+)\]\([^)]*\) \|', f.read(), re.M))


class Recordings(e2e.Case):
    rows = None

    def setUp(self):
        super().setUp()
        if Recordings.rows is None:
            folders = sorted(glob.glob(os.path.join(KERNEL, '6.8-*')))
            p = self.run_tool('trace', 'check', '--json', *folders, timeout=900)
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
        self.assertGreaterEqual(10 * len([r for r in self.rows if 'pages' not in differing(r)]), 9 * n)

    def test_what_differs_is_explained(self):
        with open(os.path.join(e2e.ROOT, 'docs', 'FIDELITY.md')) as f:
            rows = explained(f.read())
        for row in self.rows:
            self.assertLessEqual(differing(row), rows.get(name_of(row), set()), name_of(row))

    def test_calls_and_server_match(self):
        self.assertEqual(listed(), {name_of(r) for r in self.rows})
        for row in self.rows:
            self.assertEqual(differing(row) & {'calls', 'server'}, set(), name_of(row))

    def test_inodes_are_marked_and_written_as_recorded(self):
        """Where a pass of writeback goes on, what dirties an inode, which flags it has meanwhile."""
        for name in INODES:
            trace = self.path('t')
            self.run_tool('trace', 'check', os.path.join(KERNEL, name), '--seeds', '1', '--keep', trace, code=None)
            recorded = inode_events(os.path.join(KERNEL, name, 'trace.txt'))
            self.assertNotEqual(recorded, [], name)
            self.assertEqual(recorded, inode_events(trace), name)

    def without(self, bug, slugs, folder):
        """What differs when the model lacks one of the bugs of the release, however long it is looked for."""
        p = self.run_tool('trace', 'check', '--json', os.path.join(KERNEL, folder), '-p',
                          'design.bugs=[%s]' % ','.join(s for s in slugs if s != bug))
        return differing(json.loads(p.out)[0])

    def test_no_draw_of_times_makes_up_for_a_wrong_model(self):
        released = [r['slug'] for r in json.loads(self.run_tool('bugs', 'list', '--json').out)
                    if '6.8' in r['generations'].replace(',', ' ').split()]
        for folder, bug in SHOWN.items():
            self.assertIn(bug, released)
            self.assertEqual(self.without(None, released, folder), set(), folder)
            self.assertNotEqual(self.without(bug, released, folder), set(), folder)

    def judge(self, row):
        """What we and the script count of one recording, level by level."""
        folder, ours = os.path.join(KERNEL, name_of(row)), self.path(name_of(row).replace('/', '-'))
        seed = ['--seed', str(row['seed']), '-p', 'reseed=' + row['reseed']] if row['seed'] else []
        kept = json.loads(self.run_tool('trace', 'check', folder, '--seeds', '1', *seed, '--keep', ours,
                                        '--json').out)[0]
        p = subprocess.run([sys.executable, SCRIPT, os.path.join(folder, 'trace.txt'), ours, '--robust', '--json'],
                           capture_output=True, text=True, check=False)
        theirs = json.loads(p.stdout)['scores']
        return [[kept[x]['match'], kept[x]['of']] for x in LEVELS], [theirs[x] for x in LEVELS]

    @unittest.skipUnless(os.path.exists(SCRIPT), 'no kernel_compare.py')
    def test_the_judge_agrees(self):
        racing = [r for r in self.rows if r['seed']]
        few = self.rows if os.environ.get('NETFS_SIM_ALL') else racing[:4] + self.rows[::12]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for row, (ours, theirs) in zip(few, pool.map(self.judge, few)):
                self.assertEqual(ours, theirs, name_of(row))


if __name__ == '__main__':
    e2e.main()
