#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make a C file of the gnuplot templates, so that the program needs no files beside itself.

usage: embed.py OUTPUT TEMPLATE.gp...
"""
import os
import sys


def c_string(line):
    return '\t"' + line.replace('\\', '\\\\').replace('"', '\\"') + '\\n"\n'


def main():
    with open(sys.argv[1], 'w') as out:
        out.write('/* SPDX-License-Identifier: GPL-2.0-or-later */\n')
        out.write('/* The gnuplot templates of plots/, made by plots/embed.py. */\n')
        out.write('#include "cli/plot_templates.h"\n')
        for path in sys.argv[2:]:
            name = os.path.splitext(os.path.basename(path))[0]
            out.write('\nconst char plot_template_%s[] =\n' % name)
            with open(path) as f:
                out.write(''.join(c_string(line.rstrip('\n')) for line in f).rstrip('\n') + ';\n')


if __name__ == '__main__':
    main()
