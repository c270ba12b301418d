#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input and bad output: one clear error, exit 2, nothing half-written."""
import os
import shutil
import unittest

import e2e

BOMB = 'a: &a [x, x, x, x, x, x, x, x, x, x]\n' + ''.join(
    '%c: &%c [%s]\n' % (c, c, ', '.join(['*%c' % (c - 1)] * 10)) for c in range(ord('b'), ord('k')))

# Each is refused with a position in the file.
WRONG = {
    'empty': '',
    'only comments': '# nothing\n',
    'a scalar': 'hello\n',
    'a list': '- 1\n- 2\n',
    'not closed': 'format: [1\n',
    'bad indentation': 'format: 1\n purpose: x\n',
    'tab': 'format: 1\n\tpurpose: x\n',
    'no utf-8': b'format: 1\npurpose: \xff\xfe\n',
    'control characters': b'format: 1\npurpose: "\x01"\n',
    'zero bytes': b'\0' * 4096,
    'random bytes': bytes((i * 193 + (i >> 3) * 7) & 255 for i in range(5000)),
    'two documents': e2e.SMALL + '---\n' + e2e.SMALL,
    'deep lists': 'format: ' + '[' * 10000 + ']' * 10000 + '\n',
    'deep maps': 'format: ' + '{a: ' * 10000 + '1' + '}' * 10000 + '\n',
    'aliases of aliases': BOMB,
    'many anchors': ''.join('x%d: &x%d 1\n' % (i, i) for i in range(5000)),
    'alias to nothing': 'format: *x\n',
    'alias to itself': 'format: &x [*x]\n',
    'merge key': e2e.SMALL + 'server: {<<: {slots: 1}}\n',
    'unknown field': e2e.SMALL + 'sever: {}\n',
    'repeated field': e2e.SMALL + 'format: 1\n',
    'wrong unit': e2e.SMALL.replace('64KiB', '64K'),
    'no unit': e2e.SMALL.replace('200us', '200'),
    'out of range': e2e.SMALL + 'cpus: 0\n',
    'out of 64 bits': e2e.SMALL.replace('64KiB', '99999999999999999999'),
    'negative': e2e.SMALL.replace('len: 4KiB', 'len: -1'),
    'null': e2e.SMALL.replace('64KiB', 'null'),
    'wrong version': e2e.SMALL.replace('format: 1', 'format: 2'),
    'unknown operation': e2e.SMALL.replace('- fsync', '- fsynk'),
    'unknown file': e2e.SMALL.replace('file: f, as: in', 'file: g, as: in'),
    'unknown descriptor': e2e.SMALL.replace('fd: in', 'fd: inn'),
    'left out on purpose': e2e.SMALL.replace('fs: 9p', 'fs: nfs'),
    'generation that is not there': e2e.SMALL + 'design: {generation: 6.12}\n',
    'missing include': e2e.SMALL + 'include: nowhere.yaml\n',
    'includes itself': e2e.SMALL + 'include: a.yaml\n',
    'more memory than its limit': e2e.SMALL + 'limits: {memory: 64KiB}\n',
}


class BadScenario(e2e.Case):
    def test_each_has_a_position(self):
        for name, text in WRONG.items():
            with self.subTest(name):
                self.write('a.yaml', text)
                p = self.run_tool('run', 'a.yaml', '--trace', 't', '--stats', 's', '--results', 'r', code=e2e.USAGE)
                self.assertRegex(p.err, r'^netfs-sim: (a|nowhere)\.yaml:(\d+:\d+: )?', name)
                self.assertLess(len(p.err), 1200)
                self.assertEqual(p.out, '')
                self.assertEqual(self.files(), ['a.yaml'], name)

    def test_every_reader_of_scenarios_refuses_them(self):
        self.write('a.yaml', WRONG['wrong unit'])
        for command in (('run',), ('check',), ('scenario', 'lint'), ('scenario', 'list'), ('run', '--print-config')):
            self.run_tool(*command, 'a.yaml', code=e2e.USAGE)
        self.run_tool('compare', 'a.yaml', '', '', code=e2e.USAGE)

    def test_huge(self):
        self.write('a.yaml', e2e.SMALL + '# ' + 'x' * (17 << 20) + '\n')
        self.assertIn('too large', self.run_tool('run', 'a.yaml', code=e2e.USAGE).err)
        p = self.run_tool('run', '/dev/zero', code=e2e.USAGE)
        self.assertIn('too large', p.err)

    def test_missing_and_folders(self):
        for path in ('missing.yaml', '.', 'no/such/folder.yaml', ''):
            p = self.run_tool('run', path, code=e2e.USAGE)
            self.assertEqual(p.err.count('\n'), 1)

    def test_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest('root reads everything')
        self.write('a.yaml', e2e.SMALL)
        os.chmod(self.path('a.yaml'), 0)
        self.run_tool('run', 'a.yaml', code=e2e.USAGE)

    def test_bad_overrides(self):
        self.write('a.yaml', e2e.SMALL)
        for o in ('x=1', 'server.slots=', 'server.slots=[', 'server.slots=1: 2', '=1', '.=1', 'server..slots=1',
                  'tasks.writer.9.write.len=1', 'tasks=null', 'server.slots=' + '[' * 5000):
            p = self.run_tool('run', 'a.yaml', '-p', o, code=e2e.USAGE)
            self.assertEqual(p.out, '', o)


