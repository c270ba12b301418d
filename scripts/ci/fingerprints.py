# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs every scenario with one build of netfs-sim and compares its fingerprints with another's.

fingerprints.py LABEL BINARY [--runner "PROGRAM ARGS"] [--write FILE] [--against FILE]
"""
import argparse
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
TIMEOUT_S = 900


def scenarios():
    found = []
    for folder, _, names in os.walk(os.path.join(ROOT, 'scenarios')):
        found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names
                  if n.endswith('.yaml')]
    return sorted(found)


def fingerprint(command, path):
    """"FINGERPRINT EXIT-CODE" of a run, or what went wrong; and whether it went well."""
    try:
        run = subprocess.run([*command, 'run', '--json', path], capture_output=True, cwd=ROOT,
                             timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f'no end within {TIMEOUT_S} s', False
    try:
        figures = json.loads(run.stdout)
        return f'{figures["fingerprint"]} {run.returncode}', True
    except (ValueError, KeyError):
        return f'exit {run.returncode}: {run.stderr.decode(errors="replace")[-300:]}', False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('label')
    parser.add_argument('binary')
    parser.add_argument('--runner', default='')
    parser.add_argument('--write')
    parser.add_argument('--against')
    args = parser.parse_args()
    command = [*shlex.split(args.runner), os.path.abspath(args.binary)]
    expected = {}
    if args.against:
        with open(args.against, encoding='utf-8') as f:
            expected = json.load(f)
    bad = 0
    paths = scenarios()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(paths, pool.map(lambda p: fingerprint(command, p), paths)))
    for path, (text, good) in results.items():
        if not good or (args.against and expected.get(path) != text):
            bad += 1
            print(f'not ok {args.label}: {path}: {text}, expected {expected.get(path)}')
        else:
            print(f'ok {args.label}: {path} {text}')
    if args.write:
        with open(args.write, 'w', encoding='utf-8') as f:
            json.dump({p: t for p, (t, _) in results.items()}, f, indent=1)
    if not paths:
        print(f'not ok {args.label}: no scenarios')
    sys.exit(1 if bad or not paths else 0)


main()
