# SPDX-License-Identifier: GPL-2.0-or-later
"""What every file looks like: its head, its length, its lines, and what it must not say."""
import os
import re
import shutil
import subprocess

import tree

LINE_MAX = 100  # C: the house style
OTHER_MAX = 160  # scripts, build files, scenarios
COMMENT_MAX = 103  # clang-format 14 leaves a comment whose last word is over by so much
FILE_MAX = 600
FUNCTION_MAX = 70
SOURCE = ('.c', '.h', '.S', '.def', '.py', '.sh', '.yaml', '.ini', '.gp', 'meson.build',
          'meson_options.txt')
SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'
UNFINISHED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|X' r'XX|HA' r'CK)\b')
# A text is not broken, so that it can be found; the line it stands in may be longer.
LONG_TEXT = re.compile(r'"(?:\\.|[^"\\]){40,}"')
COMMENT = re.compile(r'/\*|\*/|^\s*\* ')
# Paths that exist on one machine only.
PRIVATE = re.compile(r'(?<![\w.~$}])/(?:home|root|work|Users|mnt)/')


def is_script(path):
    return (os.access(os.path.join(tree.root(), path), os.X_OK)
            and tree.text(path).startswith('#!'))


def check_head(report, path):
    head = [line for n, line in tree.lines(path) if n <= 3]
    if not any(SPDX in line for line in head):
        report.add(path, 1, 'no SPDX line')
    if not path.endswith(('.c', '.h', '.def', '.S')):
        return
    first = [line for n, line in tree.lines(path) if n <= 25]
    if len(first) < 2 or not first[1].startswith('/*'):
        report.add(path, 2, 'no sentence on the purpose of the file')
    if path.startswith('model/') and path.endswith('.c') \
            and not any('Mirrors:' in line for line in first):
        report.add(path, 2, 'no "Mirrors:" with the kernel file')


def check_lines(report, path, is_source):
    number = 0
    for number, line in tree.lines(path):
        if UNFINISHED.search(line):
            report.add(path, number, f'unfinished: {line.strip()}')
        if PRIVATE.search(line):
            report.add(path, number, f'a path of one machine: {line.strip()}')
        if '\ufffd' in line:
            report.add(path, number, 'not UTF-8')
        if not is_source or tree.is_generated(path):
            continue
        most = COMMENT_MAX if COMMENT.search(line) else LINE_MAX
        if not path.endswith(('.c', '.h', '.def', '.S')):
            most = OTHER_MAX
        if len(line.expandtabs(8)) > most and not LONG_TEXT.search(line):
            report.add(path, number, f'{len(line.expandtabs(8))} columns, {most} allowed')
        if line != line.rstrip():
            report.add(path, number, 'blanks at the end of the line')
    if is_source and number > FILE_MAX and not tree.is_generated(path):
        report.add(path, number, f'{number} lines, {FILE_MAX} allowed')
    if number and not tree.text(path).endswith('\n'):
        report.add(path, number, 'no newline at the end')
    if not number:
        report.add(path, 1, 'empty')


def check_functions(report, sources):
    """Needs universal-ctags, which knows where a function ends."""
    if not shutil.which('ctags'):
        print('note: no ctags, lengths of functions not looked at')
        return
    run = subprocess.run(['ctags', '-x', '--_xformat=%F\t%N\t%n\t%e', '--kinds-C=f',
                          '--languages=C', '-L', '-'], input='\n'.join(sources), text=True,
                         capture_output=True, check=True, cwd=tree.root())
    for row in run.stdout.splitlines():
        path, name, first, last = row.split('\t')
        if last.isdigit() and int(last) - int(first) + 1 > FUNCTION_MAX:
            report.add(path, int(first), f'{name}: {int(last) - int(first) + 1} lines, '
                       f'{FUNCTION_MAX} allowed')


def main():
    report = tree.Report()
    paths = [p for p in tree.files() if not p.endswith(('.png', '.svg'))]
    for path in paths:
        is_source = path.endswith(SOURCE) or is_script(path)
        if is_source:
            check_head(report, path)
        check_lines(report, path, is_source)
    check_functions(report, [p for p in paths if p.endswith(('.c', '.h'))])
    report.end(len(paths))


main()