class BadOutput(e2e.Case):
    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.SMALL)

    def test_full(self):
        for option in ('--trace', '--stats', '--results'):
            p = self.run_tool('run', 'a.yaml', option, '/dev/full', code=e2e.USAGE)
            self.assertIn('/dev/full: cannot write', p.err)
            self.assertEqual(p.out, '')
        self.assertEqual(self.files(), ['a.yaml'])

    def test_full_standard_output(self):
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        recordings = os.path.join(e2e.ROOT, 'traces', 'kernel', '6.8-9p')
        for args in (('run', 'a.yaml'), ('run', 'a.yaml', '--json'), ('run', 'a.yaml', '--trace', '-'),
                     ('run', 'a.yaml', '--print-config'), ('check', 'a.yaml'), ('replay', 't'), ('bugs', 'list'),
                     ('compare', 'a.yaml', '', ''), ('trace', 'print', 't'), ('trace', 'stat', 't'),
                     ('trace', 'diff', 't', 't'), ('scenario', 'schema'), ('events', 'man'), ('version',),
                     ('--help',), ('run', '--help'), ('trace', 'import', '--from', 'kernel', recordings + '/append'),
                     ('trace', 'check', recordings + '/append')):
            with self.subTest(args), open('/dev/full', 'w') as full:
                p = self.run_tool(*args, stdout=full, code=e2e.USAGE)
                self.assertIn('cannot write', p.err)

    def test_no_place(self):
        os.mkdir(self.path('folder'))
        for path in ('no/such/folder', 'folder', ''):
            for option in ('--trace', '--stats', '--results'):
                self.run_tool('run', 'a.yaml', option, path, code=e2e.USAGE)
            self.run_tool('scenario', 'new', '--force', path or '/', code=e2e.USAGE)
        self.assertEqual(self.files(), ['a.yaml', 'folder'])
        self.assertEqual(os.listdir(self.path('folder')), [])

    def test_two_outputs_to_one_file(self):
        os.mkdir(self.path('d'))
        for first, second in (('--trace', '--stats'), ('--stats', '--results'), ('--trace', '--proc')):
            for names in (('o', 'o'), ('o', './o'), ('d/o', 'd/../d/o'), ('-', '-'), (self.path('o'), 'o')):
                with self.subTest(names, options=(first, second)):
                    p = self.run_tool('run', 'a.yaml', first, names[0], second, names[1], code=e2e.USAGE)
                    self.assertIn('two outputs cannot go to one file', p.err)
        self.assertEqual(self.files(), ['a.yaml', 'd'])
        self.run_tool('run', 'a.yaml', '--trace', 'o', '--stats', 'd/o', '-q', code=e2e.MET)
        self.assertEqual(self.files(), ['a.yaml', 'd', 'o'])

    def test_no_output_goes_over_an_input(self):
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        self.write('b.yaml', 'include: a.yaml\n')
        self.write('plan.yaml', 'purpose: p\nscenario: b.yaml\nfigures: [rpcs.read]\n'
                   'axes: [{name: s, path: seed, values: [1, 2]}]\n')
        os.symlink('a.yaml', self.path('link.yaml'))
        os.link(self.path('a.yaml'), self.path('hard.yaml'))
        shutil.copytree(os.path.join(e2e.ROOT, 'traces', 'kernel', '6.8-9p', 'append'), self.path('rec'))
        before = {name: self.read(name) for name in ('a.yaml', 't', 'plan.yaml', 'rec/ops.txt', 'rec/trace.txt')}
        commands = [('run', name, option, out) for option in ('--trace', '--stats', '--results', '--proc')
                    for name, out in (('a.yaml', 'a.yaml'), ('a.yaml', './a.yaml'), ('a.yaml', 'link.yaml'),
                                      ('hard.yaml', 'a.yaml'), ('b.yaml', 'a.yaml'))]
        commands += [('replay', 't', '--trace', 't'), ('plot', 't', '--term', 'svg', '-o', 't'),
                     ('plot', 't', '--data', 't'), ('sweep', 'plan.yaml', '-o', 'plan.yaml'),
                     ('sweep', 'plan.yaml', '-o', 'a.yaml'), ('check', 'a.yaml', '--baseline', 'a.yaml', '--bless'),
                     ('trace', 'import', '--from', 'kernel', 'rec', '-o', 'rec/ops.txt'),
                     ('trace', 'check', 'rec', '--keep', 'rec/trace.txt')]
        for args in commands:
            with self.subTest(args):
                p = self.run_tool(*args, code=e2e.USAGE)
                self.assertRegex(p.err, 'it is read; give the output a name of its own|no baseline')
        self.assertEqual({name: self.read(name) for name in before}, before)

    def test_old_file_stays_whole(self):
        self.write('t', 'old')
        self.write('b.yaml', WRONG['wrong unit'])
        self.run_tool('run', 'b.yaml', '--trace', 't', code=e2e.USAGE)
        self.assertEqual(self.read('t'), 'old')
        self.run_tool('run', 'a.yaml', '--trace', 't', '-q', code=e2e.MET)
        self.assertIn('# netfs-sim: fingerprint', self.read('t'))
        self.assertEqual(self.files(), ['a.yaml', 'b.yaml', 't'])

    def test_file_size_limit(self):
        """The disk is full in the middle of a trace: an error, the old file, nothing beside it."""
        self.write('long.yaml', e2e.SMALL.replace(
            '    - read:', '    - random: {op: read, fd: in, block: 4KiB, count: 20000, range: 64KiB}\n    - read:'))
        self.write('t', 'old')
        line = 'ulimit -f 1; trap "" XFSZ; exec "$0" run long.yaml --all-events --trace t'
        import subprocess
        # The limit would cut gcov's files short, too, and spoil them for all programs that come after.
        p = subprocess.run(['bash', '-c', line, e2e.PROGRAM], cwd=self.folder, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120, env=dict(os.environ, GCOV_PREFIX='/dev/null'))
        self.assertEqual(p.returncode, e2e.USAGE, p.stderr)
        self.assertIn(b't: cannot write', p.stderr)
        self.assertEqual(self.read('t'), 'old')
        self.assertEqual(self.files(), ['a.yaml', 'long.yaml', 't'])


