# SPDX-License-Identifier: GPL-2.0-or-later
"""Helpers of the tests that drive the program: run it, look at what it leaves."""
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else 'netfs-sim'
ROOT = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), '..', '..'))

MET, VIOLATED, USAGE, NONDETERMINISM, LIMIT, INTERNAL, SKIPPED = 0, 1, 2, 3, 4, 5, 77

SMALL = '''\
format: 1
purpose: One task writes and another one reads.
mount: {fs: 9p, cache: loose}
server: {latency: {law: uniform, min: 200us, max: 400us}}
files: {f: {size: 64KiB, on_server: data}}
tasks:
  writer:
    - open: {file: f, as: out, flags: [wronly]}
    - write: {fd: out, at: 0x1100, len: 512, label: w}
    - fsync: {fd: out}
  reader:
    - open: {file: f, as: in, flags: [rdonly]}
    - read: {fd: in, at: 8KiB, len: 4KiB, label: r}
expect:
  results: {writer.w: 512, reader.r: 4096}
'''

# Runs for as long as one lets it.
ENDLESS = '''\
format: 1
purpose: Reads for ever.
files: {f: {size: 1MiB, on_server: data}}
tasks:
  reader:
    - open: {file: f, as: in, flags: [rdonly]}
    - repeat:
        times: 1000000000
        do:
          - sequential: {op: read, fd: in, block: 64KiB, count: 16}
          - drop_caches
limits: {events: 1000000000000, time: 100000s}
'''


class Case(unittest.TestCase):
    """A test with a folder of its own, which is the working directory of what it runs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='netfs-sim-e2e-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), 'wb') as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return name

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read().decode()

    def files(self):
        return sorted(os.listdir(self.folder))

    def run_tool(self, *args, code=None, stdin=b'', env=None, stdout=subprocess.PIPE, timeout=120):
        """Run the program; with code, it must end with that."""
        p = subprocess.run([PROGRAM, *args], input=stdin, stdout=stdout, stderr=subprocess.PIPE,
                           cwd=self.folder, env=dict(os.environ, **(env or {})), timeout=timeout)
        p.out = (p.stdout or b'').decode()
        p.err = p.stderr.decode()
        if code is not None:
            self.assertEqual(p.returncode, code, 'netfs-sim %s\n%s%s' % (' '.join(args), p.out, p.err))
        return p


def scenarios():
    """All scenario files of the source tree, as "check" finds them."""
    found = []
    for folder, folders, names in os.walk(os.path.join(ROOT, 'scenarios')):
        folders[:] = sorted(f for f in folders if f[0] not in '._')
        found += [os.path.join(folder, n) for n in sorted(names) if n.endswith('.yaml') and n[0] not in '._']
    return found


def main():
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:])
