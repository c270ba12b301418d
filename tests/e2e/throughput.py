#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How many messages, how long: workloads with one exact answer, and the slopes of curves.

The rows W1 to W15 are those of the reference netfs-6.12-and-6.1.md, C.2 and C.3, as 6.8 has them. L is
the time of one message there and back; nothing else takes any.
"""
import collections
import json
import os
import re
import shutil

import e2e

L = 10  # ms
KIB = 1024
MIB = 1024 * KIB
NINE_P = '{fs: 9p, msize: 64KiB, cache: loose}'
AFS = '{fs: afs, large_folios: false}'
ASYNC = '{fs: ceph, wsize: 64KiB, rsize: 32KiB, stripe_unit: 4MiB, readahead: 128KiB, large_folios: false}'

Message = collections.namedtuple('Message', 'op start len sent_ms back_ms error')


class Run:
    """What came out of a scenario: its figures, and its messages in the order of their sending."""

    def __init__(self, case, mount, tasks, files='{f: {on_server: absent}}', extra='',
                 server='{latency: %dms, slots: 0}' % (L // 2)):
        if not isinstance(tasks, dict):
            tasks = {'t': tasks}
        text = ['format: 1', 'purpose: A row of a table.', f'mount: {mount}',
                f'server: {server}', f'files: {files}', extra, 'tasks:']
        for name, ops in tasks.items():
            text += [f'  {name}:'] + [f'    - {op}' for op in ops]
        case.write('w.yaml', '\n'.join(text) + '\n')
        p = case.run_tool('run', 'w.yaml', '--json', '--trace', 'trace', '--all-events',
                          '--results', 'results')
        if p.returncode not in (e2e.MET, e2e.VIOLATED):
            raise AssertionError(p.err)
        self.json = json.loads(p.out)
        self.results = case.read('results')
        self.trace = case.read('trace')
        self.messages = self._messages()

    def _messages(self):
        found, waiting = [], collections.defaultdict(list)
        for m in re.finditer(r' (\d+)\.(\d{6}): sim:rpc: (queued|received) (\w+) client=\d+ (R=\S+) '
                             r's=(\w+) l=(\w+) e=(-?\d+)', self.trace):
            ms = int(m[1]) * 1000 + int(m[2]) / 1000
            key = m[4], m[5], m[6]
            if m[3] == 'queued':
                waiting[key].append(len(found))
                found.append(Message(m[4], int(m[6], 16), int(m[7], 16), ms, None, 0))
            else:
                i = waiting[key].pop(0)
                found[i] = found[i]._replace(back_ms=ms, error=int(m[8]))
        return found

    def of(self, *ops):
        return [m for m in self.messages if m.op in ops]

    def sizes(self, op):
        return [m.len for m in self.of(op)]

    def starts(self, op):
        return [m.start for m in self.of(op)]

    def in_flight(self, op):
        """Most messages of a kind under way at one time."""
        return most([(m.sent_ms, 1) for m in self.of(op)] + [(m.back_ms, -1) for m in self.of(op)])

    def times_ms(self, event):
        """When the lines of the trace that match came."""
        return [int(m[1]) * 1000 + int(m[2]) / 1000 for m in
                re.finditer(r' (\d+)\.(\d{6}): %s' % event, self.trace)]

    def count(self, event):
        return len(self.times_ms(event))

    def alive(self, made, gone):
        """Most objects at one time, by the events that make and end them, in the order of the trace."""
        steps = [(m.start(), -1 if m[1] else 1)
                 for m in re.finditer(rf' \d+\.\d{{6}}: (?:{made}|({gone}))', self.trace)]
        return most(steps)

    def latency_ms(self, op):
        return self.json['operations'][op]['latency_ns']['max'] / 1e6

    def result(self, call):
        return re.search(rf'^\d+ t\d+ {call}\b.* => (?:ret=)?(\S+)', self.results, re.M)[1]


def most(steps):
    """The largest sum on the way of (when, +1 or -1), ends before beginnings."""
    now = highest = 0
    for _, step in sorted(steps):
        now += step
        highest = max(highest, now)
    return highest


class Row(e2e.Case):
    def go(self, *args, **named):
        run = Run(self, *args, **named)
        self.assertEqual(run.json['violations'], [])
        return run

    def took(self, run, **ms):
        """The longest call of each kind, in ms."""
        self.assertEqual({op: run.latency_ms(op) for op in ms}, ms)

    def expect(self, run, op, sizes, parallel=None):
        self.assertEqual(run.sizes(op), sizes)
        if parallel:
            self.assertEqual(run.in_flight(op), parallel)


# The mounts of the rows, and what the message of an fsync adds.
ALL = ((NINE_P, L), (AFS, 0), (ASYNC, L))
# A cache whose disk takes no time.
NO_TIME = 'cache: {bandwidth: 0KiB/s, read_latency: 0, write_latency: 0}'
W1 = ['open: {file: f, as: fd, flags: [wronly, creat]}',
      'sequential: {op: write, fd: fd, count: 256, block: 4KiB}', 'fsync: fd']


class Writes(Row):
    def test_w1_stream(self):
        run = self.go(NINE_P, W1)
        self.expect(run, 'write', 16 * [65512] + [384], 1)
        self.assertEqual(len(run.of('fsync')), 1)
        self.assertEqual(run.latency_ms('fsync'), 17 * L + L)
        self.assertEqual((run.json['requests'], run.json['subrequests']), (1, 1))
        run = self.go(AFS, W1)
        self.expect(run, 'write', [MIB])
        self.assertEqual(run.latency_ms('fsync'), L)
        run = self.go(ASYNC, W1)
        self.expect(run, 'write', 16 * [65536], 16)
        self.assertEqual(run.latency_ms('fsync'), L + L)
        self.assertEqual((run.json['requests'], run.json['subrequests']), (1, 16))

    def test_c4_objects_at_the_peak(self):
        for mount, sreqs in ((NINE_P, 1), (AFS, 1), (ASYNC, 16)):
            # Another task writes to each page under way: it finds none locked.
            run = self.go(mount, {'t': W1[:2] + ['barrier: go', 'fsync: fd'], 'other': [
                'open: {file: f, as: fd, flags: [wronly, creat]}', 'barrier: go', 'sleep: 5ms', W1[1]]})
            self.assertEqual(run.json['peak_writeback_bytes'], MIB)
            self.assertEqual(run.alive('netfs_rreq_ref: R=\\S+ NEW', 'netfs_rreq: R=\\S+ .. FREE'), 1)
            self.assertEqual(run.alive('netfs_sreq: .* PREP', 'netfs_sreq: .* FREE'), sreqs)
            self.assertEqual(run.latency_ms('write'), 0)

    def test_w2_far_apart(self):
        ops = ['open: {file: f, as: fd, flags: [wronly]}',
               'strided: {op: write, fd: fd, count: 16, block: 4KiB, stride: 64KiB}', 'fsync: fd']
        for mount, fsync in ((NINE_P, 1), (AFS, 0), (ASYNC, 1)):
            run = self.go(mount, ops, files='{f: {size: 1MiB}}')
            self.expect(run, 'write', 16 * [4096], 1)
            self.assertEqual(run.starts('write'), [i * 65536 for i in range(16)])
            self.assertEqual(run.latency_ms('fsync'), 16 * L + fsync * L)
            self.assertEqual(run.json['requests'], 16)

    def test_w3_one_byte(self):
        def ops(flags, *first):
            return [f'open: {{file: f, as: fd, flags: [{flags}]}}', *first,
                    'write: {fd: fd, at: 5000, len: 1}', 'fsync: fd']

        for mount, fsync in ALL:
            run = self.go(mount, ops('wronly'), files='{f: {size: 64KiB}}')
            self.expect(run, 'read', [])
            self.expect(run, 'write', [1])
            self.assertEqual(run.starts('write'), [5000])
            self.took(run, write=0, fsync=L + fsync)
            run = self.go(mount, ops('rdwr'), files='{f: {size: 64KiB}}')
            self.expect(run, 'read', [4096])
            self.expect(run, 'write', [4096])
            self.assertIn('PREFETCHW', run.trace)
            self.took(run, write=L, fsync=L + fsync)
            run = self.go(mount, ops('rdwr', 'read: {fd: fd, at: 4KiB, len: 4KiB}'),
                          files='{f: {size: 64KiB}}')
            reads = len(run.of('read'))
            self.expect(run, 'write', [4096])
            self.assertEqual(run.starts('write'), [4096])
            self.assertNotIn('PREFETCHW', run.trace)
            self.assertTrue(all(m.back_ms <= run.of('write')[0].sent_ms for m in run.of('read')), reads)
            self.took(run, write=0, fsync=L + fsync)

    def test_w4_appends(self):
        ops = ['open: {file: f, as: fd, flags: [wronly, creat]}',
               'sequential: {op: write, fd: fd, count: 41, block: 100}', 'fsync: fd']
        for mount, fsync in ALL:
            run = self.go(mount, ops)
            self.expect(run, 'write', [4100])
            self.took(run, write=0, fsync=L + fsync)

    def test_w5_dsync(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr, creat]}',
               'repeat: {times: 4, step: 4KiB, do: [{write: {fd: fd, at: 0, len: 4KiB, rwf: [dsync]}}]}']
        for mount, fsync in ((NINE_P, L), (AFS, 0), (ASYNC, 0)):
            run = self.go(mount, ops)
            self.expect(run, 'write', 4 * [4096], 1)
            self.assertEqual(len(run.of('fsync')), 4 if fsync else 0)
            self.assertEqual(run.count('netfs_write: .* WRITETHRU'), 4)
            self.took(run, write=L + fsync)

    def test_w6_dsync_pieces(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr, creat]}',
               'write: {fd: fd, at: 0, len: 100, rwf: [dsync]}',
               'write: {fd: fd, at: 100, len: 100, rwf: [dsync]}']
        for mount, fsync in ((NINE_P, L), (AFS, 0), (ASYNC, 0)):
            run = self.go(mount, ops)
            self.expect(run, 'write', [100, 100], 1)
            self.assertEqual(run.starts('write'), [0, 100])
            self.took(run, write=L + fsync)

    def test_w7_direct(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr, creat, direct]}',
               'write: {fd: fd, at: 0, len: 1MiB}']
        # one page in a message: so a recording has it (netfs-6.8-recorded.md, C7)
        for mount, sizes, parallel in ((NINE_P, 256 * [4096], 1), (AFS, [MIB], 1),
                                       (ASYNC, 16 * [65536], 16)):
            run = self.go(mount, ops)
            self.expect(run, 'write', sizes, parallel)
            self.took(run, write=L * len(sizes) / parallel)
            self.assertEqual(run.count('netfs_write: '), 1)

    def test_w9_failed_upload(self):
        for error, tag in (('EIO', 'kill'), ('ENOSPC', 'redirty')):
            for mount, sent in ((AFS, 1), (ASYNC, 16)):
                run = Run(self, mount, W1[:2] + ['fsync: {fd: fd, ret: %s}' % error],
                          extra='faults: [{on: write, nth: %d, do: {error: %s}}]' % (min(sent, 3), error))
                self.assertEqual(run.json['failures'], [])
                self.assertEqual([m.error for m in run.of('write')[:sent]].count(0), sent - 1)
                self.assertEqual(run.count('netfs_folio: .* %s\n' % tag), 256)
                self.took(run, fsync=L)
                self.assertEqual(len(run.of('write')) > sent, tag == 'redirty')

    def test_w10_try_again(self):
        for (mount, fsync), sent in zip(ALL[1:], (1, 16)):
            run = Run(self, mount, W1[:2] + ['fsync: {fd: fd, ret: EAGAIN}', 'fsync: {fd: fd, ret: 0}'],
                      extra='faults: [{on: write, nth: %d, do: {error: EAGAIN}}]' % min(sent, 3))
            self.assertEqual(run.json['failures'], [])
            self.assertEqual(run.count('netfs_folio: .* redirty\n'), 256)
            self.expect(run, 'write', 2 * sent * [MIB // sent], sent)
            self.assertEqual(run.of('write')[sent].sent_ms, run.of('write')[0].back_ms)
            self.took(run, fsync=L + fsync)

    def test_w12_with_a_cache(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr, creat]}',
               'sequential: {op: write, fd: fd, count: 16, block: 4KiB}', 'fsync: fd']
        for mount, fsync in (('{fs: 9p, msize: 128KiB, cache: fscache}', L),
                             ('{fs: afs, large_folios: false, cache: fscache}', 0)):
            run = self.go(mount, ops, extra=NO_TIME)
            self.expect(run, 'write', [65536])
            self.assertEqual(run.count('netfs_sreq: .* WRIT SUBMT'), 1)
            self.assertEqual(run.count('netfs_sreq: .* UPLD SUBMT'), 1)
            self.took(run, fsync=L + fsync)

    def test_w12b_large_with_a_cache(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr, creat]}',
               'sequential: {op: write, fd: fd, count: 1024, block: 4KiB}', 'fsync: fd']
        run = self.go('{fs: cifs, wsize: 64KiB, fsc: true}', ops, extra=NO_TIME)
        self.expect(run, 'write', 64 * [65536], 64)
        self.assertEqual(run.starts('write'), [i * 65536 for i in range(64)])
        self.assertEqual(re.findall(r'WRIT SUBMT f=\S+ s=(\S+) (\S+) ', run.trace), [('0', '0/400000')])
        self.assertEqual(run.count('netfs_sreq: .* UPLD SUBMT'), 64)
        self.assertEqual(run.json['requests'], 1)
        self.took(run, write=0, fsync=L + L)

    def test_w11_short_write(self):
        """6.8 as it was takes a short write for a whole one, and nobody hears of it."""
        run = Run(self, ASYNC, W1[:2] + ['fsync: {fd: fd, ret: 0}', 'srv_dump: {file: f, label: d}'],
                  extra='design: {bugs: [as-released]}\ncheck: report\n'
                  'faults: [{on: write, nth: 3, do: {short: 32768}}]\nexpect: {results: {t.d: 0}}')
        self.assertEqual(run.sizes('write'), 16 * [65536])
        lost = run.json['violations'][0]
        self.assertEqual(lost['rule'], 'I3')
        self.assertIn('byte 0x28000: the server has <never written>', lost['text'])

    def test_w13_read_into_the_cache(self):
        ops = ['open: {file: f, as: fd, flags: [rdwr]}', 'read: {fd: fd, at: 0, len: 128KiB}', 'sleep: 1s',
               'trace_off', 'fsync: fd']
        for mount, fsync in (('{fs: 9p, msize: 256KiB, cache: fscache, readahead: 128KiB}', L),
                             ('{fs: afs, large_folios: false, cache: fscache, readahead: 128KiB}', 0)):
            run = self.go(mount, ['trace_on: {file: f}'] + ops, files='{f: {size: 128KiB}}')
            read = run.of('read')[0]
            self.assertEqual(run.times_ms(r'netfs_folio: .* copy\n'), 32 * [read.back_ms])
            self.assertEqual(run.times_ms('netfs_sreq: .* WRITE'), [read.back_ms])
            self.assertEqual(run.count(r'netfs_folio: .* end-copy\n'), 32)
            self.expect(run, 'write', [])
            self.took(run, read=L, fsync=fsync)

    def test_w14_class_lock(self):
        first = ['open: {file: f, as: a, flags: [rdwr]}', 'read: {fd: a, at: 0, len: 4KiB}', 'barrier: go']
        run = self.go(NINE_P, {
            'writer': first + ['write: {fd: a, at: 0x101000, len: 1MiB}'],
            'reader': ['open: {file: f, as: b, flags: [rdwr]}', 'barrier: go', 'sleep: 1ns',
                       'read: {fd: b, at: 0, len: 4KiB}']},
            files='{f: {size: 4MiB}}', extra='costs: {copy_page: 1ms}\ncpus: 2')
        # 256 pages of 1 ms, and its own
        self.assertAlmostEqual(run.latency_ms('read'), 257, delta=0.001)
        run = self.go(NINE_P, {
            'one': ['open: {file: f, as: a, flags: [wronly]}', 'barrier: go', 'write: {fd: a, at: 0, len: 1MiB}'],
            'two': ['open: {file: f, as: b, flags: [wronly]}', 'barrier: go', 'write: {fd: b, at: 1MiB, len: 1MiB}']},
            files='{f: {size: 4MiB}}', extra='costs: {copy_page: 1ms}\ncpus: 2')
        self.assertEqual(run.latency_ms('write'), 512)

    def test_w15_two_who_write_back(self):
        ops = ['open: {file: f, as: fd, flags: [wronly]}',
               'strided: {op: write, fd: fd, count: 16, block: 4KiB, stride: 64KiB}', 'sleep: 105ms', 'fsync: fd']
        run = self.go(NINE_P, ops, files='{f: {size: 1MiB}}', extra='memory: {writeback_interval: 100ms}')
        self.expect(run, 'write', 16 * [4096], 2)

    def test_c3_slowest_upload_decides(self):
        delays = (0, 30, 10, 20)  # beyond the 10 ms of each
        faults = ', '.join('{on: write, nth: %d, do: {delay: %dms}}' % (i + 1, d)
                           for i, d in enumerate(delays) if d)
        run = self.go(ASYNC, ['open: {file: f, as: fd, flags: [wronly, creat]}',
                              'write: {fd: fd, at: 0, len: 256KiB}', 'fsync: fd'], extra=f'faults: [{faults}]')
        sent = run.of('write')[0].sent_ms
        self.assertEqual([m.back_ms - sent for m in run.of('write')], [10, 40, 20, 30])
        self.assertEqual(run.times_ms(r'netfs_folio: .* clear\S*\n'), 64 * [sent + 40])


class Reads(Row):
    def test_w8_one_window(self):
        ops = ['open: {file: f, as: fd}', 'read: {fd: fd, at: 0, len: 128KiB}']
        files = '{f: {size: 128KiB}}'
        run = self.go(NINE_P.replace('}', ', readahead: 128KiB}'), ops, files=files)
        self.expect(run, 'read', [65512, 65512, 48], 1)
        self.assertEqual(run.latency_ms('read'), 3 * L)
        run = self.go(AFS.replace('}', ', readahead: 128KiB}'), ops, files=files)
        self.expect(run, 'read', [128 * KIB])
        self.assertEqual(run.latency_ms('read'), L)
        run = self.go(ASYNC, ops, files=files)
        self.expect(run, 'read', 4 * [32 * KIB], 4)
        self.assertEqual(run.latency_ms('read'), L)

    def test_w8b_rsize(self):
        ops = ['open: {file: f, as: fd}', 'read: {fd: fd, at: 0, len: 512KiB}']
        run = self.go('{fs: afs, large_folios: false, readahead: 512KiB}', ops, files='{f: {size: 512KiB}}')
        self.expect(run, 'read', 2 * [256 * KIB])
        self.assertEqual(len(re.findall(r'netfs_read: .* READAHEAD', run.trace)), 1)

    def test_c3_slowest_download_decides(self):
        for delays in ((30, 0, 20, 10), (0, 30, 10, 20)):
            faults = ', '.join('{on: read, nth: %d, do: {delay: %dms}}' % (i + 1, d)
                               for i, d in enumerate(delays) if d)
            for at in (0, 64 * KIB):
                run = self.go(ASYNC, ['open: {file: f, as: fd}', 'fadvise: {fd: fd, advice: willneed, len: 128KiB}',
                                      'read: {fd: fd, at: %d, len: 4KiB}' % at],
                              files='{f: {size: 128KiB}}', extra=f'faults: [{faults}]')
                self.assertEqual(run.latency_ms('read'), 40)

    def test_windows(self):
        """A file of 1 MiB read in pages: the windows grow up to the limit."""
        ops = ['open: {file: f, as: fd}', 'sequential: {op: read, fd: fd, count: 256, block: 4KiB}']
        for limit, pages in ((32, [4, 8, 16] + 7 * [32] + [4]), (31, [2, 4, 8, 16] + 7 * [31] + [9]),
                             (15, [2, 4, 8] + 16 * [15] + [2])):
            run = self.go(f'{{fs: afs, large_folios: false, readahead: {4 * limit}KiB}}', ops,
                          files='{f: {size: 1MiB}}')
            self.expect(run, 'read', [4096 * n for n in pages])


def number(text):
    """Of a size, a rate or a time as scenarios have them: bytes, seconds."""
    value, unit = re.fullmatch(r'(\d+)(\w*)(?:/s)?', text).groups()
    return int(value) * {'': 1, 'KiB': KIB, 'MiB': MIB, 'us': 1e-6, 'ms': 1e-3}[unit]


def slope(points):
    """Of the line through points: least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((p[0] - x) * (p[1] - y) for p in points) / sum((p[0] - x) ** 2 for p in points)


