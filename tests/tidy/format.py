# SPDX-License-Identifier: GPL-2.0-or-later
"""Sources look as clang-format 14 leaves them. Other versions differ, so that only 14 counts."""
import re
import shutil
import subprocess

import tree


def main():
    program = shutil.which('clang-format-14')
    if not program:
        tree.skip('clang-format-14 is not installed')
    report = tree.Report()
    sources = [p for p in tree.files('sim', 'model', 'traces', 'cli', 'bench', 'tests',
                                     ends=('.c', '.h')) if not tree.is_generated(p)]
    for first in range(0, len(sources), 50):
        run = subprocess.run([program, '--dry-run', *sources[first:first + 50]], text=True,
                             capture_output=True, check=False, cwd=tree.root())
        for m in re.finditer(r'^(\S+?):(\d+):\d+: warning: ', run.stderr, re.MULTILINE):
            report.add(m.group(1), int(m.group(2)), 'not as clang-format-14 leaves it')
    report.end(len(sources))


main()