class BadTraces(e2e.Case):
    def test_not_there(self):
        for command in (('trace', 'print'), ('trace', 'stat'), ('plot',), ('replay',)):
            for path in ('missing', '.'):
                self.run_tool(*command, path, code=e2e.USAGE)
        self.run_tool('trace', 'diff', 'missing', 'missing', code=e2e.USAGE)

    def test_no_trace(self):
        self.write('t', ' a-1 [000] .....  1.0: netfs_rreq_ref: R=00000001 NEW r=1\n')
        self.write('garbage', bytes((i * 193 + (i >> 3) * 7) & 255 for i in range(100000)))
        self.write('a.yaml', e2e.SMALL)
        for name in ('garbage', 'a.yaml', e2e.PROGRAM):
            for args in (('trace', 'print', name), ('trace', 'print', name, '--json'), ('trace', 'stat', name),
                         ('trace', 'diff', name, 't'), ('trace', 'diff', 't', name), ('plot', name, '-k', 'lanes')):
                with self.subTest(args):
                    p = self.run_tool(*args, code=e2e.USAGE)
                    self.assertIn(f'{name}:', p.err)
                    self.assertEqual(p.out, '')
        self.assertIn('no trace: ', self.run_tool('trace', 'diff', 'a.yaml', 't', code=e2e.USAGE).err)

    def test_nothing_happened(self):
        self.write('t', '# tracer: nop\n#\n')
        self.assertEqual(self.run_tool('trace', 'print', 't', code=e2e.MET).out, '')
        self.assertIn('0 events', self.run_tool('trace', 'stat', 't', code=e2e.MET).out)
        self.run_tool('trace', 'diff', 't', 't', code=e2e.MET)
        for kind in ('throughput', 'inflight', 'dirty', 'latency', 'lanes'):
            self.assertIn('nothing to draw', self.run_tool('plot', 't', '-k', kind, code=e2e.USAGE).err)

    def test_line_without_end(self):
        self.write('t', 'x' * 200000)
        self.run_tool('trace', 'stat', 't', code=e2e.USAGE)

    def test_hostile_lines(self):
        head = ' a-1 [000] .....  1.0: '
        lines = ['netfs_rreq: ', 'netfs_rreq: R=', 'netfs_sreq: R=1[', 'netfs_sreq: R=1[0] DOWN TERM  f=0 s=0',
                 'netfs_read: R=1 x c=', 'netfs_folio: i=1 ix=5-0 mod-streamw', 'sim:rpc: received read a b s=0 l=0 e=0',
                 'sim:rpc: queued', 'sim:memory: client=1', 'sim:memory: client=99999999999999999999 dirty=1 writeback=-1',
                 'sim:syscall: exit task=1 op=1 ret=5 x', 'tracing_mark_write: OP 1 t0 END ret=', 'sim:choice: #',
                 'tracing_mark_write: OP', '9p_client_res: client 1 response x tag  5 err 0', '9p_client_req: client',
                 'netfs_rreq: R=00000001 RA FREE    f=0', 'netfs_folio: i=1 ix=0-ffffffffffffffff mod-streamw',
                 'netfs_folio: i=1 ix=0-ffffffffffffffff clear']
        self.write('t', '\n'.join(head + line for line in lines) + '\n')
        self.run_tool('trace', 'stat', 't', '--hist', code=e2e.MET)
        for kind in ('throughput', 'inflight', 'dirty', 'latency', 'lanes'):
            self.assertIn(self.run_tool('plot', 't', '-k', kind, '--script').returncode, (e2e.MET, e2e.USAGE))


