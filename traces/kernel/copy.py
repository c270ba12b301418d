#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Copy recordings into this folder and write the table of their origin into README.md.

usage: copy.py SOURCE GROUP...

SOURCE holds <group>/<case>/ and INDEX.md, whose tables give the family of each case. Whole files:
ops.txt, results.txt, meta.txt. Of trace.txt only the lines are kept that the comparison or the
counting of messages uses: netfs_*, 9p_client_*, the page cache, and the markers.
"""
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WHOLE = ('ops.txt', 'results.txt', 'meta.txt')
KEPT = re.compile(r'\]\s+(?:\S{4,6}\s+)?\d+(?:\.\d+)?:\s+(?:netfs_\w+: [^<(]|9p_client_\w+:|tracing_mark_write:|'
                  r'mm_filemap_\w+:|writeback_\w+:|folio_wait_writeback:)')
START, END = '<!-- table: written by copy.py -->', '<!-- end of table -->'


def families(source):
    """(group, case) -> family, from the rows of INDEX.md."""
    found, group = {}, None
    with open(os.path.join(source, 'INDEX.md')) as f:
        for line in f:
            if line.startswith('## '):
                group = line[3:].strip()
            m = re.match(r'\| \[([^\]]+)\]\([^)]*\) \| (\S+) \|', line)
            if m:
                found[group, m[1]] = m[2]
    return found


def meta_of(path):
    """The 'key: value' lines of a meta.txt."""
    found = {}
    with open(path, errors='replace') as f:
        for line in f:
            key, sep, value = line.rstrip('\n').partition(': ')
            if sep:
                found.setdefault(key, value.strip())
    return found


def copy_case(source, target):
    """Copy one recording; returns the number of lines of its trace, and how many were kept."""
    os.makedirs(target, exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(os.path.join(source, name), os.path.join(target, name))
    with open(os.path.join(source, 'trace.txt'), errors='replace') as f:
        lines = f.read().splitlines(keepends=True)
    kept = [t for t in lines if KEPT.search(t)]
    with open(os.path.join(target, 'trace.txt'), 'w') as f:
        f.writelines(kept)
    return len(lines), len(kept)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    source, groups = sys.argv[1], sys.argv[2:]
    family = families(source)
    rows = ['| recording | family | kernel | mount | trace lines (kept / recorded) |', '|---|---|---|---|---|']
    for group in groups:
        for case in sorted(os.listdir(os.path.join(source, group))):
            total, kept = copy_case(os.path.join(source, group, case), os.path.join(HERE, group, case))
            meta = meta_of(os.path.join(HERE, group, case, 'meta.txt'))
            rows.append('| [%s/%s](%s/%s/) | %s | %s | %s, %s | %d / %d |' % (
                group, case, group, case, family.get((group, case), '?'), meta['kernel'].split()[0], meta['fs'],
                meta['mount_requested'], kept, total))
    readme = os.path.join(HERE, 'README.md')
    with open(readme) as f:
        text = f.read()
    head, _, rest = text.partition(START)
    tail = rest.partition(END)[2]
    with open(readme, 'w') as f:
        f.write(head + START + '\n' + '\n'.join(rows) + '\n' + END + tail)


if __name__ == '__main__':
    main()
