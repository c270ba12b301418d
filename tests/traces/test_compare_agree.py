#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The comparison in C and the reference script find the same in many pairs of recordings.

usage: test_compare_agree.py COMPARE_SCORES SOURCE_ROOT

The pairs: recordings against themselves, against mutated copies (lines deleted, doubled, swapped,
fields and tasks changed, cut off), and recordings of one case in different groups. The recordings
and the script (tools/kernel_compare.py, kernel-traces/) lie in the directory that NETFS_SIM_SHARED
names; without it the test is skipped. A fixed selection is taken, everything with NETFS_SIM_ALL=1.
"""
import builtins
import glob
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile

SKIP = 77
OPTIONS = {'c': 'order', 't': 'timing', 'v': 'values', 'p': 'parallel'}
ROBUST = 'ct'
UNDECIDED = '(contexts in another order only)'


def load(path):
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location('kernel_compare', path)
    mod = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mod)
    # Contexts that differ only in the order of their first lines leave the script without a
    # context to name. Let it go on: the scores are right.
    mod.next = lambda it: builtins.next(it, UNDECIDED)
    return mod


# ---- pairs

def write(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, 'w') as f:
        f.write('\n'.join(lines))
    return path


def netfs_lines(lines):
    return [i for i, t in enumerate(lines) if re.search(r': netfs_\w+: [RWiD]', t)] or [0]


def change(rng, line, what):
    """Change a field of a line: one hexadecimal number, a name in capitals, or the task."""
    if what == 'pid':
        return re.sub(r'-(\d+) ', lambda m: '-%d ' % (int(m[1]) + rng.choice((1, 7))), line, count=1)
    if what == 'comm':
        return re.sub(r'^\s*\S.*?-(?=\d)', rng.choice(('kworker/u8:2-', 'cifsd-', 'wl-t1-', 'a b-c-')), line, count=1)
    at = line.find(': netfs_')
    head, text = line[:at + 2], line[at + 2:]
    found = list(re.finditer(r'(?<==)[0-9a-f]+' if what == 'number' else r'\b[A-Z][A-Z-]+\b', text))
    if at < 0 or not found:
        return line
    m = rng.choice(found)
    new = rng.choice(('0', '1', '20', '1000', 'ffff')) if what == 'number' else rng.choice(
        ('TERM', 'FREE', 'NEW', 'COLLECT', 'PREP', 'DOWN', 'ZERO', 'RA', 'WB', 'XX'))
    return head + text[:m.start()] + new + text[m.end():]


def mutate(rng, lines):
    """A few changes to the lines of a trace; what they were is in the name returned."""
    lines, names = list(lines), []
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        what = rng.choice(('delete', 'double', 'swap', 'move', 'number', 'number', 'name', 'name', 'pid', 'comm',
                           'block', 'cut', 'garbage'))
        at = netfs_lines(lines)
        i, j = rng.choice(at), rng.choice(at)
        names.append(what)
        if what == 'delete':
            del lines[i]
        elif what == 'double':
            lines.insert(j, lines[i])
        elif what == 'swap':
            lines[i], lines[j] = lines[j], lines[i]
        elif what == 'move':
            lines.insert(min(len(lines) - 1, i + rng.randrange(4)), lines.pop(i))
        elif what == 'block':
            del lines[i:i + rng.randrange(1, 30)]
        elif what == 'cut':
            if rng.random() < 0.2:
                del lines[i:]
        elif what == 'garbage':
            lines[i] = lines[i][:rng.randrange(len(lines[i]) + 1)]
        else:
            lines[i] = change(rng, lines[i], what)
        if len(lines) < 2:
            lines += ['# empty', '']
    return lines, '+'.join(names[:3])


def many_requests(rng, n):
    """A made-up trace of n requests: more than the reference pairs one by one when n is large."""
    out = ['wl-1 [000] ..... 1.000000: tracing_mark_write: CASE many']
    for r in range(n):
        size = rng.choice((0x1000, 0x2000, 0x4000))
        for text in ('netfs_rreq_ref: R=%08x NEW         r=1' % r,
                     'netfs_read: R=%08x READAHEAD c=00000000 ni=86 s=%x %x' % (r, r % 50 * 0x1000, size),
                     'netfs_sreq: R=%08x[0] DOWN TERM  f=02 s=%x %x/%x e=0' % (r, r % 50 * 0x1000, size, size),
                     'netfs_rreq: R=%08x RA FREE    f=00' % r):
            if rng.random() < 0.98:
                out.append('wl-1 [000] ..... 1.000001: ' + text)
    return out + ['wl-1 [000] ..... 2.000000: tracing_mark_write: CASE END']


def make_pairs(shared, folder, everything):
    rng = random.Random(20240229)
    traces = sorted(glob.glob(os.path.join(shared, 'kernel-traces', '*', '*', 'trace.txt')))
    by_case = {}
    pairs = []
    for t in traces:
        by_case.setdefault(t.split(os.sep)[-2], []).append(t)
        pairs.append((ROBUST, t, t))
    for n, t in enumerate(traces):
        with open(t, errors='replace') as f:
            lines = f.read().split('\n')
        small = len(lines) < 4000
        for k in range((20 if small else 3) if everything else 1 if small or n % 5 == 0 else 0):
            new, what = mutate(rng, lines)
            path = write(folder, 'm%d-%d-%s' % (n, k, what), new)
            options = ROBUST if k % 4 == 0 and n % 4 else rng.choice(('-', 'c', 't', 'ctv', 'v', 'ctp'))
            pairs.append((options, t, path) if rng.random() < 0.8 else (options, path, t))
    across = [(a, b) for c in sorted(by_case) for a in by_case[c] for b in by_case[c] if a != b]
    pairs += [(ROBUST, a, b) for a, b in (across if everything else rng.sample(across, min(250, len(across))))]
    for n in (40, 310, 600):
        lines = many_requests(rng, n)
        k = write(folder, 'many-%d' % n, lines)
        pairs.append((ROBUST, k, write(folder, 'many-%d-m' % n, mutate(rng, lines)[0])))
        pairs.append((ROBUST, k, write(folder, 'many-%d-o' % n, many_requests(rng, n))))
        if n < 100:
            pairs.append((ROBUST + 'p', k, write(folder, 'many-%d-p' % n, many_requests(rng, n))))
    return pairs


# ---- both comparers

def by_script(kc, options, kernel, sim):
    """What compare_scores prints, from the reference."""
    results = os.path.join(os.path.dirname(kernel), 'results.txt')
    k = kc.parse(kernel, kc.ino_of_results(results), 'v' in options)
    s = kc.parse(sim, None, 'v' in options)
    r = kc.compare(k, s, True if 'p' in options else None, 'context' if 'c' in options else 'full', 't' not in options)
    sc = r['scores']
    out = ['parallel %d' % r['parallel']]
    for n in sc:
        out.append('L%d %d/%d match %d' % (n, *sc[n], all(sc[m][0] == sc[m][1] for m in range(1, n + 1))))
    out += ['part %s %d/%d' % (p, *v) for p, v in r['parts'].items()]
    out += ['lines %s %d/%d' % (p, *v) for p, v in r['lines_by'].items()]
    out += ['note: kernel: ' + n for n in k.notes] + ['note: sim: ' + n for n in s.notes] + ['note: ' + n for n in r['notes']]
    for n, text in r['first'].items():
        if text:
            out.append('first %d: %s' % (n, text.replace(': subrequest s,', ': subrequests,', 1)))
    return '\n'.join(out)


def by_program(program, pairs):
    asked = ''.join('\t'.join(p) + '\n' for p in pairs)
    out = subprocess.run([program], input=asked, stdout=subprocess.PIPE, text=True, check=True).stdout
    blocks = re.split(r'^=== .*\n', out, flags=re.M)[1:]
    return [b.rstrip('\n') for b in blocks]


def agree(want, got):
    if want == got:
        return True
    if UNDECIDED not in want:
        return False
    # The reference took the order of contexts for a difference: all but its words must agree.
    cut = [re.split(r'^first 3: ', t, maxsplit=1, flags=re.M)[0] for t in (want, got)]
    return cut[0].rstrip() == cut[1].rstrip()


def main():
    program, root = sys.argv[1:3]
    shared = os.environ.get('NETFS_SIM_SHARED') or os.path.join(root, '..', 'shared')
    script = os.path.join(shared, 'tools', 'kernel_compare.py')
    if not os.path.exists(script):
        print('skipped: no %s' % script)
        return SKIP
    kc = load(script)
    with tempfile.TemporaryDirectory(prefix='compare-agree-') as folder:
        pairs = make_pairs(shared, folder, os.environ.get('NETFS_SIM_ALL') == '1')
        got = by_program(program, pairs)
        if len(got) != len(pairs):
            print('%d answers for %d pairs' % (len(got), len(pairs)))
            return 1
        bad = matched = undecided = 0
        for p, g in zip(pairs, got):
            want = by_script(kc, *p)
            matched += 'L3' in want and 'match 0' not in want
            undecided += UNDECIDED in want
            if not agree(want, g):
                bad += 1
                if bad <= 5:
                    print('--- %s\nreference:\n%s\nprogram:\n%s' % (' '.join(p), want, g))
    print('%d pairs, %d of them match, %d disagreements, %d undecided by the reference' % (
        len(pairs), matched, bad, undecided))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
