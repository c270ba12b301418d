# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of the tests of one suite of a build folder that are compiled programs, not scripts."""
import json
import os
import sys


def main():
    build, suite = sys.argv[1:]
    with open(os.path.join(build, 'meson-info', 'intro-tests.json'), encoding='utf-8') as f:
        tests = json.load(f)
    for test in tests:
        with open(os.path.join(build, test['cmd'][0]), 'rb') as f:
            if test['suite'][0].endswith(':' + suite) and f.read(4) == b'\x7fELF':
                print(test['name'])


main()
