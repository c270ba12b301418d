# SPDX-License-Identifier: GPL-2.0-or-later
"""Every function that a header declares is explained, alone or with its neighbours.

An inline function shows what it does and may stand alone.
"""
import re

import tree

PROTOTYPE = re.compile(r'^(?!(?:typedef|static|return|else|if|while|for)\b)[A-Za-z_][\w\s*]*?'
                       r'\b(\w+)\s*\([^{]*$')
INNER = re.compile(r'(?:^|/)(?:priv|private|internal|\w+_impl|\w+_internal)\.h$')


def paragraphs(source):
    """(number of the first line, lines) of what stands between empty lines at the outer level."""
    part, start, inside = [], 1, False
    for number, line in enumerate(source.splitlines() + [''], 1):
        inside = (inside or '/*' in line) and not line.rstrip().endswith('*/')
        if line.strip() or inside:
            if not part:
                start = number
            part.append(line)
        elif part:
            yield start, part
            part = []


def main():
    report = tree.Report()
    sources = [p for p in tree.files('sim', 'model', 'traces', 'cli', ends='.h')
               if not INNER.search(p) and not tree.is_generated(p)]
    for path in sources:
        said = False  # the paragraph before was a comment and nothing else
        for start, part in paragraphs(tree.text(path)):
            plain = tree.code('\n'.join(part)).splitlines()
            comment = any('/*' in line for line in part)
            if not (comment or said):
                for offset, line in enumerate(plain):
                    m = PROTOTYPE.match(line)
                    if m and not line.startswith('#'):
                        report.add(path, start + offset, f'{m.group(1)}: not explained')
            said = comment and start > 1 and not any(line.strip() for line in plain)
    report.end(len(sources))


main()
