#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run, replay and compare."""
import json
import os
import re
import unittest

import e2e


def fingerprint(text):
    return re.search(r'fingerprint:? ([0-9a-f]{32})', text)[1]


class Run(e2e.Case):
    def test_summary(self):
        self.write('a.yaml', e2e.SMALL)
        text = self.run_tool('run', 'a.yaml', code=e2e.MET).out
        self.assertIn('every expectation is met', text)
        self.assertLessEqual(max(map(len, text.split('\n'))), 78)
        self.assertEqual(self.run_tool('run', 'a.yaml', '--quiet', code=e2e.MET).out, '')
        self.assertEqual(self.run_tool('run', '-', stdin=e2e.SMALL.encode(), code=e2e.MET).out, text)

    def test_silent_in_a_pipe(self):
        self.write('a.yaml', e2e.SMALL)
        self.assertEqual(self.run_tool('run', 'a.yaml', code=e2e.MET).err, '')

    def test_json_and_stats(self):
        self.write('a.yaml', e2e.SMALL)
        p = self.run_tool('run', 'a.yaml', '--json', '--stats', 's.json', code=e2e.MET)
        self.assertEqual(json.loads(p.out), json.loads(self.read('s.json')))
        # Counted, although no expectation asks.
        self.assertEqual(json.loads(p.out)['conditions']['streaming_write'], 1)

    def test_seed_is_that_of_the_random_policy_too(self):
        self.write('a.yaml', e2e.SMALL)
        def fingerprint(seed):
            p = self.run_tool('run', 'a.yaml', '--json', '-p', seed, '-p', 'server.latency=300us', '--policy', 'random',
                              code=e2e.MET)
            return json.loads(p.out)['fingerprint']
        drawn = [fingerprint(f'seed={n}') for n in range(8)]
        self.assertGreater(len(set(drawn)), 1)
        self.assertEqual(drawn, [fingerprint(f'schedule.seed={n}') for n in range(8)])

    def test_results(self):
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '--results', 'r.txt', '-q', code=e2e.MET)
        self.assertIn('=> ret=512', self.read('r.txt'))

    def test_proc(self):
        text = e2e.SMALL + 'proc: [writer.w]\n'
        self.write('a.yaml', text)
        self.run_tool('run', 'a.yaml', '--proc', 'p.txt', '-q', code=e2e.MET)
        parts = re.split(r'^# .*\n', self.read('p.txt'), flags=re.M)
        self.assertEqual(len(parts), 5)
        self.assertRegex(parts[1], r'^Netfs  : DR=0 DW=0 RA=\d RP=\d WB=\d WBZ=0\nNetfs  : ZR=')
        self.assertRegex(parts[1], r'\nNetfs  : UL=0 us=0 uf=0\n')
        self.assertRegex(parts[3], r'\nNetfs  : UL=1 us=1 uf=0\n')
        self.assertTrue(parts[3].endswith('\nNetfs  : rr=0 sr=0 wsc=0\n'))
        self.assertEqual(parts[4], 'REQUEST  OR REF FL ERR  OPS COVERAGE\n'
                                   '======== == === == ==== === =========\n')
        self.write('b.yaml', e2e.SMALL + 'proc: [writer.x]\n')
        p = self.run_tool('run', 'b.yaml', code=e2e.USAGE)
        self.assertIn('b.yaml:', p.err)

    def test_proc_shows_requests_in_flight(self):
        self.write('a.yaml', """format: 1
purpose: A writeback in flight.
mount: {fs: afs}
files: {f: {size: 8KiB, on_server: data}}
tasks:
  t:
    - open: {file: f, as: fd, flags: [wronly]}
    - write: {fd: fd, at: 0, len: 4KiB, label: w}
    - fsync: fd
  u:
    - wait: t.w
    - sleep: {time: 100us, label: now}
proc: [u.now]
""")
        text = self.run_tool('run', 'a.yaml', '--proc', '-', '-q', code=e2e.MET).out
        self.assertIn('\n00000001 WB   3 120    0   1 @0000 0/1000\n', text)

    def test_overrides(self):
        self.write('a.yaml', e2e.SMALL)
        text = self.run_tool('run', 'a.yaml', '-p', 'tasks.writer.1.write.len=100', code=e2e.VIOLATED).out
        self.assertIn('writer.w', text)
        p = self.run_tool('run', 'a.yaml', '-p', 'server.slot=1', code=e2e.USAGE)
        self.assertIn("did you mean 'slots'", p.err)

    def test_an_override_may_leave_a_label_unused(self):
        path = os.path.join(e2e.ROOT, 'scenarios', 'races', 'mkwrite-no-mapping-check.yaml')
        p = self.run_tool('run', path, '-p', 'hold=[]', code=e2e.VIOLATED)
        self.assertIn('violations.oops: expected, but the rule was not broken', p.out)

    def test_tasks_there_must_be(self):
        self.write('empty.yaml', 'format: 1\npurpose: Nothing.\ntasks: {}\n')
        p = self.run_tool('run', 'empty.yaml', code=e2e.USAGE)
        self.assertIn('empty.yaml:3:1: tasks: nothing would be done; at least one task', p.err)

    def test_violations_that_nobody_expects(self):
        """With `check: report` the run goes on, but what was broken must be named."""
        path = os.path.join(e2e.ROOT, 'scenarios', 'races', 'stream-folio-whole-overwrite.yaml')
        lines = {rule: f'violations.{rule}: not expected, but the rule was broken 1 time'
                 for rule in ('I1', 'I3', 'I10')}
        for expected in ('', 'I3', 'I1, I3', 'I1, I3, I10'):
            named = expected.split(', ')
            code = e2e.MET if set(named) == set(lines) else e2e.VIOLATED
            override = ('-p', f'expect.violations=[{expected}]')
            p = self.run_tool('run', path, *override, code=code)
            for rule, line in lines.items():
                self.assertEqual(line in p.out, rule not in named, p.out)
            self.run_tool('check', path, *override, code=code)
        with open(path) as f:
            self.write('a.yaml', f.read().split('expect:')[0])
        self.run_tool('run', 'a.yaml', code=e2e.VIOLATED)
        self.run_tool('run', 'a.yaml', '-p', 'design.bugs=[]', code=e2e.MET)

    def test_hang(self):
        """Who waits for what is said once, and that requests and tasks are not over."""
        self.write('a.yaml', """format: 1
purpose: Everybody waits.
mount: {fs: 9p}
files: {f: {size: 8KiB, on_server: data}}
tasks:
  reader:
    - open: {file: f, as: fd}
    - read: {fd: fd, at: 0, len: 4KiB, label: r}
  held: [{sleep: 1ms}, {stat: f}]
  label: [{wait: reader.r}]
  end: [{wait: held}]
  meets: [{barrier: b}]
  meets_not: [{wait: reader.r}, {barrier: b}]
hold:
  - {task: held, at: syscall, until: reader.end}
  - {task: reader, at: netfs_rreq_submit_slice, until: held.end}
""")
        p = self.run_tool('run', 'a.yaml', code=e2e.VIOLATED)
        text = ' '.join(p.out.split())
        for words in ('waits for hold at syscall until reader.end', 'waits for label r', 'waits for barrier b of 2 tasks',
                      'waits for end of task held, held by', 'requests: 0 with 0 subrequests; 1 not over',
                      'tasks not done: 6 '):
            self.assertIn(words, text)
        self.assertNotRegex(text, r'(hold|label|barrier|task) \1 ')
        self.assertNotIn('tasks done', text)
        self.assertEqual(json.loads(self.run_tool('run', 'a.yaml', '--json').out)['live_tasks'], 6)

    def test_killed_calls_and_holds_that_time_ended(self):
        self.write('a.yaml', e2e.SMALL.replace('label: w}', 'label: w}\n    - sleep: 1s').replace(
            '  reader:', '  killer: [{sleep: 50ms}, {signal: {task: writer, kind: kill}}]\n  reader:') +
            'hold:\n  - {task: reader, at: syscall, until: writer.end, release_after: 5ms}\n')
        note = 'hold 1 (reader at syscall): went on after 5ms; writer.end had not happened'
        p = self.run_tool('run', 'a.yaml', code=e2e.MET)
        self.assertIn('\n  %s\n' % note, p.out)
        self.assertIn('\n  sleep: killed 1\n', p.out)
        j = json.loads(self.run_tool('run', 'a.yaml', '--json', code=e2e.MET).out)
        self.assertEqual(j['notes'], [note])
        self.assertEqual((j['operations']['sleep']['count'], j['operations']['sleep']['killed']), (1, 1))
        self.assertEqual(j['operations']['read']['killed'], 0)

    def test_errnos_of_failed_calls(self):
        self.write('a.yaml', """format: 1
purpose: Calls fail.
mount: {fs: 9p}
files: {f: {size: 8KiB, on_server: data}}
tasks:
  t:
    - open: {file: f, flags: [creat, excl, wronly], ret: EEXIST}
    - stat: f
    - unlink: f
    - open: {file: f, ret: ENOENT}
    - open: {file: f, ret: ENOENT}
    - stat: f
""")
        text = self.run_tool('run', 'a.yaml', code=e2e.MET).out
        self.assertIn('\n  open: ENOENT 2, EEXIST 1\n  stat: ENOENT 1\n', text)
        calls = json.loads(self.run_tool('run', 'a.yaml', '--json').out)['operations']
        self.assertEqual(calls['open']['errnos'], {'ENOENT': 2, 'EEXIST': 1})

    def test_most_bytes_of_a_call(self):
        """MAX_RW_COUNT of the kernel: whole pages below 2 GiB."""
        self.write('a.yaml', """format: 1
purpose: One call moves less than 2 GiB.
mount: {fs: 9p, msize: 1MiB}
files: {f: {size: 4GiB, on_server: zero}}
tasks:
  t:
    - open: {file: f, as: fd, flags: [rdwr, direct]}
    - write: {fd: fd, at: 0, len: 3GiB, ret: 0x7ffff000}
    - read: {fd: fd, at: 0, len: 3GiB, ret: 0x7ffff000}
    - read: {fd: fd, at: 0, len: 0x7ffff000, ret: 0x7ffff000}
""")
        self.run_tool('run', 'a.yaml', code=e2e.MET)

    def test_seed(self):
        self.write('a.yaml', e2e.SMALL)
        prints = [fingerprint(self.run_tool('run', 'a.yaml', '--seed', s, code=e2e.MET).out)
                  for s in ('0', '1', '1', '2')]
        self.assertEqual(prints[1], prints[2])
        self.assertEqual(len(set(prints)), 3)

    def test_print_config(self):
        self.write('a.yaml', e2e.SMALL)
        text = self.run_tool('run', 'a.yaml', '--print-config', '-p', 'server.slots=3', '--seed', '7',
                             '--policy', 'random', code=e2e.MET).out
        self.write('b.yaml', text)
        self.assertEqual(self.run_tool('run', 'b.yaml', '--print-config', code=e2e.MET).out, text)
        given = self.run_tool('run', 'a.yaml', '-p', 'server.slots=3', '--seed', '7', '--policy', 'random').out
        self.assertEqual(self.run_tool('run', 'b.yaml').out, given)

    def test_limit(self):
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '-p', 'limits.events=10', code=e2e.LIMIT)
        self.run_tool('run', 'a.yaml', '-p', 'limits.time=1us', code=e2e.LIMIT)

    def test_trace_is_made_of_kernel_lines(self):
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        events = [line for line in self.read('t').split('\n') if line and line[0] != '#']
        self.assertTrue(events)
        for line in events:
            self.assertRegex(line, r'^ *\S+-\d+ +\[\d{3}\] \.{5} +\d+\.\d{6}: [\w:]+: ')
        self.assertFalse([e for e in events if ': sim:' in e and ': sim:choice' not in e])
        self.run_tool('run', 'a.yaml', '--trace', 'all', '--all-events', '-q', code=e2e.MET)
        self.assertIn(': sim:rpc: ', self.read('all'))
        self.assertEqual([line for line in self.read('all').split('\n')
                          if line and line[0] != '#' and ': sim:' not in line],
                         [e for e in events if ': sim:' not in e])

    def test_trace_on_standard_output(self):
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        p = self.run_tool('run', 'a.yaml', '--trace', '-', code=e2e.MET)
        self.assertEqual(p.out, self.read('t'))
        self.assertIn('every expectation is met', p.err)

    def test_same_bytes_twice(self):
        self.write('a.yaml', e2e.SMALL)
        for name in ('t1', 't2'):
            self.run_tool('run', 'a.yaml', '--all-events', '--trace', name, '-q', code=e2e.MET)
        self.assertEqual(self.read('t1'), self.read('t2'))

    def test_window(self):
        text = e2e.SMALL.replace('    - write:', '    - trace_on: {file: f, name: x}\n    - write:') \
            .replace('    - fsync: {fd: out}\n', '    - trace_off\n    - fsync: {fd: out}\n')
        self.write('a.yaml', text)
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        events = [line for line in self.read('t').split('\n') if line and line[0] != '#']
        self.assertIn('tracing_mark_write: CASE x', events[0])
        self.assertIn('tracing_mark_write: CASE END', events[-1])
        self.assertIn('# netfs-sim: sim:choice_check: ', self.read('t'))
        self.run_tool('replay', 't', code=e2e.MET)


