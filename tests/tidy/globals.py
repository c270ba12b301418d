# SPDX-License-Identifier: GPL-2.0-or-later
"""No global variable can change: many worlds run in one process. Read off the libraries."""
import os
import re
import shutil
import subprocess
import sys

import tree

ROW = re.compile(r'^[0-9a-f]+ [lgu! wCWIidDFfO]{7} (\S+)\s+([0-9a-f]+)\s+(?:\.hidden )?(\S+)$')
CHANGING = re.compile(r'^(?:\.data|\.bss|\.tdata|\.tbss|\*COM\*)(?!\.rel\.ro)')


def main():
    if not shutil.which('objdump'):
        tree.skip('objdump is not installed')
    report = tree.Report()
    libraries = sys.argv[2:]
    for library in libraries:
        run = subprocess.run(['objdump', '-t', library], text=True, capture_output=True, check=True)
        member = '?'
        for line in run.stdout.splitlines():
            head = re.match(r'^(\S+):\s+file format', line)
            if head:
                member = head.group(1)
            row = ROW.match(line)
            if row and CHANGING.match(row.group(1)) and int(row.group(2), 16):
                report.add(os.path.basename(library) + '(' + member + ')', 0,
                           f'{row.group(3)}: a variable of the program, in {row.group(1)}')
    report.end(len(libraries))


main()
