# SPDX-License-Identifier: GPL-2.0-or-later
"""The source tree as the tidy tests see it: its files, its lines, code without comments."""
import os
import re
import sys

SKIPPED = 77  # what a test exits with when a tool it needs is not installed

# Folders that hold what other programs wrote: recordings, traces, licence texts.
DATA = ('LICENSES', 'traces/kernel', 'traces/golden', 'docs/img')
GENERATED = re.compile(r'\b(?:made|generated) by \S+\.(?:py|sh)\b', re.IGNORECASE)


def root():
    """The root of the source tree: the first argument, or the folder two levels up."""
    return os.path.abspath(sys.argv[1] if len(sys.argv) > 1
                           else os.path.join(os.path.dirname(__file__), '..', '..'))


def files(*tops, ends=()):
    """Paths, relative to the root and sorted, of the files under tops that end so."""
    found = []
    for top in tops or ('.',):
        for folder, folders, names in os.walk(os.path.join(root(), top)):
            here = os.path.relpath(folder, root())
            folders[:] = [d for d in folders if d not in ('.git', '__pycache__')
                          and not (here == '.' and d.startswith('build'))]
            found += [os.path.normpath(os.path.join(here, n)) for n in names
                      if n != '.git' and not (here == '.' and n.startswith('build'))]
    return sorted(f for f in found if f.endswith(ends or '') and not f.startswith(DATA))


def text(path):
    """The text of a file; bytes that are no UTF-8 become marks that no rule likes."""
    with open(os.path.join(root(), path), encoding='utf-8', errors='replace') as f:
        return f.read()


def lines(path):
    """(number, line) of a file, numbered from 1."""
    return enumerate(text(path).splitlines(), 1)


def is_generated(path):
    """Whether a file says at its head that a script made it."""
    return any(GENERATED.search(line) for n, line in lines(path) if n <= 6)


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def _blank(token):
    return re.sub(r'[^\n]', ' ', token)


def code(source):
    """C source with comments blanked and texts emptied; lines and columns stay."""
    def replace(m):
        t = m.group()
        return _blank(t) if t[0] == '/' else t[0] + _blank(t[1:-1]) + t[-1]
    return _TOKEN.sub(replace, source)


def strings(source):
    """(line number, text) of every string literal of C source."""
    for m in _TOKEN.finditer(source):
        if m.group()[0] == '"':
            yield source.count('\n', 0, m.start()) + 1, m.group()[1:-1]


class Report:
    """Collects offences and ends the program with their number."""

    def __init__(self):
        self.offences = []

    def add(self, path, line, what):
        self.offences.append((path, line, what))

    def end(self, looked_at):
        """Print all offences; exit 1 if there are any, or if nothing was looked at."""
        for path, line, what in sorted(set(self.offences)):
            print(f'{path}:{line}: {what}')
        print(f'{looked_at} looked at, {len(set(self.offences))} offences')
        sys.exit(1 if self.offences or not looked_at else 0)


def skip(why):
    """End the program as skipped."""
    print('skipped: ' + why)
    sys.exit(SKIPPED)