class Replay(e2e.Case):
    def record(self, *args, text=e2e.SMALL):
        self.write('a.yaml', text)
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', *args)
        return self.read('t')

    def test_same(self):
        recorded = self.record()
        p = self.run_tool('replay', 't', '--trace', 't2', code=e2e.MET)
        self.assertTrue(p.out.startswith('the same: fingerprint '), p.out)
        self.assertEqual(self.read('t2'), recorded)
        os.unlink(self.path('a.yaml'))
        self.assertTrue(json.loads(self.run_tool('replay', 't', '--json', code=e2e.MET).out)['same'])

    def test_every_scenario(self):
        for path in e2e.scenarios():
            for more in ((), ('--policy', 'random', '--seed', '5'), ('--all-events',),
                         ('--policy', 'random', '--seed', '6', '-p', 'schedule.preempt_once=3')):
                with self.subTest(scenario=os.path.relpath(path, e2e.ROOT), more=more):
                    p = self.run_tool('run', path, '--trace', 't', '-q', *more)
                    self.assertIn(p.returncode, (e2e.MET, e2e.VIOLATED, e2e.LIMIT), p.err)
                    self.run_tool('replay', 't', code=e2e.MET)

    def test_choices_are_in_the_trace(self):
        recorded = self.record('--policy', 'random', '--seed', '3', '-p', 'schedule.preempt_once=2')
        self.assertRegex(recorded, r': sim:choice: #\d+ \S+ task=\d+ ')
        self.run_tool('replay', 't', code=e2e.MET)

    def test_another_choice_diverges(self):
        recorded = self.record('--policy', 'random', '--seed', '3', '-p', 'schedule.preempt_once=2')
        lines = recorded.split('\n')
        first = [i for i, line in enumerate(lines) if ': sim:choice: ' in line][3]
        del lines[first]
        self.write('t', '\n'.join(lines))
        p = self.run_tool('replay', 't', code=e2e.NONDETERMINISM)
        self.assertIn('the replay differs', p.out)
        self.assertRegex(p.out, r'choice \d+: ')

    def test_another_scenario_is_seen(self):
        recorded = self.record()
        self.write('t', recorded.replace('len: 512', 'len: 513').replace('writer.w: 512', 'writer.w: 513'))
        p = self.run_tool('replay', 't', code=e2e.NONDETERMINISM)
        self.assertIn('recorded: ', p.out)
        self.assertIn('l=200', p.out)
        self.assertIn('l=201', p.out)
        j = json.loads(self.run_tool('replay', 't', '--json', code=e2e.NONDETERMINISM).out)
        self.assertIn('l=201', j['event'])

    def test_another_event_is_seen(self):
        recorded = self.record()
        self.write('t', recorded.replace('fingerprint ', 'fingerprint f', 1)[:].replace('\n# netfs-sim: after', ''))
        bad = re.sub(r'fingerprint [0-9a-f]{4}', 'fingerprint 0123', recorded)
        self.write('t', bad)
        self.assertIn('no event in the trace differs', self.run_tool('replay', 't', code=e2e.NONDETERMINISM).out)

    def test_no_trace_of_ours(self):
        recorded = self.record()
        kernel = ' wl-1 [000] .....  1.000000: netfs_rreq: R=00000001 RA DONE    f=20\n'
        for text in ('', kernel, recorded[:len(recorded) // 2], recorded.replace('trace 1', 'trace 2'),
                     recorded.replace('netfs-sim: end', 'netfs-sim: ende'),
                     recorded.replace('netfs-sim:  format: 1', 'netfs-sim:  format: 2'),
                     '\x00' * 1000, '# netfs-sim: trace 1\n'):
            self.write('t', text)
            p = self.run_tool('replay', 't', code=e2e.USAGE)
            self.assertIn('t:', p.err)
            self.assertEqual(p.out, '')
        self.run_tool('replay', 'missing', code=e2e.USAGE)
        self.run_tool('replay', '.', code=e2e.USAGE)

    def test_limit_is_replayed(self):
        self.record('-p', 'limits.events=20')
        self.run_tool('replay', 't', code=e2e.MET)


class Compare(e2e.Case):
    WRITER = '''\
format: 1
purpose: A sequential write, then fsync.
mount: {fs: 9p, cache: loose}
server: {latency: 300us, bandwidth: 1GiB/s}
files: {f: {size: 0, on_server: zero}}
tasks:
  w:
    - open: {file: f, as: out, flags: [wronly]}
    - sequential: {op: write, fd: out, block: 64KiB, count: 64}
    - fsync: {fd: out}
'''

    def figures(self, p):
        return {r['figure']: r for r in json.loads(p.out)['figures']}

    def test_message_size(self):
        self.write('a.yaml', self.WRITER)
        p = self.run_tool('compare', 'a.yaml', 'mount.msize=16KiB', 'mount.msize=256KiB', '--json', code=e2e.MET)
        f = self.figures(p)
        self.assertGreater(f['rpcs.write']['a'], 10 * f['rpcs.write']['b'])
        self.assertGreater(f['time.tasks_ns']['a'], f['time.tasks_ns']['b'])
        self.assertEqual(f['calls.bytes_written']['a'], f['calls.bytes_written']['b'])
        self.assertEqual(f['rpcs.bytes_written']['b'], 4 << 20)
        self.assertEqual(json.loads(p.out)['different_results'], 0)
        p = self.run_tool('compare', 'a.yaml', 'mount.msize=16KiB', 'mount.msize=256KiB', '--json', '--changed',
                          code=e2e.MET)
        self.assertEqual(self.figures(p), {k: r for k, r in f.items() if r['a'] != r['b']})

    def test_write_size(self):
        self.write('a.yaml', self.WRITER)
        f = self.figures(self.run_tool('compare', 'a.yaml', 'mount.wsize=16KiB', 'mount.wsize=256KiB', '--json',
                                       code=e2e.MET))
        self.assertGreater(f['rpcs.write']['a'], 10 * f['rpcs.write']['b'])
        self.assertGreater(f['time.tasks_ns']['a'], f['time.tasks_ns']['b'])

    def test_worse(self):
        self.write('a.yaml', self.WRITER)
        sides = ('compare', 'a.yaml', 'server.latency=300us', 'server.latency=303us')
        p = self.run_tool(*sides, code=e2e.VIOLATED)
        self.assertIn('* worse', p.out)
        self.run_tool(*sides, '--tolerance', '2', code=e2e.MET)
        self.run_tool(*sides, '--tolerance', '0.5', code=e2e.VIOLATED)
        self.run_tool('compare', 'a.yaml', '', '', code=e2e.MET)

    def test_failed_expectation_is_worse(self):
        self.write('a.yaml', self.WRITER + 'expect: {rpcs: {write: {max: 100}}}\n')
        self.run_tool('compare', 'a.yaml', '', 'mount.msize=16KiB', '-t', '100000', code=e2e.VIOLATED)

    def test_failed_expectations_of_each_side_are_told(self):
        path = os.path.join(e2e.ROOT, 'scenarios', 'tutorial', '3-streaming-write.yaml')
        sides = ('compare', path, '', 'design.write_streaming=false')
        self.assertIn('bytes.written: expected 512, got 4KiB', self.run_tool(*sides, code=e2e.VIOLATED).out)
        told = json.loads(self.run_tool(*sides, '--json', code=e2e.VIOLATED).out)
        self.assertEqual(told['a_failures'], [])
        self.assertIn('bytes.written: expected 512, got 4KiB', told['b_failures'])

    def test_lists_of_overrides(self):
        self.write('a.yaml', self.WRITER)
        p = self.run_tool('compare', 'a.yaml', 'server={latency: 300us, slots: 3},seed=4', 'seed=5', '-p',
                          'mount.msize=64KiB', '--json')
        self.assertIn(p.returncode, (e2e.MET, e2e.VIOLATED))
        for args, said in ((('seed=2,x=1', ''), 'A: x: unknown field'), (('', 'seed'), 'B: seed: is no override'),
                           (('', '', '-p', 'x=1'), '-p:1:1: x: unknown field')):
            p = self.run_tool('compare', 'a.yaml', *args, code=e2e.USAGE)
            self.assertTrue(p.err.startswith('netfs-sim: ' + said), p.err)


class Events(e2e.Case):
    """Which events a trace is to have."""

    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)

    def names(self, *options):
        self.run_tool('run', 'a.yaml', '-q', '--trace', 't', *options, code=e2e.MET)
        self.assertIn('the same: ', self.run_tool('replay', 't', '--trace', 'again', code=e2e.MET).out)
        self.assertEqual(self.read('t'), self.read('again'))
        return set(re.findall(r'^ .*?\d: (\S+): ', self.read('t'), re.M))

    def test_patterns(self):
        kernel = self.names()
        choices = {n for n in kernel if n.startswith('sim:choice')}
        self.assertTrue(choices < kernel)
        self.assertEqual(self.names('-e', 'netfs_*'), choices | {n for n in kernel if n.startswith('netfs_')})
        self.assertEqual(self.names('-e', '!mm_*', '-e', '!writeback_*'),
                         {n for n in kernel if not n.startswith(('mm_', 'writeback_'))})
        self.assertEqual(self.names('-e', 'netfs_*', '-e', '!*_ref', '-e', '9p_*'),
                         choices | {n for n in kernel if n.startswith(('netfs_', '9p_')) and not n.endswith('_ref')})
        self.assertEqual(self.names('-e', 'sim:rpc'), choices | {'sim:rpc'})
        self.assertLess(kernel | {'sim:rpc'}, self.names('--all-events'))
        self.assertNotIn('sim:rpc', self.names('--all-events', '-e', '!sim:rpc'))

    def test_refused(self):
        for pattern in ('netfs_x*', '', '!', 'netfs_read netfs_write'):
            p = self.run_tool('run', 'a.yaml', '--trace', 't', '-e', pattern, code=e2e.USAGE)
            self.assertIn('--event: no event is called', p.err)
        self.assertIn('--event is for --trace', self.run_tool('run', 'a.yaml', '-e', 'netfs_*', code=e2e.USAGE).err)
        self.assertEqual(self.files(), ['a.yaml'])


