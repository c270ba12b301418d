#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ctrl-C, internal errors, progress on a terminal."""
import contextlib
import os
import pty
import re
import signal
import subprocess
import time
import unittest

import e2e


class Signals(e2e.Case):
    def setUp(self):
        super().setUp()
        self.write('a.yaml', e2e.ENDLESS)

    def start(self, *args):
        return subprocess.Popen([e2e.PROGRAM, *args], cwd=self.folder, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True)

    def interrupt(self, *args, sig=signal.SIGINT, after=0.5):
        p = self.start(*args)
        time.sleep(after)
        self.assertIsNone(p.poll(), 'it ended before it could be interrupted')
        p.send_signal(sig)
        out, err = p.communicate(timeout=60)
        return p.returncode, out.decode(), err.decode()

    def test_run(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            code, out, err = self.interrupt('run', 'a.yaml', '-p', 'limits.events=100000000000', sig=sig)
            self.assertEqual(code, e2e.VIOLATED)
            self.assertIn('incomplete', out)
            self.assertRegex(out, r'messages: .*read \d+')
            self.assertEqual(err, '')

    def test_trace_so_far_can_be_replayed(self):
        code, _, _ = self.interrupt('run', 'a.yaml', '--trace', 't', '--json')
        self.assertEqual(code, e2e.VIOLATED)
        self.assertEqual(self.files(), ['a.yaml', 't'])
        self.assertIn('\n# netfs-sim: end incomplete\n', self.read('t'))
        self.run_tool('replay', 't', code=e2e.MET)

    def test_check(self):
        self.write('b.yaml', e2e.SMALL)
        self.write('c.yaml', e2e.SMALL)
        code, out, _ = self.interrupt('check', 'a.yaml', 'b.yaml', 'c.yaml', '--jobs', '1')
        self.assertEqual(code, e2e.VIOLATED)
        self.assertIn('a.yaml: interrupted', out)
        self.assertIn('not run  c.yaml: interrupted', out)

    def test_compare_and_replay(self):
        code, out, _ = self.interrupt('compare', 'a.yaml', '', '')
        self.assertEqual(code, e2e.VIOLATED)
        self.assertIn('incomplete', out)
        self.interrupt('run', 'a.yaml', '--trace', 't', after=1.0)
        text = re.sub(r'steps \d+\n', 'steps 999999999999\n', self.read('t'))
        self.write('t', text)
        code, out, err = self.interrupt('replay', 't')
        self.assertEqual(code, e2e.VIOLATED)
        self.assertIn('interrupted', err)

    def test_internal_error(self):
        code, out, err = self.interrupt('run', 'a.yaml', sig=signal.SIGABRT)
        self.assertEqual(code, e2e.INTERNAL)
        self.assertIn('internal error', err)

    def test_closed_pipe(self):
        self.write('b.yaml', e2e.SMALL)
        p = subprocess.run(['bash', '-c', '"$0" run a.yaml --trace - 2>/dev/null | head -c 100000 | tail -c 1 >/dev/null; '
                            'echo ${PIPESTATUS[0]}', e2e.PROGRAM], cwd=self.folder, stdout=subprocess.PIPE, timeout=60)
        self.assertNotEqual(p.stdout.strip(), b'0')


class Progress(e2e.Case):
    def test_on_a_terminal(self):
        self.write('a.yaml', e2e.ENDLESS)
        master, slave = pty.openpty()
        p = subprocess.Popen([e2e.PROGRAM, 'run', 'a.yaml'], cwd=self.folder, stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        time.sleep(1)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=60)
        text = b''
        with contextlib.suppress(OSError):  # EIO: all is read, and the writer is gone
            while part := os.read(master, 65536):
                text += part
        os.close(master)
        text = text.decode()
        self.assertRegex(text, r'\d+\.\d{6} s simulated, \d+ MiB, \d+ steps, \d+ k/s')
        self.assertTrue(text.endswith('\r\x1b[K'), repr(text[-20:]))


if __name__ == '__main__':
    e2e.main()
