# SPDX-License-Identifier: GPL-2.0-or-later
"""The tidy tests find what they look for: each is run on a small tree with known offences."""
import os
import subprocess
import sys
import tempfile

SPDX = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n'
HEAD = SPDX + '/* A file. */\n'
MODEL = HEAD + '/* Mirrors: mm/filemap.c (6.8) */\n'

# (test, file, its text, what must be said of it: None if it is to pass)
CASES = [
    ('arrows', 'sim/core/a.c', HEAD + '#include "model/mm/mm.h"\n', 'may not include'),
    ('arrows', 'sim/base/a.c', HEAD + '#include "sim/core/world.h"\n', 'may not include'),
    ('arrows', 'model/mm/a.c', HEAD + '#include "traces/format/a.h"\n', 'may not include'),
    ('arrows', 'model/mm/a.c', HEAD + '#include "model/check/check.h"\n', 'may not include'),
    ('arrows', 'traces/import/a.c', HEAD + '#include "model/scenario/a.h"\n', 'may not include'),
    ('arrows', 'traces/compare/a.c', HEAD + '#include "model/events/e.h"\n', 'may not include'),
    ('arrows', 'model/mm/a.c', HEAD + '#include "cli/cli.h"\n', 'may not include'),
    ('arrows', 'model/mm/a.c', HEAD + '#include "mm.h"\n', 'not a path'),
    ('arrows', 'sim/new/a.c', HEAD, 'does not know'),
    ('arrows', 'elsewhere/a.c', HEAD, '0 looked at'),
    ('arrows', 'model/mm/a.c', HEAD + '#include "sim/core/world.h"\n', None),
    ('words', 'sim/core/a.c', HEAD + 'double d;\n', ':3: double'),
    ('words', 'model/mm/a.c', HEAD + 'int i = 1.5;\n', ':3: 1.5'),
    ('words', 'model/mm/a.c', HEAD + 'int i = 1e9;\n', ':3: 1e9'),
    ('words', 'model/mm/a.c', HEAD + 'int i = f(time (NULL));\n', ':3: time'),
    ('words', 'sim/core/a.c', HEAD + 'p = malloc(3);\n', ':3: malloc'),
    ('words', 'sim/base/a.c', HEAD + 'p = malloc(3);\n', None),
    ('words', 'sim/core/a.c', HEAD + 'FILE *f;\n', ':3: FILE'),
    ('words', 'sim/core/a.c', HEAD + '#include <math.h>\n', ':3: #include'),
    ('words', 'sim/core/a.c', HEAD + 'p("%-5.2f");\n', ':3: "%-5.2f"'),
    ('words', 'traces/format/a.c', HEAD + 'p("at %p");\n', ':3: "at %p"'),
    ('words', 'sim/core/a.c', HEAD + 'p("100%% free, 5%% done");\n', None),
    ('words', 'sim/core/a.c', HEAD + '/* free(x), a double */ ops->free(x); p("free(x) 1.5");\n', None),
    ('words', 'traces/format/a.c', HEAD + '\n\n\nqsort(a, n, 4, by);\n', ':6: a sort'),
    ('words', 'traces/format/a.c', HEAD + '\n\n/* total */\nqsort(a, n, 4, by);\n', None),
    ('words', 'traces/format/a.c',
     HEAD + '/* By name, total. */\nstatic int by(void)\n{\n}\n\n\nqsort(a, n, 4, by);\n', None),
    ('layout', 'sim/a.c', '/* A file. */\n', 'no SPDX'),
    ('layout', 'sim/a.c', SPDX + 'int x;\n', 'no sentence'),
    ('layout', 'model/mm/a.c', HEAD + 'int x;\n', 'Mirrors'),
    ('layout', 'model/mm/a.c', MODEL + 'int x;\n', None),
    ('layout', 'sim/a.c', HEAD + '\t' * 12 + 'x(12345);\n', ':3: 105 columns'),
    ('layout', 'sim/a.c', HEAD + 'p("' + 'x' * 110 + '");\n', None),
    ('layout', 'sim/a.c', HEAD + 'int x; \n', 'blanks'),
    ('layout', 'sim/a.c', HEAD + 'int x;', 'no newline'),
    ('layout', 'sim/a.c', '', 'empty'),
    ('layout', 'sim/a.c', HEAD + 'x();\n' * 600, '602 lines'),
    ('layout', 'sim/a.c', HEAD + 'void f(void)\n{\n' + '\tx();\n' * 68 + '}\n', 'f: 71 lines'),
    ('layout', 'docs/a.md', 'TO' + 'DO: write\n', 'unfinished'),
    ('layout', 'docs/a.md', 'see /ho' + 'me/me/x\n', 'one machine'),
    ('layout', 'docs/a.md', 'see https://example.org/home/x and ~/work/y\n', None),
    ('headers', 'sim/a.h', HEAD + '\nint sim_f(int x);\n', ':4: sim_f: not explained'),
    ('headers', 'sim/a.h', HEAD + '\nstruct x *sim_f(int x,\n\tint y);\n', ':4: sim_f'),
    ('headers', 'sim/a.h', HEAD + '\n/* Two. */\nint sim_f(int x);\nint sim_g(int x);\n', None),
    ('headers', 'sim/a.h', HEAD + '\nint sim_f(int x); /* adds one */\n', None),
    ('headers', 'sim/a.h', HEAD + '\nstatic inline int f(int x)\n{\n\treturn x;\n}\n', None),
    ('format', 'sim/a.c', HEAD + 'int  x;\n', ':3: not as'),
]


def failed(case, folder):
    """Why the case is wrong, or None."""
    test, path, text, expected = case
    os.makedirs(os.path.join(folder, os.path.dirname(path)))
    with open(os.path.join(folder, path), 'w', encoding='utf-8') as f:
        f.write(text)
    for other in ('model/mm/mm.h', 'sim/core/world.h', 'traces/format/a.h', 'model/check/check.h',
                  'model/scenario/a.h', 'model/events/e.h', 'cli/cli.h'):
        if test == 'arrows' and path != 'elsewhere/a.c':
            os.makedirs(os.path.join(folder, os.path.dirname(other)), exist_ok=True)
            with open(os.path.join(folder, other), 'w', encoding='utf-8') as f:
                f.write(HEAD)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), test + '.py')
    run = subprocess.run([sys.executable, script, folder], text=True, capture_output=True,
                         check=False)
    if run.returncode == 77 or 'note: no ctags' in run.stdout and 'lines' in str(expected):
        return None
    if expected is None:
        return None if run.returncode == 0 else run.stdout + run.stderr
    return None if run.returncode == 1 and expected in run.stdout else (
        f'expected "{expected}"\n' + run.stdout + run.stderr)


def main():
    bad = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            why = failed(case, folder)
        if why:
            bad += 1
            print(f'{case[0]}, {case[1]}: {case[2][-60:]!r}: {why}')
    print(f'{len(CASES)} cases, {bad} wrong')
    sys.exit(1 if bad else 0)


main()