class Curves(Row):
    """Lines up to a plateau. Their slopes are those of the arithmetic, within 1 %."""

    def near(self, value, expected):
        self.assertAlmostEqual(value / expected, 1, delta=0.01)

    def rate(self, op, nbytes, *args, **named):
        """Bytes a second, from the time that all calls of a kind took together."""
        run = self.go(*args, **named)
        figures = run.json['operations'][op]
        return nbytes / (figures['count'] * figures['latency_ns']['mean'] / 1e9)

    def test_wsize(self):
        points = []
        for kib in (16, 32, 64, 128):
            ops = W1[:1] + ['sequential: {op: write, fd: fd, count: 64, block: 128KiB}', 'fsync: fd']
            rate = self.rate('fsync', 8 * MIB, f'{{fs: 9p, wsize: {kib}KiB, cache: loose}}', ops)
            # the message of fsync itself takes L as well
            points.append((kib * KIB, 1 / (1 / rate - L / 1e3 / (8 * MIB))))
        self.near(slope(points), 1000 / L)
        for wsize, rate in points:
            self.near(rate, wsize * 1000 / L)

    def test_latency(self):
        points = []
        for ms in (1, 2, 5, 10, 20):
            ops = ['open: {file: f, as: fd}', 'sequential: {op: read, fd: fd, count: 64, block: 256KiB}']
            rate = self.rate('read', 16 * MIB, '{fs: afs, rsize: 256KiB, readahead: 1MiB}', ops,
                             files='{f: {size: 16MiB}}', server=f'{{latency: {500 * ms}us}}')
            points.append((ms / 1000, 1 / rate))
        self.near(slope(points), 1 / (256 * KIB))

    def test_bandwidth_is_the_plateau(self):
        """Messages that overlap fill the link; the line over wsize ends at its bandwidth."""
        for kib in (64, 256, 1024):
            ops = W1[:1] + ['sequential: {op: write, fd: fd, count: 64, block: 1MiB}', 'fsync: fd']
            rate = self.rate('fsync', 64 * MIB, f'{{fs: ceph, wsize: {kib}KiB}}', ops,
                             server='{latency: 100us, bandwidth: 100MiB/s, slots: 0}')
            self.near(rate, 100 * MIB)
        points = []
        for mib in (16, 32, 64, 128):
            ops = W1[:1] + [f'sequential: {{op: write, fd: fd, count: {mib}, block: 1MiB}}', 'fsync: fd']
            run = self.go('{fs: afs}', ops, server='{latency: 100us, bandwidth: 100MiB/s}')
            points.append((run.latency_ms('fsync') / 1000, mib * MIB))
        self.near(slope(points), 100 * MIB)

    def test_write_modes(self):
        """What one call takes: a message there and back, and for 9P another one of fsync."""
        modes = (('rwf: [dsync]', NINE_P, '', 2), ('rwf: [dsync]', AFS, '', 1), ('', AFS, ', direct', 1))
        for rwf, mount, flag, messages in modes:
            points = []
            for kib in (4, 8, 16, 32):
                ops = [f'open: {{file: f, as: fd, flags: [rdwr, creat{flag}]}}',
                       f'repeat: {{times: 16, step: {kib}KiB, do: [{{write: {{fd: fd, at: 0, len: {kib}KiB'
                       f'{", " + rwf if rwf else ""}}}}}]}}']
                points.append((kib * KIB, self.rate('write', 16 * kib * KIB, mount, ops)))
            self.near(slope(points), 1000 / L / messages)

    def test_cold_and_warm(self):
        first, again = [], []
        for mib in (8, 16, 32, 64):
            seq = f'sequential: {{op: read, fd: fd, count: {mib}, block: 1MiB, range: {mib}MiB}}'
            files = f'{{f: {{size: {mib}MiB}}}}'
            named = {'files': files, 'extra': 'memory: {copy_bandwidth: 2GiB/s}',
                     'server': '{latency: 5us, bandwidth: 100MiB/s}'}
            mount = '{fs: afs, readahead: 4MiB, rsize: 4MiB}'
            cold = self.go(mount, ['open: {file: f, as: fd}', seq], **named).json['operations']['read']
            both = self.go(mount, ['open: {file: f, as: fd}', seq, seq], **named).json['operations']['read']
            cold = cold['count'] * cold['latency_ns']['mean'] / 1e9
            first.append((cold, mib * MIB))
            again.append((both['count'] * both['latency_ns']['mean'] / 1e9 - cold, mib * MIB))
        # each byte comes over the link, and is copied
        self.near(1 / slope(first), 1 / (100 * MIB) + 1 / (2048 * MIB))
        self.near(slope(again), 2048 * MIB)

    def test_knee(self):
        """Memory fills at the speed of copying up to half-way between the limits, then at the server's."""
        run = self.go('{fs: afs}', W1[:1] + ['sequential: {op: write, fd: fd, count: 2048, block: 1MiB}'],
                      server='{latency: 100us, bandwidth: 200MiB/s}',
                      extra='memory: {total: 1GiB, copy_bandwidth: 2GiB/s}')
        ends = [int(m[1]) + int(m[2]) / 1e6 for m in
                re.finditer(r' (\d+)\.(\d{6}): sim:syscall: exit .* write ', run.trace)]
        points = [(at, (i + 1) * MIB) for i, at in enumerate(ends)]
        knee = next(i for i in range(1, len(ends)) if ends[i] - ends[i - 1] > 0.005)
        self.assertAlmostEqual(knee, 0.15 * 1018, delta=3)
        self.near(slope(points[:knee]), 2048 * MIB)
        self.near(slope(points[2 * knee:]), 200 * MIB)


