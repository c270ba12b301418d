#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check: verdicts, formats, jobs, baselines, crashes."""
import json
import os
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

import e2e

WRONG = e2e.SMALL.replace('reader.r: 4096', 'reader.r: 4095')
BROKEN = e2e.SMALL.replace('512', '64K')
LIMITED = e2e.SMALL + 'limits: {events: 10}\n'


def parse_tap(case, text, first):
    """Read TAP as strictly as a harness does: number of tests, list of (ok, name)."""
    lines = text.split('\n')
    case.assertEqual(lines[0], first)
    plan = re.fullmatch(r'1\.\.(\d+)', lines[1])
    tests = []
    for line in lines[2:-1]:
        m = re.fullmatch(r'(ok|not ok) (\d+) (?:- )?(\S+)(?: # SKIP .*)?', line)
        if m:
            case.assertEqual(int(m[2]), len(tests) + 1)
            tests.append((m[1] == 'ok', m[3]))
        else:
            case.assertTrue(line.startswith('# '), line)
    case.assertEqual(lines[-1], '')
    case.assertEqual(int(plan[1]), len(tests))
    return tests


class Check(e2e.Case):
    def four(self):
        for name, text in (('d/good.yaml', e2e.SMALL), ('d/wrong.yaml', WRONG), ('d/broken.yaml', BROKEN),
                           ('d/e/limited.yaml', LIMITED)):
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            self.write(name, text)

    def test_codes(self):
        self.four()
        for name, code in (('good', e2e.MET), ('wrong', e2e.VIOLATED), ('broken', e2e.USAGE), ('e/limited', e2e.LIMIT)):
            self.run_tool('check', 'd/%s.yaml' % name, code=code)
        self.run_tool('check', 'd', code=e2e.USAGE)
        os.unlink(self.path('d/broken.yaml'))
        self.run_tool('check', 'd', code=e2e.VIOLATED)
        self.run_tool('check', 'd/good.yaml', 'd/e', code=e2e.LIMIT)

    def test_text(self):
        self.four()
        text = self.run_tool('check', 'd').out
        self.assertIn('ERROR    d/broken.yaml: cannot be run\n         d/broken.yaml:9:', text)
        self.assertIn('FAILED   d/wrong.yaml: ', text)
        self.assertIn('LIMIT    d/e/limited.yaml: ', text)
        self.assertIn('ok       d/good.yaml\n', text)
        self.assertTrue(text.endswith('1 passed, 3 failed, 0 not run\n'))

    def test_tap_and_ktap(self):
        self.four()
        expected = [(False, 'd/broken.yaml'), (False, 'd/e/limited.yaml'), (True, 'd/good.yaml'), (False, 'd/wrong.yaml')]
        tap = self.run_tool('check', 'd', '--format', 'tap').out
        self.assertEqual(parse_tap(self, tap, 'TAP version 13'), expected)
        ktap = self.run_tool('check', 'd', '--format', 'ktap').out
        self.assertEqual(parse_tap(self, ktap, 'KTAP version 1'), expected)

    def test_junit(self):
        self.four()
        self.write('d/a & "b" <c>.yaml', WRONG)
        suite = ElementTree.fromstring(self.run_tool('check', 'd', '--format', 'junit').out).find('testsuite')
        self.assertEqual(suite.get('tests'), '5')
        self.assertEqual((suite.get('failures'), suite.get('errors'), suite.get('skipped')), ('3', '1', '0'))
        for kind, count in (('failure', 3), ('error', 1), ('skipped', 0)):
            self.assertEqual(len(suite.findall('testcase/' + kind)), count)
        cases = {c.get('name'): c for c in suite}
        self.assertEqual(cases['good.yaml'].get('classname'), 'd')
        self.assertEqual(len(cases['good.yaml']), 0)
        self.assertIn('reader.r', cases['wrong.yaml'].find('failure').text)
        self.assertIn('64K', cases['broken.yaml'].find('error').text)
        self.assertIn('a & "b" <c>.yaml', cases)

    def test_json(self):
        self.four()
        rows = json.loads(self.run_tool('check', 'd', '--json').out)
        self.assertEqual([r['code'] for r in rows], [2, 4, 0, 1])

    def test_jobs_do_not_change_the_output(self):
        self.four()
        for i in range(12):
            self.write('d/x%d.yaml' % i, e2e.SMALL)
        outs = [self.run_tool('check', 'd', '--jobs', n, '--format', 'tap').out for n in ('1', '3', '16')]
        self.assertEqual(outs[0], outs[1])
        self.assertEqual(outs[0], outs[2])

    def test_overrides_reach_all(self):
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('check', 'a.yaml', '-p', 'limits.events=10', code=e2e.LIMIT)

    def test_nothing_there(self):
        os.mkdir(self.path('empty'))
        for command in (('check',), ('scenario', 'lint'), ('scenario', 'list')):
            self.assertIn('empty: no scenario', self.run_tool(*command, 'empty', code=e2e.USAGE).err)
        self.assertIn('missing', self.run_tool('check', 'missing', code=e2e.USAGE).out)

    def test_parts_are_left_out(self):
        os.mkdir(self.path('d'))
        self.write('d/_part.yaml', 'nonsense: [')
        self.write('d/.hidden.yaml', 'nonsense: [')
        self.write('d/readme.txt', 'nonsense: [')
        self.write('d/a.yaml', e2e.SMALL)
        self.assertEqual(self.run_tool('check', 'd', code=e2e.MET).out,
                         'ok       d/a.yaml\n1 passed, 0 failed, 0 not run\n')

    def test_silent_in_a_pipe(self):
        self.four()
        self.assertEqual(self.run_tool('check', 'd').err, '')

    def test_crash_of_one_is_a_failure_of_one(self):
        self.write('a.yaml', e2e.ENDLESS)
        self.write('b.yaml', e2e.SMALL)
        p = subprocess.Popen([e2e.PROGRAM, 'check', 'a.yaml', 'b.yaml', '--jobs', '2'], cwd=self.folder,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        children = '/proc/%d/task/%d/children' % (p.pid, p.pid)
        if not os.path.exists(children):
            p.kill()
            self.skipTest('the kernel does not list children')
        for _ in range(1000):
            with open(children) as f:
                pids = f.read().split()
            if len(pids) == 1:
                break
            time.sleep(0.01)
        os.kill(int(pids[0]), signal.SIGKILL)
        out, _ = p.communicate(timeout=60)
        self.assertEqual(p.returncode, e2e.INTERNAL)
        self.assertIn('CRASHED  a.yaml: the process died\n         killed by signal 9', out.decode())
        self.assertIn('ok       b.yaml', out.decode())


class Baseline(e2e.Case):
    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)
        self.write('b.yaml', e2e.SMALL.replace('8KiB', '16KiB'))
        self.assertIn('base: no such file; --bless writes it',
                      self.run_tool('check', '.', '--baseline', 'base', code=e2e.USAGE).err)
        self.run_tool('check', '.', '--baseline', 'base', '--bless', code=e2e.MET)

    def names(self):
        return re.findall(r'^\[(.*)\]$', self.read('base'), re.M)

    def test_same(self):
        self.run_tool('check', '.', '--baseline', 'base', code=e2e.MET)
        before = self.read('base')
        self.run_tool('check', './', '--baseline', 'base', '--bless', code=e2e.MET)
        self.assertEqual(self.read('base'), before)

    def test_change_is_seen_and_blessed(self):
        p = self.run_tool('check', '.', '--baseline', 'base', '-p', 'server.latency=1ms', code=e2e.VIOLATED)
        self.assertIn('not as in the baseline', p.out)
        self.assertRegex(p.out, r'baseline: time\.tasks_ns is \d+, was \d+')
        self.assertRegex(p.out, r'baseline: fingerprint is [0-9a-f]{32}, was [0-9a-f]{32}')
        self.run_tool('check', '.', '--baseline', 'base', '-p', 'server.latency=1ms', '--bless', code=e2e.MET)
        self.run_tool('check', '.', '--baseline', 'base', '-p', 'server.latency=1ms', code=e2e.MET)

    def test_new_scenario(self):
        self.write('c.yaml', e2e.SMALL)
        p = self.run_tool('check', '.', '--baseline', 'base', code=e2e.VIOLATED)
        self.assertIn('--bless adds it', p.out)
        self.run_tool('check', 'c.yaml', './c.yaml', '--baseline', 'base', '--bless', code=e2e.MET)
        self.run_tool('check', '.', '--baseline', 'base')

    def test_gone_scenario(self):
        os.makedirs(self.path('d/e'))
        for name in ('d/c.yaml', 'd/e/x.yaml', 'd/e/y.yaml'):
            self.write(name, e2e.SMALL)
        self.run_tool('check', '.', '--baseline', 'base', '--bless', code=e2e.MET)
        os.unlink(self.path('d/e/x.yaml'))
        os.unlink(self.path('a.yaml'))
        self.run_tool('check', 'b.yaml', '--baseline', 'base', code=e2e.MET)
        p = self.run_tool('check', 'd', '--baseline', 'base', code=e2e.VIOLATED)
        self.assertIn('FAILED   d/e/x.yaml: not as in the baseline\n'
                      '         baseline: has it, but it is gone; --bless drops it\n2 passed, 1 failed', p.out)
        tap = self.run_tool('check', '.', '--baseline', 'base', '--format', 'tap', code=e2e.VIOLATED).out
        self.assertEqual(parse_tap(self, tap, 'TAP version 13')[-2:], [(False, 'a.yaml'), (False, 'd/e/x.yaml')])
        self.run_tool('check', './d/', '--baseline', 'base', '--bless', code=e2e.MET)
        self.assertEqual(self.names(), ['a.yaml', 'b.yaml', 'd/c.yaml', 'd/e/y.yaml'])
        self.run_tool('check', '.', '--baseline', 'base', '--bless', code=e2e.MET)
        self.assertEqual(self.names(), ['b.yaml', 'd/c.yaml', 'd/e/y.yaml'])

    def test_one_scenario_has_one_name(self):
        os.makedirs(self.path('d/e'))
        for path in ('a.yaml', './a.yaml', './/a.yaml', 'd/../a.yaml', 'd/e/.././../a.yaml', self.path('a.yaml'),
                     './d/..', self.path('')):
            self.assertNotIn('FAILED', self.run_tool('check', path, '--baseline', 'base', code=e2e.MET).out)
            self.run_tool('check', path, '--baseline', 'base', '--bless', code=e2e.MET)
            self.assertEqual(self.names(), ['a.yaml', 'b.yaml'], path)
        self.write('base', self.read('base').replace('[a', '[./a'))
        self.run_tool('check', 'a.yaml', '--baseline', 'base', code=e2e.MET)
        os.symlink('e', self.path('d/link'))  # whose parent is d
        self.write('d/z.yaml', e2e.SMALL)
        self.run_tool('check', 'd/link/../z.yaml', '--baseline', 'base', '--bless', code=e2e.MET)
        self.assertIn('d/link/../z.yaml', self.names())

    def test_figure_that_is_gone(self):
        self.write('base', self.read('base').replace('rpcs.total', 'rpcs.all', 1))
        p = self.run_tool('check', '.', '--baseline', 'base', code=e2e.VIOLATED)
        self.assertRegex(p.out, r'baseline: rpcs\.total is new: \d+')
        self.assertRegex(p.out, r'baseline: rpcs\.all is gone, was \d+')

    def test_failing_scenario_is_not_blessed(self):
        before = self.read('base')
        self.write('a.yaml', WRONG)
        self.run_tool('check', '.', '--baseline', 'base', '--bless', code=e2e.VIOLATED)
        self.assertEqual(self.read('base'), before)

    def test_malformed(self):
        for text in ('', 'x', '# netfs-sim baseline 2\n', '# netfs-sim baseline 1\n[a\n',
                     '# netfs-sim baseline 1\nx 1\n', '# netfs-sim baseline 1\n[a]\nx\n'):
            self.write('bad', text)
            p = self.run_tool('check', '.', '--baseline', 'bad', code=e2e.USAGE)
            self.assertRegex(p.err, r'bad:\d+:1: ')
        self.run_tool('check', '.', '--baseline', 'missing', code=e2e.USAGE)
        self.run_tool('check', '.', '--baseline', 'no/such/folder', '--bless', code=e2e.USAGE)


if __name__ == '__main__':
    e2e.main()
