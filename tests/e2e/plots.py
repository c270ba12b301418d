#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""plot: every kind on every terminal, tables, what is missing."""
import os
import re
import shutil
import unittest
import xml.etree.ElementTree as ElementTree

import e2e

KINDS = ('throughput', 'inflight', 'dirty', 'latency', 'lanes')
KERNEL = os.path.join(e2e.ROOT, 'traces', 'kernel', '6.8-9p', 'write64k-x8-fsync', 'trace.txt')


def series(table):
    """title -> rows of a table that "plot --data" wrote."""
    found, rows = {}, None
    for line in table.split('\n'):
        m = re.match(r'# (?:series|calls) (.*)', line)
        if m:
            rows = found.setdefault(m[1], [])
        elif line and line[0] != '#':
            rows.append([int(x) for x in line.split()])
    return found


class Data(e2e.Case):
    """The tables: needs no gnuplot."""

    def data(self, kind, *more, path='t'):
        self.run_tool('plot', path, '--kind', kind, '--data', 'd', *more, code=e2e.MET)
        return series(self.read('d'))

    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '--trace', 't', '--all-events', '-q', code=e2e.MET)

    def test_throughput_adds_up_to_the_bytes(self):
        d = self.data('throughput')
        step = d['written to the server'][1][0] - d['written to the server'][0][0]
        for title, moved in (('written to the server', 512), ('written by calls', 512),
                             ('read by calls', 4096), ('read from the server', None)):
            total = sum(row[1] for row in d[title]) * step / 1e9
            if moved is not None:
                self.assertAlmostEqual(total, moved, delta=moved * 0.01 + 1, msg=title)

    def test_inflight_begins_and_ends_with_nothing(self):
        for title, rows in self.data('inflight').items():
            self.assertEqual(rows[0][0], 0, title)
            self.assertEqual(rows[-1][1], 0, title)
            self.assertEqual([r[0] for r in rows], sorted(r[0] for r in rows))

    def test_dirty_from_memory_and_from_folio_events(self):
        exact = self.data('dirty')
        self.assertEqual(max(r[1] for r in exact['dirty']), 4096)
        self.assertEqual(exact['under writeback'][-1][1], 0)
        self.run_tool('run', 'a.yaml', '--trace', 'k', '-q', code=e2e.MET)
        derived = self.data('dirty', path='k')
        self.assertEqual(max(r[1] for r in derived['dirty']), 4096)
        self.assertEqual(max(r[1] for r in derived['under writeback']), 4096)
        self.assertEqual(max(r[1] for r in self.data('dirty', path=KERNEL)['dirty']), 8 << 16)

    def test_latency_reaches_all(self):
        d = self.data('latency')
        self.assertIn('fsync (1)', d)
        for rows in d.values():
            self.assertEqual(rows[-1][1], 1000)

    def test_lanes(self):
        d = self.data('lanes')
        self.assertEqual(set(d), {'request', 'DOWN', 'UPLD'})
        for begin, end, lane, is_request in d['UPLD']:
            self.assertEqual(is_request, 0)
            parent = [r for r in d['request'] if r[2] == lane][0]
            self.assertTrue(parent[0] <= begin <= end <= parent[1])
        self.assertEqual(len(self.data('lanes', '--lanes', '1')['request']), 1)

    def test_lanes_of_several_clients(self):
        text = e2e.SMALL.replace('  reader:\n    - open', '  reader:\n    client: 1\n    do:\n    - open').replace(
            '    - read', '    - wait: writer.w\n    - read').replace('task writes', 'client writes')
        self.write('a.yaml', text + 'clients: 2\n')
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        self.assertRegex(self.read('t'), r'(?m)^# netfs-sim: client 0 \d+.*\n# netfs-sim: client 1 \d+')
        d = self.data('lanes')
        self.assertEqual([row[2] for row in d['request']], [0, 1])
        labels = re.findall(r'^# lane (?:\d+ )?(.*)', self.read('d'), re.M)
        self.assertEqual([label.split()[:2] for label in labels], [['c0', '1'], ['c1', '1']])
        for title in ('UPLD', 'DOWN'):
            for begin, end, lane, _ in d[title]:
                self.assertTrue(d['request'][lane][0] <= begin <= end <= d['request'][lane][1])

    def test_lanes_of_many_clients(self):
        tasks = ''.join('  t%d:\n    client: %d\n    do:\n      - open: {file: f, as: fd%d}\n'
                        '      - read: {fd: fd%d, at: 0, len: 4KiB}\n' % (n, n, n, n) for n in range(300))
        self.write('a.yaml', 'format: 1\npurpose: Many.\nclients: 300\nmemory: {total: 16MiB}\n'
                   'files: {f: {size: 4KiB}}\ntasks:\n' + tasks)
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        self.data('lanes', '--lanes', '400')
        self.assertEqual(sorted(map(int, re.findall(r'^# lane (?:\d+ )?c(\d+) ', self.read('d'), re.M))), list(range(300)))

    def test_table_in_place_of_a_trace(self):
        for kind in KINDS:
            self.data(kind)
            self.run_tool('plot', 'd', '--kind', kind, '--data', 'd2', code=e2e.MET)
            self.assertEqual(self.read('d'), self.read('d2'))
        self.assertIn('not of', self.run_tool('plot', 'd', '--kind', 'dirty', code=e2e.USAGE).err)
        self.write('bad', self.read('d') + 'x y\n')
        self.assertIn('bad:', self.run_tool('plot', 'bad', '--kind', 'lanes', code=e2e.USAGE).err)

    def test_several(self):
        self.run_tool('plot', 't', KERNEL, '--kind', 'dirty', '--data', 'd', code=e2e.MET)
        self.assertEqual(set(series(self.read('d'))),
                         {'t: dirty', 't: under writeback', 'trace.txt: dirty', 'trace.txt: under writeback'})

    def test_a_long_heading_of_characters_is_broken(self):
        words = 'A heading that is far wider than the picture it stands above'
        def heading(*args):
            script = self.run_tool('plot', 't', '--script', '--title', words, *args, code=e2e.MET).out
            return re.search(r'^heading = "(.*)"$', script, re.M)[1]
        lines = heading('--size', '30x20').split('\\012')
        self.assertEqual(' '.join(lines), words)
        self.assertLess(max(map(len, lines)), 29)
        self.assertEqual(heading('--size', '300x200', '--term', 'svg'), words)

    def test_without_gnuplot(self):
        p = self.run_tool('plot', 't', env={'PATH': self.folder}, code=e2e.SKIPPED)
        self.assertIn('gnuplot is not installed', p.err)
        self.assertIn('$data << EOD', self.run_tool('plot', 't', '--script', env={'PATH': self.folder}, code=e2e.MET).out)

    def test_name_without_a_kind_of_picture(self):
        for name in ('x.pdf', 'x', 'svg', '.svg'):
            self.assertIn(f"'{name}' says no kind", self.run_tool('plot', 't', '-o', name, code=e2e.USAGE).err)
        self.assertIn('one file', self.run_tool('plot', 't', '-o', 'x.svg', '--data', './x.svg', code=e2e.USAGE).err)
        self.assertEqual(self.files(), ['a.yaml', 't'])

    def test_nothing_to_draw(self):
        p = self.run_tool('plot', 't', '--from', '100s', '--kind', 'lanes', '-o', 'x.svg', code=e2e.USAGE)
        self.assertIn('nothing to draw', p.err)
        self.assertNotIn('x.svg', self.files())


