#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""trace print, stat, diff, check, import."""
import json
import os
import re
import unittest

import e2e

KERNEL = os.path.join(e2e.ROOT, 'traces', 'kernel', '6.8-9p')
TRACE = os.path.join(KERNEL, 'streamw-read2', 'trace.txt')


def lines_of(path):
    with open(path) as f:
        return f.read().split('\n')[:-1]


class Print(e2e.Case):
    def test_everything(self):
        self.assertEqual(self.run_tool('trace', 'print', TRACE, code=e2e.MET).out.split('\n')[:-1], lines_of(TRACE))
        with open(TRACE, 'rb') as f:
            self.assertEqual(self.run_tool('trace', 'print', '-', stdin=f.read(), code=e2e.MET).out.split('\n')[:-1],
                             lines_of(TRACE))

    def test_filters(self):
        def printed(*args):
            return self.run_tool('trace', 'print', TRACE, *args, code=e2e.MET).out.split('\n')[:-1]
        everything = lines_of(TRACE)
        self.assertEqual(printed('-e', 'netfs_sreq'), [x for x in everything if ': netfs_sreq: ' in x])
        self.assertEqual(printed('-e', 'netfs_*ref'), [x for x in everything if re.search(r': netfs_\w*ref: ', x)])
        number = re.search(r'R=([0-9a-f]+) NEW', '\n'.join(everything))[1]
        self.assertEqual(printed('-R', number), [x for x in everything if re.search(r': R=%s\b' % number, x)])
        self.assertEqual(printed('-R', 'R=' + number), printed('-R', number.lstrip('0')))
        self.assertEqual(printed('-n', '3'), everything[:3])
        self.assertEqual(printed('-t', 'wl'), [x for x in everything if x.lstrip().startswith('wl-')])
        self.assertEqual(printed('-t', 'nobody'), [])
        self.assertEqual(printed('-e', 'netfs_sreq', '-e', 'netfs_rreq', '-t', 'wl', '-t', 'kworker*'),
                         [x for x in everything if re.search(r': netfs_[rs]req: ', x) and
                          re.match(r' *(wl|kworker\S*)-', x)])
        self.assertEqual(printed('-e', '!netfs_*ref', '-e', '!mm_*'),
                         [x for x in everything if not re.search(r': (netfs_\w*ref|mm_\w+): ', x)])
        self.assertEqual(printed('-e', 'netfs_*', '-e', '!netfs_*ref'),
                         [x for x in everything if re.search(r': netfs_(?!\w*ref: )', x)])
        times = [float(re.search(r' (\d+\.\d+): ', x)[1]) for x in everything]
        self.assertEqual(printed('--from', '100ms', '--to', '250ms'),
                         [x for x, t in zip(everything, times) if 0.1 - 1e-7 <= t - times[0] <= 0.25 + 1e-7])

    def test_json(self):
        rows = json.loads(self.run_tool('trace', 'print', TRACE, '--json', '-e', 'netfs_sreq', code=e2e.MET).out)
        self.assertEqual(len(rows), len([x for x in lines_of(TRACE) if ': netfs_sreq: ' in x]))
        self.assertEqual(rows[0]['event'], 'netfs_sreq')
        self.assertIn('DOWN', rows[0]['text'])
        self.assertEqual(json.loads(self.run_tool('trace', 'print', '-', '--json', code=e2e.MET).out), [])


class Stat(e2e.Case):
    def test_counts(self):
        j = json.loads(self.run_tool('trace', 'stat', TRACE, '--json', code=e2e.MET).out)
        events = {r['event']: r['count'] for r in j['events']}
        everything = lines_of(TRACE)
        for name, count in events.items():
            self.assertEqual(count, len([x for x in everything if ' %s: ' % name in x]), name)
        requests = {r['kind']: r for r in j['requests']}
        news = [x for x in everything if 'netfs_rreq_ref' in x and 'NEW' in x]
        self.assertEqual(sum(r['count'] for r in requests.values()), len(news))
        uploaded = [x for x in everything if re.search(r'netfs_sreq: .* UPLD TERM ', x)]
        upload = [r for r in j['subrequests'] if r['kind'] == 'UPLD'][0]
        self.assertEqual(upload['count'], len(uploaded))
        self.assertEqual(upload['bytes'], sum(int(re.search(r' ([0-9a-f]+)/[0-9a-f]+ e=', x)[1], 16) for x in uploaded))

    def test_own_trace(self):
        self.write('a.yaml', e2e.SMALL)
        stats = json.loads(self.run_tool('run', 'a.yaml', '--json', '--trace', 't', '--all-events', code=e2e.MET).out)
        j = json.loads(self.run_tool('trace', 'stat', 't', '--json', code=e2e.MET).out)
        self.assertEqual(j['purpose'], 'One task writes and another one reads.')
        messages = {r['kind']: r for r in j['messages']}
        self.assertEqual(messages['write']['bytes'], 512)
        calls = {r['kind']: r for r in j['calls']}
        self.assertEqual(calls['write']['count'], 1)
        self.assertEqual(calls['read']['bytes'], 4096)
        self.assertTrue(stats)

    def test_text_and_histogram(self):
        text = self.run_tool('trace', 'stat', TRACE, '--hist', code=e2e.MET).out
        self.assertIn('subrequests\nKIND', text)
        rows = re.findall(r'^  \[\S+, \S+\) +(\d+) \|[@ ]{40}\|$', text, re.M)
        self.assertTrue(rows)


