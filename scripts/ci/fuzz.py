# SPDX-License-Identifier: GPL-2.0-or-later
"""Damages scenarios, traces and recordings, and has the program read them: fuzz.py BINARY FOLDER [N].

Input number n of a kind is the same everywhere. Whatever it is, the program must end within a
minute with one of its exit codes: no signal, no internal error, nothing that a sanitizer finds; and
when it refuses the input, with a message and without an output file. What failed stays in FOLDER.
"""
import collections
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
TIMEOUT_S = 60
SANITIZER_EXIT = 99
# Texts that readers stumble over.
TOKENS = ['', ' ', '\n', '\t', '\0', '\xff', '-', '--', ':', ': ', '- ', '{', '}', '[', ']', '"', "'",
          '&a', '*a', '<<: *a', '!!int', '|', '>', '#', '%', '@', '`', '?', '...', '---', 'null', '~',
          'true', '0', '-1', '1', '0x', '0xffffffffffffffff', '18446744073709551615', '1e9', '1.5',
          '18446744073709551616', '9223372036854775808', '4KiB', '4K', '16EiB', '1us', '1h', '1/0',
          '0/1', '2/1', 'R=00000001', 'netfs_rreq:', '[000]', '12.000001:', 'OP 1 t0 START', 'x' * 300]
exits = collections.Counter()  # how often each exit code was seen, of the kind at hand
NUMBER = re.compile(r'0x[0-9a-fA-F]+|\d+')


def damage(text, others, rng):
    """A text with one to three accidents."""
    for _ in range(rng.randint(1, 3)):
        text = rng.choice((cut, put, swap_lines, drop_lines, repeat_lines, number, byte, splice))(
            text, others, rng)
    return text


def place(text, rng):
    return rng.randint(0, len(text))


def cut(text, _, rng):
    at = place(text, rng)
    return text[:at] + text[at + rng.choice((1, 2, 5, 20, 200, len(text))):]


def put(text, _, rng):
    at = place(text, rng)
    return text[:at] + rng.choice(TOKENS) + text[at:]


def swap_lines(text, _, rng):
    rows = text.split('\n')
    a, b = rng.randrange(len(rows)), rng.randrange(len(rows))
    rows[a], rows[b] = rows[b], rows[a]
    return '\n'.join(rows)


def drop_lines(text, _, rng):
    rows = text.split('\n')
    at = rng.randrange(len(rows))
    del rows[at:at + rng.randint(1, 3)]
    return '\n'.join(rows)


def repeat_lines(text, _, rng):
    rows = text.split('\n')
    at = rng.randrange(len(rows))
    return '\n'.join(rows[:at] + rows[at:at + rng.randint(1, 4)] * rng.choice((2, 2, 3, 50)) + rows[at:])


def number(text, _, rng):
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    m = rng.choice(found)
    return text[:m.start()] + rng.choice(TOKENS) + text[m.end():]


def byte(text, _, rng):
    at = place(text, rng)
    return text[:at] + chr(rng.randrange(256)) + text[at + 1:]


def splice(text, others, rng):
    other = rng.choice(others)
    rows = other.split('\n')
    first = rng.randrange(len(rows))
    at = place(text, rng)
    return text[:at] + '\n'.join(rows[first:first + rng.randint(1, 5)]) + text[at:]


def read(path):
    with open(path, encoding='latin-1') as f:
        return f.read()


def write(path, text):
    with open(path, 'w', encoding='latin-1') as f:
        f.write(text)


