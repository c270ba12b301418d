# SPDX-License-Identifier: GPL-2.0-or-later
"""golden.py sees a run that changed, a golden trace that is missing, and one without a scenario."""
import os
import subprocess
import sys
import tempfile

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden.py')
BINARY = os.path.abspath(sys.argv[1])
SCENARIO = """format: 1
purpose: One write.
mount: {fs: 9p}
files: {f: {size: 4KiB, on_server: data}}
tasks:
  w:
    - open: {file: f, as: fd, flags: [wronly]}
    - write: {fd: fd, at: 0, len: %s}
"""


def put(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as f:
        f.write(text)


def golden(folder, *options):
    run = subprocess.run([sys.executable, TOOL, BINARY, '--scenarios', folder + '/s', '--golden',
                          folder + '/g', *options], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


def expect(result, code, text):
    assert result[0] == code and text in result[1], (result, code, text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + '/s/part')
        os.makedirs(folder + '/g')
        put(folder + '/g', 'scenarios', '# all\n?\npart/*\n')
        put(folder + '/s', 'a.yaml', SCENARIO % '4KiB')
        put(folder + '/s/part', 'b.yaml', SCENARIO % '1KiB')
        put(folder + '/s/part', '_left-out.yaml', 'nothing: 1\n')
        put(folder + '/s', 'unlisted.yaml', SCENARIO % '4KiB')
        expect(golden(folder), 1, 'part/b: has no golden trace')
        expect(golden(folder, '--bless'), 0, 'new: part/b')
        expect(golden(folder), 0, '2 scenarios, 0 wrong')
        expect(golden(folder, '--bless'), 0, '2 scenarios, 0 wrong')
        put(folder + '/s', 'a.yaml', SCENARIO % '2KiB')
        expect(golden(folder), 1, 'a: the run is not as in its golden trace')
        expect(golden(folder, '--bless'), 0, 'changed: a')
        os.rename(folder + '/s/a.yaml', folder + '/s/c.yaml')
        expect(golden(folder), 1, 'a: a golden trace without a scenario')
        expect(golden(folder), 1, 'c: has no golden trace')
        expect(golden(folder, '--bless'), 0, 'gone: a')
        assert sorted(os.listdir(folder + '/g')) == ['c.txt', 'part', 'scenarios']
        put(folder + '/s', 'c.yaml', SCENARIO % '4KiB' + 'expect: {rpcs: {write: 9}}\n')
        expect(golden(folder, '--bless'), 1, 'c: exit code 1')
        put(folder + '/g', 'scenarios', 'nobody\npart/*\n')
        expect(golden(folder), 1, 'nobody: no scenario has this name')


main()
