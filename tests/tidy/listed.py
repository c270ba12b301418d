# SPDX-License-Identifier: GPL-2.0-or-later
"""Every source file is built, every test is run: the tree against what meson knows of it."""
import json
import os
import sys

import tree


def info(build, name):
    with open(os.path.join(build, 'meson-info', name + '.json'), encoding='utf-8') as f:
        return json.load(f)


def main():
    build = os.path.abspath(sys.argv[2])
    report = tree.Report()
    built, programs = set(), {}
    for target in info(build, 'intro-targets'):
        for sources in target['target_sources']:
            for path in sources['sources']:
                path = os.path.relpath(path, tree.root())
                built.add(path)
                programs.setdefault(path, []).extend(target['filename'])
    run = {os.path.normpath(word) for test in info(build, 'intro-tests') for word in test['cmd']}
    sources = tree.files('sim', 'model', 'traces', 'cli', 'bench', 'tests', ends=('.c', '.S'))
    for path in sources:
        name = os.path.basename(path)
        if path not in built:
            report.add(path, 1, 'built by no meson.build')
        elif path.startswith('tests/') and name.startswith('test_') \
                and not run.intersection(programs[path]):
            report.add(path, 1, 'run by no test()')
    scripts = [p for p in tree.files('tests', ends='.py') if os.path.basename(p) != 'tree.py']
    for path in scripts:
        name = os.path.basename(path)
        if (name.startswith('test_') or path.startswith('tests/tidy/')) \
                and os.path.join(tree.root(), path) not in run:
            report.add(path, 1, 'run by no test()')
    suites = {}
    for test in info(build, 'intro-tests'):
        if len(test['suite']) != 1 or ':' not in test['suite'][0]:
            report.add('tests', 1, f'{test["name"]}: every test has exactly one suite')
        suites.setdefault(test['name'], []).append(test)
    for name, tests in suites.items():
        if len(tests) > 1:
            report.add('tests', 1, f'{name}: {len(tests)} tests of this name')
    report.end(len(sources) + len(scripts))


main()
