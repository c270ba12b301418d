# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs of a build folder under memcheck: the unit tests that are programs, and all scenarios."""
import concurrent.futures
import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
VALGRIND = ['valgrind', '-q', '--error-exitcode=99', '--leak-check=full', '--num-callers=30',
            '--errors-for-leak-kinds=definite,indirect']
TIMEOUT_S = 1200


def unit_tests(build):
    """(name, command, environment, folder) of the unit tests that are programs of this build."""
    run = subprocess.run(['meson', 'introspect', '--tests', build], capture_output=True, check=True)
    for test in json.loads(run.stdout):
        if test['suite'][0].endswith(':unit') and is_program(test['cmd'][0]):
            yield test['name'], test['cmd'], test['env'], test['workdir'] or build


def is_program(path):
    with open(path, 'rb') as f:
        return f.read(4) == b'\x7fELF'


def scenarios(build):
    """As unit_tests, and the exit code without memcheck: fingerprints.json has it behind the fingerprint."""
    program = os.path.join(build, 'cli', 'netfs-sim')
    with open(os.path.join(build, 'fingerprints.json'), encoding='utf-8') as f:
        reference = json.load(f)
    for path, text in sorted(reference.items()):
        yield path, [program, 'run', '--json', path], {}, ROOT, int(text.split()[1])


def check(case):
    """The line to print for (name, command, environment, folder, expected exit code)."""
    name, command, env, folder, expected = case
    try:
        run = subprocess.run([*VALGRIND, *command], capture_output=True, cwd=folder,
                             env={**os.environ, **env}, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f'not ok valgrind: {name}: no end within {TIMEOUT_S} s'
    if run.returncode == expected:
        return f'ok valgrind: {name}'
    said = (run.stdout + run.stderr).decode(errors='replace')
    return said[-6000:] + f'\nnot ok valgrind: {name}: exit code {run.returncode}'


def main():
    build = os.path.abspath(sys.argv[1])
    cases = [(*test, 0) for test in unit_tests(build)] + list(scenarios(build))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for line in pool.map(check, cases):
            print(line, flush=True)
            bad += '\nnot ok' in '\n' + line
    sys.exit(1 if bad or not cases else 0)


main()
