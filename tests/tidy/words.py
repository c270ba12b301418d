# SPDX-License-Identifier: GPL-2.0-or-later
"""Words that the simulator must not use, since its results would depend on more than its input."""
import re

import tree

def calls(*names):
    """A pattern for calls of these functions."""
    return r'(?:' + '|'.join(names) + r')\s*(?=\()'


# (where, but not there, words, why); words are whole words of the code, no comments, no texts.
RULES = [
    (('sim', 'model'), (), r'float|double|_Float\w+|_Complex|_Decimal\w+', 'no floating point'),
    (('sim', 'model'), (),
     calls('time', 'clock', r'clock_\w+', 'gettimeofday', 'times', 'localtime(?:_r)?', 'strftime',
           'gmtime(?:_r)?', 'nanosleep', 'usleep', 'getrusage', '__rdtsc', '__builtin_ia32_rdtsc'),
     'no clock but the world\'s'),
    (('sim', 'model'), (),
     calls('s?rand', 's?random', '[delmn]rand48', 'rand_r', 'getrandom', r'arc4random\w*'),
     'no draws but those of sim/rand'),
    (('sim', 'model'), ('sim/base',),
     calls('malloc', 'calloc', 'realloc', 'reallocarray', 'free', 'strn?dup', 'v?asprintf',
           'aligned_alloc', 'posix_memalign', 'getline', 'open_memstream'),
     'no memory but the arena\'s and sim_x*'),
    (('sim', 'model', 'traces'), (), calls('alloca'), 'stacks are small'),
    (('sim', 'model'), ('sim/base',), 'FILE|stdin|stdout|stderr',
     'files and output belong to the caller'),
    (('sim', 'model'), ('sim/base',),
     calls('fopen', 'fdopen', 'freopen', 'v?printf', 'puts', 'putchar', 'perror', 'system',
           'popen'),
     'files and output belong to the caller'),
    (('sim', 'model'), (),
     calls('setlocale', 'newlocale', 'uselocale', 'strcoll', 'strxfrm', 'strto(?:d|f|ld)', 'atof',
           'is(?:alpha|alnum|digit|xdigit|space|upper|lower|punct|print|graph|cntrl|blank)',
           'to(?:upper|lower)', 'mbstowcs', 'wcstombs'),
     'nothing that a locale changes'),
    (('sim', 'model'), ('sim/base',), calls('getenv', 'secure_getenv', 'getpid', 'gettid', 'getcwd'),
     'nothing that the surroundings change'),
    (('sim', 'model', 'traces', 'cli'), (), '__DATE__|__TIME__|__TIMESTAMP__',
     'builds are reproducible'),
    (('sim', 'model', 'traces', 'cli'), (), calls('gets', 'v?sprintf', 'strtok'),
     'bounds are given'),
]
HEADERS = re.compile(r'^\s*#\s*include\s+<(?:math|float|fenv|complex|tgmath|locale|ctype|wctype|wchar'
                     r'|time|sys/time|pthread|threads)\.h>')
NUMBER = re.compile(r'(?<![\w.])(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)'
                    r'|(?<![\w.])(?:\d+\.\d+|\.\d+)')
FLOAT_FORMAT = re.compile(r'(?<!%)(?:%%)*%[-+ #0]*[\d*]*(?:\.[\d*]*)?[lL]?[aAeEfFgG]')
ADDRESS_FORMAT = re.compile(r'(?<!%)(?:%%)*%[-+ #0]*\d*p')
SORT = re.compile(r'\b(?:qsort|qsort_r|bsearch)\s*\(')
UNSORTED = re.compile(r'\b(?:readdir|nftw|ftw)\s*\(')


def in_any(path, folders):
    return any(path == f or path.startswith(f + '/') for f in folders)


def check_code(report, path, plain):
    for where, exempt, words, why in RULES:
        if not in_any(path, where) or in_any(path, exempt):
            continue
        for m in re.finditer(r'(?<![\w.>])(?:' + words + r')(?!\w)', plain):
            number = plain.count('\n', 0, m.start()) + 1
            report.add(path, number, f'{m.group().strip()}: {why}')


def check_lines(report, path, plain, source):
    strict = in_any(path, ('sim', 'model'))
    for number, line in enumerate(plain.splitlines(), 1):
        if strict and HEADERS.match(line):
            report.add(path, number, f'{line.strip()}: not in sim/ and model/')
        if strict and NUMBER.search(line):
            report.add(path, number, f'{NUMBER.search(line).group()}: no floating point')
        if SORT.search(line) and not commented(source, number):
            report.add(path, number, 'a sort or search without a comment on its order')
        if UNSORTED.search(line):
            report.add(path, number, 'directories are read by scandir() and sorted')


def commented(source, number):
    """Whether a comment stands among the three lines above the call, or above what it compares by."""
    rows = source.splitlines()
    if any('/*' in r or '*/' in r for r in rows[max(0, number - 4):number]):
        return True
    by = re.search(r'(\w+)\s*\)\s*;', ' '.join(rows[number - 1:number + 3]))
    return bool(by and re.search(r'\*/\nstatic int ' + by.group(1) + r'\(', source))


def check_strings(report, path, source):
    for number, string in tree.strings(source):
        if in_any(path, ('sim', 'model')) and FLOAT_FORMAT.search(string):
            report.add(path, number, f'"{string}": no floating point')
        if ADDRESS_FORMAT.search(string):
            report.add(path, number, f'"{string}": an address is never printed')


def main():
    report = tree.Report()
    sources = tree.files('sim', 'model', 'traces', 'cli', ends=('.c', '.h', '.def'))
    for path in sources:
        source = tree.text(path)
        plain = tree.code(source)
        check_code(report, path, plain)
        check_lines(report, path, plain, source)
        check_strings(report, path, source)
    report.end(len(sources))


main()