@unittest.skipUnless(shutil.which('gnuplot'), 'gnuplot is not installed')
class Pictures(e2e.Case):
    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)
        self.run_tool('run', 'a.yaml', '--trace', 't', '--all-events', '-q', code=e2e.MET)

    def test_every_kind_on_every_terminal(self):
        for path in ('t', KERNEL):
            for kind in KINDS:
                with self.subTest(kind=kind, path=path):
                    self.run_tool('plot', path, '-k', kind, '-o', 'x.svg', code=e2e.MET)
                    svg = ElementTree.fromstring(self.read('x.svg'))
                    self.assertTrue(svg.tag.endswith('svg'))
                    p = self.run_tool('plot', path, '-k', kind, '-o', 'x.png', code=e2e.MET)
                    self.assertEqual(p.err, '')
                    with open(self.path('x.png'), 'rb') as f:
                        self.assertEqual(f.read(8), b'\x89PNG\r\n\x1a\n')
                    text = self.run_tool('plot', path, '-k', kind, '--size', '90x30', code=e2e.MET).out
                    self.assertLessEqual(max(map(len, text.split('\n'))), 90)
                    self.assertGreater(len(text.split()), 10)
        self.assertEqual(self.files(), ['a.yaml', 't', 'x.png', 'x.svg'])

    def test_labels_units_and_legend(self):
        self.run_tool('plot', 't', '-o', 'x.svg', code=e2e.MET)
        text = self.read('x.svg')
        for word in ('One task writes and another one reads.', 'time (ms)', 'server (', 'iB/s)', 'written to the server'):
            self.assertIn(word, text)

    def test_each_panel_has_its_unit(self):
        self.write('a.yaml', e2e.SMALL.replace('size: 64KiB', 'size: 64MiB').replace('len: 4KiB', 'len: 32MiB').replace(
            'reader.r: 4096', 'reader.r: 32MiB').replace('mount:', 'memory: {total: 1GiB}\nmount:'))
        self.run_tool('run', 'a.yaml', '--trace', 't', '--all-events', '-q', '-p', 'server.bandwidth=16MiB/s', code=e2e.MET)
        script = self.run_tool('plot', 't', '--script', code=e2e.MET).out
        units = dict(re.findall(r'^(\w+)_unit = "(.*)"', script, re.M))
        self.assertEqual(units['lower'], 'MiB/s')
        self.run_tool('plot', 't', '-o', 'x.svg', code=e2e.MET)
        for panel, name in (('upper', 'calls'), ('lower', 'server')):
            self.assertIn('%s (%s)' % (name, units[panel]), self.read('x.svg'))

    def test_heading_of_any_text(self):
        for title in ('"; system "touch bad"; x="\\', "'; system 'touch bad'; x='", '`touch bad`', '\\', '%s%d', '{/*9 x}'):
            self.run_tool('plot', 't', '-o', 'x.svg', '--title', title, code=e2e.MET)
        self.assertEqual(self.files(), ['a.yaml', 't', 'x.svg'])

    def test_template(self):
        self.write('mine.gp', 'set xlabel "mine"\nplot $data index 0 using 1:2 with lines title names[1]\n')
        self.run_tool('plot', 't', '-o', 'x.svg', '--template', 'mine.gp', code=e2e.MET)
        self.assertIn('mine', self.read('x.svg'))
        self.write('mine.gp', 'nonsense\n')
        self.run_tool('plot', 't', '-o', 'y.svg', '--template', 'mine.gp', code=e2e.USAGE)
        self.run_tool('plot', 't', '-o', 'y.svg', '--template', 'missing.gp', code=e2e.USAGE)
        self.run_tool('plot', 't', '-o', 'no/such/folder.svg', code=e2e.USAGE)
        self.assertNotIn('y.svg', self.files())
        self.assertFalse([f for f in self.files() if f.endswith('.tmp')])


if __name__ == '__main__':
    e2e.main()