class Times(e2e.Case):
    """Which calls change the times of an inode, and so mark it dirty: a write when the clock of the mount has gone on,
    a read after it on 9P alone, none on CIFS, which leaves times to the server."""

    # by the tenth of a second: writes, the second one in the same second, and a read
    MARKED = {'9p': [0, 11, 21], 'afs': [0, 11], 'ceph': [0, 1, 11], 'cifs': []}

    def test_marks_of_inodes(self):
        for fs, expected in self.MARKED.items():
            self.write('a.yaml', f"""format: 1
purpose: Three writes and a read.
mount: {{fs: {fs}}}
server: {{latency: 100us}}
files: {{f: {{on_server: absent}}}}
tasks:
  t:
    - open: {{file: f, as: fd, flags: [rdwr, creat]}}
    - write: {{fd: fd, at: 0, len: 4KiB}}
    - sleep: 100ms
    - write: {{fd: fd, at: 0, len: 4KiB}}
    - sleep: 1s
    - write: {{fd: fd, at: 0, len: 4KiB}}
    - sleep: 1s
    - read: {{fd: fd, at: 0, len: 4KiB}}
""")
            self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
            marks = re.findall(r' (\d+)\.(\d)\d+: writeback_mark_inode_dirty: .* flags=I_DIRTY_SYNC$', self.read('t'), re.M)
            self.assertEqual([10 * int(s) + int(tenth) for s, tenth in marks], expected, fs)


if __name__ == '__main__':
    e2e.main()