class BadRecordings(e2e.Case):
    def make(self, ops, meta=None):
        os.makedirs(self.path('r'), exist_ok=True)
        source = os.path.join(e2e.ROOT, 'traces', 'kernel', '6.8-9p', 'append')
        for name in ('meta.txt', 'trace.txt', 'results.txt'):
            with open(os.path.join(source, name), 'rb') as f:
                self.write('r/' + name, f.read())
        self.write('r/ops.txt', ops)
        if meta is not None:
            self.write('r/meta.txt', meta)

    def test_unknown_operation_names_its_line(self):
        self.make('open fd=0 name=f flags=rw\nfrobnicate fd=0\n')
        for command in (('trace', 'check'), ('trace', 'import', '--from', 'kernel')):
            self.assertIn('ops.txt:2', self.run_tool(*command, 'r', code=e2e.USAGE).err)

    def test_malformed(self):
        for ops in ('open fd=0 fd=1 name=f flags=rw\n', 'open fd=0\n', 'read fd=0 len=4Q\n', 'read\n',
                    '@99 read fd=0 len=1\n', 'read fd=0 len=' + '9' * 40 + '\n'):
            self.make(ops)
            self.run_tool('trace', 'check', 'r', code=e2e.USAGE)
        self.make('open fd=0 name=f flags=rw\n', meta='nonsense\n')
        self.run_tool('trace', 'check', 'r', code=e2e.USAGE)

    def test_missing(self):
        self.run_tool('trace', 'check', 'nowhere', code=e2e.USAGE)
        os.mkdir(self.path('empty'))
        self.assertIn('empty: no recording', self.run_tool('trace', 'check', 'empty', code=e2e.USAGE).err)
        self.make('open fd=0 name=f flags=rw\n')
        self.assertIn('empty: no recording', self.run_tool('trace', 'check', 'r', 'empty', code=e2e.USAGE).err)
        self.assertIn("'x*' matches none of the 1 recordings, such as r",
                      self.run_tool('trace', 'check', '.', '--match', 'x*', code=e2e.USAGE).err)
        os.unlink(self.path('r/trace.txt'))
        self.assertIn('trace.txt', self.run_tool('trace', 'check', 'r', code=e2e.USAGE).err)
        os.unlink(self.path('r/meta.txt'))
        self.assertIn('meta.txt', self.run_tool('trace', 'import', '--from', 'kernel', 'r', code=e2e.USAGE).err)


if __name__ == '__main__':
    e2e.main()
