# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden traces: traces/golden/ holds what shipped scenarios did when they were last looked at.

golden.py BINARY [--bless] [--scenarios DIR] [--golden DIR]

Which scenarios, says a list of patterns, traces/golden/scenarios.

A run of under 300 lines has its whole trace there: all events if they fit, else those of the kernel
and the choices. A longer run has the head of its trace, a fingerprint per 1000 records, and its
summary. The first kind can be given to `netfs-sim replay`, `trace diff` and `plot`. Without --bless
the runs are compared with the files, and a file that is missing, or that no scenario
of the list has, is an error;
with --bless the files are written anew.
"""
import argparse
import concurrent.futures
import difflib
import fnmatch
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
LINES_MAX = 300
DIFF_SHOWN = 40
TIMEOUT_S = 1800
# Lines that differ between releases and builds of one and the same run.
VARYING = ('# netfs-sim: version ', 'simulator: ')


class Unfit(Exception):
    """A run that cannot have a golden trace, and why."""


def relative_names(folder, ending):
    """Names below folder without their ending, sorted; parts for include and extends left out."""
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [n for n in folders if n[0] not in '._']
        found += [os.path.relpath(os.path.join(where, n), folder)[:-len(ending)] for n in names
                  if n.endswith(ending) and n[0] not in '._']
    return sorted(found)


def run(binary, path, *options):
    """Trace and summary of a run, as lists of lines."""
    result = subprocess.run([binary, 'run', '--trace', '-', *options, path], capture_output=True,
                            timeout=TIMEOUT_S, check=False)
    trace, said = (out.decode('utf-8').splitlines(True) for out in (result.stdout, result.stderr))
    if result.returncode:
        raise Unfit(f'exit code {result.returncode}\n{"".join(said[-20:])}')
    return [[line for line in lines if not line.startswith(VARYING)] for lines in (trace, said)]


def golden_text(binary, path):
    trace, summary = run(binary, path)
    if len(trace) >= LINES_MAX:
        return ''.join([line for line in trace if line.startswith('# netfs-sim:')] + summary)
    everything, _ = run(binary, path, '--all-events')
    return ''.join(everything if len(everything) < LINES_MAX else trace)


def chosen(names, listing):
    """Those of the names that the patterns of a list take, and the patterns that take none."""
    with open(listing, encoding='utf-8') as f:
        patterns = [line.strip() for line in f if line.strip() and line[0] != '#']
    idle = [p for p in patterns if not fnmatch.filter(names, p)]
    return [n for n in names if any(fnmatch.fnmatchcase(n, p) for p in patterns)], idle


def read(path):
    with open(path, encoding='utf-8', newline='') as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tempfile.NamedTemporaryFile('w', encoding='utf-8', newline='', dir=os.path.dirname(path),
                                     delete=False) as f:
        f.write(text)
    os.chmod(f.name, 0o644)
    os.replace(f.name, path)


class Golden:
    def __init__(self, args):
        self.args = args
        self.bad = 0

    def report(self, name, problem):
        self.bad += 1
        print(f'{name}: {problem}')

    def path(self, name):
        return os.path.join(self.args.golden, name + '.txt')

    def compare(self, name, text):
        try:
            old = read(self.path(name))
        except FileNotFoundError:
            self.report(name, 'has no golden trace; scripts/bless makes it')
            return
        if old == text:
            return
        self.report(name, 'the run is not as in its golden trace')
        diff = difflib.unified_diff(old.splitlines(True), text.splitlines(True), 'golden', 'now', n=2)
        for number, line in enumerate(diff):
            if number == DIFF_SHOWN:
                print('...')
                break
            sys.stdout.write(line)

    def bless(self, name, text):
        path = self.path(name)
        if os.path.exists(path) and read(path) == text:
            return
        print(f'{"changed" if os.path.exists(path) else "new"}: {name}')
        write(path, text)

    def stale(self, name):
        if self.args.bless:
            print(f'gone: {name}')
            os.unlink(self.path(name))
        else:
            self.report(name, 'a golden trace without a scenario; scripts/bless removes it')

    def all(self):
        names, idle = chosen(relative_names(self.args.scenarios, '.yaml'),
                             os.path.join(self.args.golden, 'scenarios'))
        for pattern in idle:
            self.report(pattern, 'no scenario has this name')

        def text_of(name):
            try:
                return golden_text(self.args.binary,
                                   os.path.join(self.args.scenarios, name + '.yaml')), None
            except (Unfit, subprocess.TimeoutExpired, UnicodeDecodeError) as error:
                return None, error

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, (text, error) in zip(names, pool.map(text_of, names)):
                if error:
                    self.report(name, error)
                else:
                    (self.bless if self.args.bless else self.compare)(name, text)
        for name in relative_names(self.args.golden, '.txt'):
            if name not in names:
                self.stale(name)
        print(f'{len(names)} scenarios, {self.bad} wrong')
        if self.bad and not self.args.bless:
            print('If the change is meant, run scripts/bless and read its git diff.')
        return bool(self.bad or not names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('binary')
    parser.add_argument('--bless', action='store_true')
    parser.add_argument('--scenarios', default=os.path.join(ROOT, 'scenarios'))
    parser.add_argument('--golden', default=os.path.join(ROOT, 'traces', 'golden'))
    args = parser.parse_args()
    args.binary = os.path.abspath(args.binary)
    sys.exit(Golden(args).all())


main()
