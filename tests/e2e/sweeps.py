#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sweep: its table, jobs and shards, what is wrong with a plan, its picture."""
import os
import shutil
import unittest

import e2e

PLAN = '''\
purpose: What the length and the latency do.
scenario: a.yaml
axes:
  - {name: len, path: tasks.writer.1.write.len, values: [512, 1KiB, 2KiB]}
  - {path: server.latency, values: [100us, 1ms]}
figures: [time.tasks_ns, rpcs.write, bytes_per_s]
'''


class Sweep(e2e.Case):
    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)
        self.write('plan.yaml', PLAN)

    def table(self, *more):
        return self.run_tool('sweep', 'plan.yaml', *more, code=e2e.MET).out

    def test_rows_in_plan_order(self):
        text = self.table()
        lines = text.split('\n')
        self.assertEqual(lines[:4], [
            '# netfs-sim sweep 1', '# purpose What the length and the latency do.', '# axes 2',
            '# point len server.latency verdict time.tasks_ns rpcs.write bytes_per_s'])
        rows = [line.split() for line in lines[4:] if line]
        self.assertEqual([r[:3] for r in rows], [
            [str(n), size, ms] for n, (size, ms) in enumerate(
                (size, ms) for size in ('512', '1KiB', '2KiB') for ms in ('100us', '1ms'))])
        # The scenario expects a write of 512 bytes.
        self.assertEqual([r[3] for r in rows], ['met'] * 2 + ['violated'] * 4)
        self.assertEqual({r[5] for r in rows}, {'1'})
        for slow, fast in zip(rows[1::2], rows[::2]):
            self.assertGreater(int(slow[4]), int(fast[4]))
            moved = 4096 + {'512': 512, '1KiB': 1024, '2KiB': 2048}[fast[1]]
            self.assertEqual(int(fast[6]), moved * 10 ** 9 // int(fast[4]))

    def test_the_same_as_run(self):
        row = self.table().split('\n')[4].split()
        self.run_tool('run', 'a.yaml', '-p', 'server.latency=100us', '--stats', 's', '-q', code=e2e.MET)
        self.assertIn(f'"tasks_ns":{row[4]}', self.read('s').replace(' ', ''))

    def test_jobs_and_shards_make_the_same_table(self):
        whole = self.table('--jobs', '1')
        self.assertEqual(self.table('--jobs', '4'), whole)
        for n in (2, 3, 6, 7):
            parts = [self.table('--jobs', '2', '--shard', f'{i}/{n}') for i in range(1, n + 1)]
            self.assertEqual(''.join(parts), whole, n)

    def test_wrong_overrides_are_found_in_the_plan(self):
        for old, new, said in (('1ms]', '1m]', "5:44: 1m: it is not a time"), ('server.latency', 'server.latenzy', '5:37: latenzy: '),
                               ('figures:', 'overrides: [seed=1, slots=4]\nfigures:', '6:21: slots: unknown field')):
            self.write('plan.yaml', PLAN.replace(old, new))
            p = self.run_tool('sweep', 'plan.yaml', code=e2e.USAGE)
            self.assertTrue(p.err.startswith('netfs-sim: plan.yaml:' + said), p.err)
        self.write('plan.yaml', PLAN)
        self.assertIn('-p:1:1: slots: ', self.run_tool('sweep', 'plan.yaml', '-p', 'slots=4', code=e2e.USAGE).err)

    def test_output_and_overrides(self):
        whole = self.table()
        self.table('-o', 'table')
        self.assertEqual(self.read('table'), whole)
        self.assertEqual(self.files(), ['a.yaml', 'plan.yaml', 'table'])
        self.assertNotEqual(self.table('-p', 'server.bandwidth=1MiB/s'), whole)
        self.write('plan.yaml', PLAN + 'overrides: [server.bandwidth=1MiB/s]\n')
        self.assertNotEqual(self.table(), whole)

    def test_plan_in_another_folder(self):
        whole = self.table()
        os.mkdir(self.path('sub'))
        self.write('sub/p.yaml', PLAN.replace('a.yaml', '../a.yaml'))
        self.assertEqual(self.run_tool('sweep', 'sub/p.yaml', code=e2e.MET).out, whole)

    def test_wrong_plans(self):
        for change, said in (
                (('axes:', 'axis:'), "did you mean 'axes'"),
                (('scenario: a.yaml', 'scenario: b.yaml'), 'b.yaml'),
                (('server.latency', 'server.latenzy'), "did you mean 'latency'"),
                (('1ms]', '1m]'), '1m'),
                (('1ms]', '"1 ms"]'), 'blanks'),
                (('rpcs.write', 'rpcs.wrote'), 'no point has this figure'),
                (('values: [100us, 1ms]', 'values: []'), 'plan.yaml:5')):
            text = PLAN.replace(*change)
            self.assertNotEqual(text, PLAN)
            self.write('plan.yaml', text)
            p = self.run_tool('sweep', 'plan.yaml', '-o', 'table', code=e2e.USAGE)
            self.assertIn(said, p.err)
            self.assertNotIn('table', self.files())
        for shard in ('0/2', '3/2', '1', '1/2x', 'a/b'):
            p = self.run_tool('sweep', 'plan.yaml', '--shard', shard, code=e2e.USAGE)
            self.assertIn(shard, p.err)

    def test_data_of_a_picture(self):
        self.table('-o', 'table')
        self.run_tool('plot', 'table', '--data', 'd', '--y', 'rpcs.write', code=e2e.MET)
        text = self.read('d')
        self.assertIn('# series server.latency=100us\n512 1\n1024 1\n2048 1\n', text)
        self.run_tool('plot', 'table', '--data', 'd', '--x', 'server.latency', code=e2e.MET)
        self.assertIn('# series len=1KiB\n100000 ', self.read('d'))
        p = self.run_tool('plot', 'table', '--x', 'nix', '--data', 'd', code=e2e.USAGE)
        self.assertIn('allowed: len server.latency', p.err)
        self.run_tool('plot', 'table', '--kind', 'lanes', '--data', 'd', code=e2e.USAGE)

    def test_damaged_tables(self):
        self.table('-o', 'table')
        lines = self.read('table').split('\n')
        for bad in (lines[:1] + lines[4:], lines[:5] + [lines[5] + ' 1'], lines[:4] + ['0 x y met 1 1 1'],
                    lines[:2] + ['# axes 9'] + lines[3:]):
            self.write('bad', '\n'.join(bad) + '\n')
            p = self.run_tool('plot', 'bad', '--data', 'd', code=e2e.USAGE)
            self.assertIn('bad', p.err)

    @unittest.skipUnless(shutil.which('gnuplot'), 'gnuplot is not installed')
    def test_picture(self):
        self.table('-o', 'table')
        text = self.run_tool('plot', 'table', '--size', '90x26', code=e2e.MET).out
        self.assertIn('server.latency=1ms', text)
        self.run_tool('plot', 'table', '-o', 'p.svg', code=e2e.MET)
        self.assertIn('What the length and the latency do.', self.read('p.svg'))


if __name__ == '__main__':
    e2e.main()
