#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Print docs/FIDELITY.md as netfs-sim-fidelity(7), in scdoc's form.

usage: fidelity.py FIDELITY.md

Of Markdown it knows what that file has: headings of two levels, paragraphs, tables, code and links. A row
of a table becomes an entry: its first cell, and below it the others under their columns' names.
"""
import re
import sys

HEAD = """netfs-sim-fidelity(7)

# NAME

netfs-sim-fidelity - what netfs-sim keeps, simplifies and leaves out of Linux

# DESCRIPTION
"""
TAIL = """
# SEE ALSO

*netfs-sim*(1), *netfs-sim-scenario*(5)
"""


def inline(text):
    """Text with scdoc's characters escaped; code underlined, a link as its words."""
    text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', text)
    out = []
    for i, part in enumerate(text.split('`')):
        part = re.sub(r'([\\*_#<>\[\]])', r'\\\1', part)
        out.append(f'_{part}_' if i % 2 else part)
    return re.sub(r'^([-.|;])', r'\\\1', ''.join(out))


def cells(row):
    return [c.strip() for c in row.strip().strip('|').split('|')]


def table(rows):
    """The entries of a table; its second row only separates."""
    names = cells(rows[0])
    for row in map(cells, rows[2:]):
        yield '*' + inline(row[0].replace('`', '')) + '*'
        named = [f'{n}: {c}' for n, c in zip(names[1:], row[1:])] if len(row) > 2 else row[1:]
        yield '\t' + '++\n'.join(map(inline, named)) + '\n'


def convert(text):
    for block in re.split(r'\n\n+', text.strip()):
        lines = block.split('\n')
        if lines[0].startswith('# '):
            continue
        if lines[0].startswith('## '):
            yield '# ' + inline(lines[0][3:]).upper()
        elif lines[0].startswith('|'):
            yield from table(lines)
            continue
        else:
            yield inline(' '.join(lines))
        yield ''


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        print(HEAD + '\n' + '\n'.join(convert(f.read())) + TAIL, end='')


main()