class Plans(Row):
    """The curves of plots/plans/: their slopes before the plateau, and their pictures."""

    near = Curves.near

    def sweep(self, name):
        """First axis -> second axis (None) -> bytes a second."""
        plan = os.path.join(e2e.ROOT, 'plots', 'plans', name + '.yaml')
        self.run_tool('sweep', plan, '--jobs', '1', '-o', name, code=e2e.MET)
        rows = [line.split() for line in self.read(name).split('\n') if line and line[0] != '#']
        self.assertEqual({row[-3] for row in rows}, {'met'})
        lines = collections.defaultdict(list)
        for row in rows:
            lines[row[2] if len(row) == 6 else None].append((number(row[1]), int(row[-2])))
        if shutil.which('gnuplot'):
            self.run_tool('plot', name, '-o', name + '.svg', code=e2e.MET)
            self.assertIn('<svg', self.read(name + '.svg'))
        return lines

    def test_wsize(self):
        lines = self.sweep('wsize')
        self.near(slope([p for p in lines['20ms'] if p[0] <= 64 * KIB]), 1 / 0.040)
        for points in lines.values():
            rates = [rate for _, rate in points]
            self.assertEqual(rates, sorted(rates))
            self.assertLess(rates[-1], 1024 * MIB)
        # the knee: what one more byte brings where the link takes as long as the way there and back
        first, last = lines['1ms'][:2], lines['1ms'][-2:]
        self.assertLess(slope(last), slope(first) / 40)

    def test_latency(self):
        for wsize, points in self.sweep('latency').items():
            self.near(slope([(2 * at, 1 / rate) for at, rate in points]), 1 / number(wsize))

    def test_write_mode(self):
        lines = self.sweep('write-mode')
        for flags in ('sync', 'direct'):
            self.near(slope(lines[f'[wronly,creat,{flags}]']), 1 / 0.010)
        for (_, buffered), (_, sync) in zip(lines['[wronly,creat]'], lines['[wronly,creat,sync]']):
            self.assertGreater(buffered, 10 * sync)

    def test_cache_size(self):
        points = self.sweep('cache-size')[None]
        small, large = points[0][1], points[-1][1]
        self.assertEqual([rate for _, rate in points],
                         [small if total <= 128 * MIB else large for total, _ in points])
        self.near(1 / (2 / large - 1 / small), 4096 * MIB)

    def test_local_cache(self):
        """Cold: the time falls with the link. Warm: the link does not matter, its disk does."""
        lines = self.sweep('local-cache')
        self.near(slope([(1 / link, ns / 1e9) for link, ns in lines['strict']]), 64 * MIB)
        warm = {ns for _, ns in lines['fscache']}
        self.assertEqual(len(warm), 1)
        # what is ahead comes from the disk while what has come is copied
        self.near(64 * MIB / (warm.pop() / 1e9), 500 * MIB)


if __name__ == '__main__':
    e2e.main()