class Diff(e2e.Case):
    def test_same_and_different(self):
        with open(TRACE) as f:
            text = f.read()
        self.write('b', text.replace(' TERM ', ' TERX ', 1))
        self.run_tool('trace', 'diff', TRACE, TRACE, code=e2e.MET)
        p = self.run_tool('trace', 'diff', TRACE, 'b', code=e2e.VIOLATED)
        self.assertIn('difference', p.out)
        self.assertRegex(self.run_tool('trace', 'diff', TRACE, 'b', '-q', code=e2e.VIOLATED).out,
                         r'^L1 \d+/\d+ L2 \d+/\d+ L3 \d+/\d+ pages (\d+)/\1\n$')
        j = json.loads(self.run_tool('trace', 'diff', TRACE, 'b', '--json', code=e2e.VIOLATED).out)
        self.assertEqual([row['level'] for row in j['levels']], [1, 2, 3])
        self.assertIsNotNone(j['levels'][2]['first_difference'])

    def test_sides_have_the_names_of_the_files(self):
        with open(TRACE) as f:
            text = f.read()
        changed = text.replace(' TERM ', ' TERX ', 1)
        os.mkdir(self.path('d'))
        self.write('old.trace', text)
        for name, left, right in (('new.trace', 'old.trace', 'new.trace'), ('d/old.trace', 'old.trace', 'd/old.trace')):
            self.write(name, changed)
            out = self.run_tool('trace', 'diff', 'old.trace', name, code=e2e.VIOLATED).out
            self.assertRegex(out, r'(?m)^    %s +%s$' % (re.escape(left), re.escape(right)))
            self.assertNotIn('kernel ', out)
            self.assertNotIn('simulator', out)
            j = json.loads(self.run_tool('trace', 'diff', 'old.trace', name, '--json', code=e2e.VIOLATED).out)
            first = j['levels'][0]['first_difference'] or j['levels'][2]['first_difference']
            self.assertRegex(first, r'\n    %s +\S.*\n    %s +\S' % (re.escape(left), re.escape(right)))

    def test_level_decides(self):
        with open(TRACE) as f:
            text = f.read()
        self.write('b', re.sub(r'(netfs_rreq: \S+ \S+) DONE ', r'\1 DONX ', text, 1))
        self.run_tool('trace', 'diff', TRACE, 'b', '--level', '2', code=e2e.MET)
        self.run_tool('trace', 'diff', TRACE, 'b', '--level', '3', code=e2e.VIOLATED)

    def test_the_page_cache_is_beside_the_levels(self):
        with open(TRACE) as f:
            text = f.read()
        self.write('b', text.replace('mm_filemap_add_to_page_cache', 'mm_filemap_delete_from_page_cache', 1))
        p = self.run_tool('trace', 'diff', TRACE, 'b', code=e2e.MET)
        self.assertIn('first difference in the page cache: folio ix=', p.out)
        m = re.search(r' pages (\d+)/(\d+)\n', p.out)
        self.assertEqual(int(m[1]), int(m[2]) - 1)
        pages = json.loads(self.run_tool('trace', 'diff', TRACE, 'b', '--json', code=e2e.MET).out)['pages']
        self.assertEqual((pages['match'], pages['of']), (int(m[1]), int(m[2])))
        self.assertIn('folio ix=', pages['first_difference'])