def run(binary, *args):
    """(exit code or None, standard error) of the program."""
    env = {**os.environ, 'UBSAN_OPTIONS': f'halt_on_error=1:exitcode={SANITIZER_EXIT}',
           'ASAN_OPTIONS': f'exitcode={SANITIZER_EXIT}:allocator_may_return_null=1:detect_leaks=1'}
    try:
        done = subprocess.run([binary, *args], stdin=subprocess.DEVNULL, env=env, check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return None, 'no end'
    exits[done.returncode] += 1
    return done.returncode, done.stderr.decode(errors='replace')


def verdict(code, said, output=None):
    """What is wrong with the way the program ended, or None."""
    if code is None:
        return f'no end within {TIMEOUT_S} s'
    if code not in (0, 1, 2, 3, 4):
        return f'exit code {code}: {said[-1500:]}'
    if code == 2 and not said.startswith('netfs-sim'):
        return f'refused without a message: {said[-300:]}'
    if code == 2 and output and os.path.exists(output):
        return 'refused, and an output file is there'
    return None


class Fuzz:
    def __init__(self, binary, folder, count):
        self.binary, self.folder, self.count = binary, folder, count
        scenarios = []
        for top, _, names in sorted(os.walk(os.path.join(ROOT, 'scenarios'))):
            scenarios += [read(os.path.join(top, n)) for n in sorted(names) if n.endswith('.yaml')]
        self.scenarios = [s for s in scenarios if len(s) < 20000]
        kernel = os.path.join(ROOT, 'traces', 'kernel')
        self.recordings = [top for top, _, names in sorted(os.walk(kernel)) if 'ops.txt' in names]
        self.traces = [t[:20000] for t in
                       (read(os.path.join(d, 'trace.txt')) for d in self.recordings[::4])]
        own = os.path.join(folder, 'own.trace')
        for text in self.scenarios[:6]:
            write(own + '.yaml', text)
            run(binary, 'run', '-q', own + '.yaml', '--trace', own)
            if os.path.exists(own):
                self.traces.append(read(own)[:20000])

    def scenario(self, n, rng):
        """Checks a scenario, and runs it if it is one."""
        path = os.path.join(self.folder, f'scenario-{n}.yaml')
        out = path + '.trace'
        write(path, damage(rng.choice(self.scenarios), self.scenarios, rng))
        why = verdict(*run(self.binary, 'run', '--print-config', path))
        return path, why or verdict(*run(self.binary, 'run', '-q', '-p', 'limits.events=20000', '-p',
                                         'limits.memory=1GiB', path, '--trace', out), out), [out]

    def trace(self, n, rng):
        path = os.path.join(self.folder, f'trace-{n}.txt')
        write(path, damage(rng.choice(self.traces), self.traces, rng))
        why = None
        for args in (['trace', 'print'], ['trace', 'stat'], ['replay'], ['plot', '--script'],
                     ['trace', 'diff', path]):
            why = why or verdict(*run(self.binary, *args, path))
        return path, why, []

    def recording(self, n, rng):
        """Imports a recording with one damaged file, and compares with it."""
        path = os.path.join(self.folder, f'recording-{n}')
        shutil.copytree(rng.choice(self.recordings), path, dirs_exist_ok=True)
        name = rng.choice(sorted(os.listdir(path)))
        others = [read(os.path.join(d, name)) for d in self.recordings[:10]
                  if os.path.exists(os.path.join(d, name))]
        write(os.path.join(path, name), damage(read(os.path.join(path, name)), others, rng))
        out = path + '.yaml'
        why = verdict(*run(self.binary, 'trace', 'import', '--from', 'kernel', path, '-o', out), out)
        return path, why or verdict(*run(self.binary, 'trace', 'check', '--seeds', '50', path)), [out]

    def one(self, kind, n):
        path, why, extra = getattr(self, kind)(n, random.Random(f'{kind} {n}'))
        for rest in extra + ([] if why else [path]):
            if os.path.isdir(rest):
                shutil.rmtree(rest)
            elif os.path.exists(rest):
                os.remove(rest)
        return f'{path}: {why}' if why else None

    def all(self, kind, share):
        """Prints what failed of a kind, then its result."""
        count, bad = int(self.count * share), 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for why in pool.map(lambda n: self.one(kind, n), range(count)):
                if why:
                    bad += 1
                    print(why if bad < 20 else why.split('\n', maxsplit=1)[0][:200])
        codes = ', '.join(f'{n} x {code}' for code, n in sorted(exits.items()))
        print(f'not ok fuzz: {kind}: {bad} of {count} inputs' if bad or not count
              else f'ok fuzz: {kind}: {count} inputs, exit codes {codes}')
        exits.clear()
        return bad or not count


def main():
    binary, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    fuzz = Fuzz(binary, folder, int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
    bad = [fuzz.all(kind, share) for kind, share in
           (('scenario', 1), ('trace', 0.25), ('recording', 0.25))]
    sys.exit(1 if any(bad) else 0)


main()
