# SPDX-License-Identifier: GPL-2.0-or-later
"""The tour of README.md is true: each command of its console blocks prints what stands below it.

readme.py ROOT PROGRAM. A line of three dots stands for any number of lines, three dots within a line
for any text.
"""
import fnmatch
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
        for name in ('scenarios', 'traces', 'plots'):
            os.symlink(os.path.join(tree.root(), name), os.path.join(folder, name))
        env = {**os.environ, 'PATH': os.path.dirname(program) + ':' + os.environ['PATH'],
               'LC_ALL': 'C', 'COLUMNS': '78'}
        for number, command, expected in all_commands:
            run = subprocess.run(['bash', '-c', command], text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, check=False, cwd=folder, env=env)
            if not matches(expected, run.stdout):
                report.add('README.md', number, f'"{command}" now prints:\n{run.stdout}')
        made = [entry.name for entry in os.scandir(folder) if not entry.is_symlink()]
    with open(os.path.join(tree.root(), '.gitignore'), encoding='utf-8') as f:
        ignored = [line.strip()[1:] for line in f if line.startswith('/')]
    for name in made:
        if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored):
            report.add('README.md', 1, f'the tour makes {name}, which .gitignore does not know')
    report.end(len(all_commands))


main()
