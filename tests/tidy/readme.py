# SPDX-License-Identifier: GPL-2.0-or-later
"""The tour of README.md is true: each command of its console blocks prints what stands below it.

readme.py ROOT PROGRAM. A line of three dots stands for any number of lines, three dots within a line
for any text.
"""
import os
import re
import subprocess
import sys
import tempfile

import tree


def commands(text):
    """(line, command, lines expected) of the console blocks, in order."""
    block = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('```'):
            block = None if block is not None or line != '```console' else []
        elif block is not None and line.startswith('$ '):
            block = []
            yield number, line[2:], block
        elif block is not None:
            block.append(line)


def matches(expected, said):
    pattern = ''
    for line in expected:
        text = '.*'.join(re.escape(part) for part in line.rstrip().split('...'))
        pattern += r'(?:.*\n)*?' if line == '...' else text + r'\n'
    return re.fullmatch(pattern, ''.join(line.rstrip() + '\n' for line in said.splitlines()))


def main():
    report = tree.Report()
    program = os.path.abspath(sys.argv[2])
    all_commands = list(commands(tree.text('README.md')))
    with tempfile.TemporaryDirectory() as folder:
        for name in ('scenarios', 'traces'):
            os.symlink(os.path.join(tree.root(), name), os.path.join(folder, name))
        env = {**os.environ, 'PATH': os.path.dirname(program) + ':' + os.environ['PATH'],
               'LC_ALL': 'C', 'COLUMNS': '78'}
        for number, command, expected in all_commands:
            run = subprocess.run(['bash', '-c', command], text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, check=False, cwd=folder, env=env)
            if not matches(expected, run.stdout):
                report.add('README.md', number, f'"{command}" now prints:\n{run.stdout}')
    report.end(len(all_commands))


main()