class Check(e2e.Case):
    CASES = ('append', 'read-eof', 'streamw-fsync-noread', 'trunc', 'write4k-new-fsync')

    def test_matching_recordings(self):
        p = self.run_tool('trace', 'check', *[os.path.join(KERNEL, c) for c in self.CASES], code=e2e.MET)
        lines = p.out.split('\n')
        for case, line in zip(self.CASES, lines):
            m = re.fullmatch(r'L1 (\d+)/(\d+) L2 (\d+)/(\d+) L3 (\d+)/(\d+) pages (\d+)/\7 calls (\d+)/(\d+) server '
                             r'ok  (\S+)', line)
            self.assertTrue(m[10].endswith('/' + case))
        self.assertEqual(lines[-2], '5 recordings: match L1 5, L2 5, L3 5, pages 5, calls 5, server 5')

    def test_other_seeds_are_tried_for_racing_tasks(self):
        case = os.path.join(KERNEL, 'par-bufw-dior')
        self.run_tool('trace', 'import', '--from', 'kernel', '--drawn', case, '-o', 'a.yaml', code=e2e.MET)
        os.makedirs(self.path('r'))
        for name in ('ops.txt', 'meta.txt'):
            with open(os.path.join(case, name)) as f:
                self.write('r/' + name, f.read())

        def record(seed):
            self.run_tool('run', 'a.yaml', '--seed', seed, '--trace', 'r/trace.txt', '--results', 'r/results.txt',
                          code=None)
        # Some order that the first seed does not give.
        for seed in range(1, 20):
            record(str(seed))
            if self.run_tool('trace', 'check', 'r', '--seeds', '1', code=None).returncode == e2e.VIOLATED:
                break
        p = self.run_tool('trace', 'check', 'r', code=e2e.MET)
        found = re.search(r'\(seed (\d+)\)', p.out)[1]
        self.assertIn('1 of them with another seed', p.out)
        self.run_tool('trace', 'check', 'r', '--seeds', '1', '--seed', found, code=e2e.MET)
        self.run_tool('trace', 'check', 'r', '--keep', 'kept', code=e2e.MET)
        self.run_tool('replay', 'kept', code=e2e.MET)
        self.run_tool('trace', 'diff', 'r/trace.txt', 'kept', code=e2e.MET)

    def test_match(self):
        p = self.run_tool('trace', 'check', KERNEL, '--match', 'write4k-*', code=e2e.MET)
        self.assertIn('\n1 recordings: ', p.out)

    def test_keep_lines_up_with_the_recording(self):
        case = os.path.join(KERNEL, 'append')
        self.run_tool('trace', 'check', case, '--keep', 'ours', code=e2e.MET)
        self.assertIn('the same', self.run_tool('replay', 'ours', code=e2e.MET).out)
        self.run_tool('trace', 'diff', os.path.join(case, 'trace.txt'), 'ours', code=e2e.MET)
        def markers(lines):
            return [re.search(r'tracing_mark_write: (.*)', x)[1] for x in lines if 'tracing_mark_write' in x]
        self.assertEqual(markers(lines_of(self.path('ours'))), markers(lines_of(os.path.join(case, 'trace.txt'))))
        self.run_tool('trace', 'check', KERNEL, '--keep', 'x', code=e2e.USAGE)

    def test_differences_are_shown(self):
        case = os.path.join(KERNEL, 'write4k-new-fsync')
        p = self.run_tool('trace', 'check', case, '-v', '-p', 'design.write_streaming=false', '-p',
                          'mount.msize=8KiB')
        self.assertIn(p.returncode, (e2e.MET, e2e.VIOLATED))
        p = self.run_tool('trace', 'check', case, '-v', '-p', 'tasks.wl.2.write.len=5', '--json')
        self.assertIn(p.returncode, (e2e.VIOLATED, e2e.USAGE))

    def test_json(self):
        rows = json.loads(self.run_tool('trace', 'check', KERNEL, '--match', 'append*', '--json', code=e2e.MET).out)
        self.assertEqual(len(rows), 2)
        self.assertTrue(rows[0]['match'])
        self.assertEqual(rows[0]['L1']['match'], rows[0]['L1']['of'])
        self.assertTrue(rows[0]['server_match'])

    def test_wrong_results_are_seen(self):
        os.makedirs(self.path('r'))
        for name in ('ops.txt', 'meta.txt', 'trace.txt', 'results.txt'):
            with open(os.path.join(KERNEL, 'append', name)) as f:
                self.write('r/' + name, f.read())
        self.run_tool('trace', 'check', 'r', code=e2e.MET)
        results = self.read('r/results.txt')
        self.write('r/results.txt', re.sub(r'=> ret=(\d+) fill', r'=> ret=9\1 fill', results, 1))
        self.assertRegex(self.run_tool('trace', 'check', 'r', '-v', code=e2e.VIOLATED).out, r'ret=9\d+')
        self.write('r/results.txt', re.sub(r'(srv_dump.*data=)\w', r'\1Q', results))
        self.assertIn('server DIFFERS', self.run_tool('trace', 'check', 'r', code=e2e.VIOLATED).out)


class Import(e2e.Case):
    def test_import_runs(self):
        self.run_tool('trace', 'import', '--from', 'kernel', os.path.join(KERNEL, 'append'), '-o', 'a.yaml', code=e2e.MET)
        self.run_tool('scenario', 'lint', 'a.yaml', code=e2e.MET)
        p = self.run_tool('run', 'a.yaml', '--trace', 't', '--results', 'r', code=None)
        self.assertIn(p.returncode, (e2e.MET, e2e.VIOLATED))
        self.run_tool('trace', 'diff', os.path.join(KERNEL, 'append', 'trace.txt'), 't', code=e2e.MET)
        self.run_tool('replay', 't', code=e2e.MET)
        self.assertEqual(self.run_tool('trace', 'import', '-F', 'kernel', os.path.join(KERNEL, 'append')).out,
                         self.read('a.yaml'))

    def test_reads_operations_and_mount_only(self):
        os.makedirs(self.path('r'))
        for name in ('ops.txt', 'meta.txt'):
            with open(os.path.join(KERNEL, 'append', name)) as f:
                self.write('r/' + name, f.read())
        self.run_tool('trace', 'import', '--from', 'kernel', 'r', code=e2e.MET)


if __name__ == '__main__':
    e2e.main()
