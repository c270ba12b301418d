# SPDX-License-Identifier: GPL-2.0-or-later
"""Which folder may include which: the arrows of the map in README.md, read off the includes."""
import os
import re

import tree

# What a folder may include besides its own files. The longest name that fits a folder counts; a
# name stands for everything under it.
SIM_LOW = ['sim/base', 'sim/rand', 'sim/trace', 'sim/stats', 'sim/conf']
SIM = SIM_LOW + ['sim/choice', 'sim/core']
# What the model's folders share: they form one world, as fs/, mm/ and include/linux do.
WORLD = SIM + ['model/model.h', 'model/events', 'model/content', 'model/bugs', 'model/iter',
               'model/mm', 'model/vfs', 'model/netfs', 'model/fs', 'model/cache', 'model/server']
MAY = {
    'sim/base': [],
    'sim/rand': ['sim/base'],
    'sim/trace': ['sim/base'],
    'sim/stats': ['sim/base'],
    'sim/conf': ['sim/base', 'sim/rand'],  # laws are written in scenarios
    'sim/choice': SIM_LOW,
    'sim/core': SIM_LOW + ['sim/choice'],
    'sim/explore': SIM,
    'model': WORLD,
    'model/events': ['sim/base', 'sim/trace', 'sim/core'],
    'model/content': ['sim/base'],
    'model/bugs': ['sim/base'],
    'model/check': WORLD,
    'model/scenario': WORLD + ['model/check', 'model/explain'],
    'model/explain': WORLD + ['model/check'],
    'traces/format': ['sim/base', 'sim/trace', 'model/events'],
    'traces/compare': ['sim/base', 'traces/format'],
    'traces/import': ['sim/base', 'traces'],
    'traces/bundle': ['sim/base', 'sim/trace', 'sim/choice', 'model/events', 'traces'],
    'cli': ['sim', 'model', 'traces'],
    'bench': ['sim', 'model', 'traces/format'],
    'tests': ['sim', 'model', 'traces', 'cli'],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def within(path, name):
    return path == name or path.startswith(name + '/')


def main():
    report = tree.Report()
    tops = ('sim', 'model', 'traces', 'cli', 'bench', 'tests')
    sources = tree.files(*tops, ends=('.c', '.h', '.def', '.S'))
    for path in sources:
        homes = [name for name in MAY if within(path, name)]
        if not homes:
            report.add(path, 1, 'a folder that tests/tidy/arrows.py does not know')
            continue
        home = max(homes, key=len)
        own = '/'.join(os.path.dirname(path).split('/')[:2])
        for number, line in tree.lines(path):
            m = INCLUDE.match(line)
            if not m:
                continue
            target = m.group(1)
            if not os.path.exists(os.path.join(tree.root(), target)):
                report.add(path, number, f'"{target}": not a path from the root of the tree')
            elif not any(within(target, name) for name in MAY[home] + [own]):
                report.add(path, number, f'{home} may not include "{target}"')
    report.end(len(sources))


main()
