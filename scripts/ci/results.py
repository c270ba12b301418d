# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints meson's log of a run of tests, JSON lines, as the lines that scripts/test counts."""
import json
import sys

LINES_SHOWN = 100  # of the output of a test that failed

def main():
    label, path = sys.argv[1:]
    bad = 0
    try:
        with open(path, encoding='utf-8') as f:
            tests = [json.loads(line) for line in f]
    except OSError as error:
        tests = []
        print(f'not ok {label}: {error}')
    for test in sorted(tests, key=lambda t: t['name']):
        name, result = f'{label}: {test["name"].split(" / ")[-1]}', test['result']
        if result in ('OK', 'EXPECTEDFAIL'):
            print(f'ok {name} ({test["duration"]:.1f} s)')
        elif result == 'SKIP':
            print(f'skip {name}: {last_line(test)}')
        else:
            bad = 1
            said = (test.get('stdout') or '') + (test.get('stderr') or '')
            print('\n'.join(said.splitlines()[-LINES_SHOWN:]))
            print(f'not ok {name}: {result}')
    sys.exit(bad or not tests)


def last_line(test):
    """What a skipped test said last, which is why."""
    said = (test.get('stdout') or test.get('stderr') or '').strip().splitlines()
    return said[-1][:200] if said else 'it said nothing'


main()
