# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the scenarios of scenarios/stress for many seeds, on every file system and cache mode.

stress.py PROGRAM SOURCE-TREE SEEDS [FIRST]: half of the runs with the first-come schedule, half with a
random one whose tasks are preempted and meet in the middle of calls. No violation, no hang; but with
the bugs of 6.8 as released there must be one.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys

PROGRAM, TREE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SEEDS, FIRST = int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else 1
TIMEOUT_S = 300

MOUNTS = {
    '9p-none': ['mount.cache=none'],
    '9p-loose': ['mount.cache=loose'],
    '9p-mmap': ['mount.cache=mmap'],
    '9p-fscache': ['mount.cache=fscache'],
    '9p-fscache-copy': ['mount.cache=fscache', 'design.cache_copy=writeback'],
    '9p-readahead': ['mount.cache=readahead'],
    '9p-large': ['mount={fs: 9p, cache: loose, large_folios: true}'],
    '9p-large-fscache': ['mount={fs: 9p, cache: fscache, large_folios: true}'],
    '9p-large-fscache-copy': ['mount={fs: 9p, cache: fscache, large_folios: true}',
                              'design.cache_copy=writeback'],
    '9p-small': ['mount={fs: 9p, cache: none, wsize: 8KiB}'],
    '9p-write-begin': ['mount={fs: 9p, cache: fscache}', 'design.perform_write=false', 'design.writeback_runs=false'],
    'afs': ['mount={fs: afs}'],
    'afs-write-begin': ['mount={fs: afs}', 'design.perform_write=false'],
    'afs-fscache': ['mount={fs: afs, cache: fscache}'],
    'afs-fscache-copy': ['mount={fs: afs, cache: fscache}', 'design.cache_copy=writeback'],
    'cifs': ['mount={fs: cifs}'],
    'cifs-fscache': ['mount={fs: cifs, fsc: true}'],
    'cifs-closetimeo': ['mount={fs: cifs, fsc: true, closetimeo: 20ms}'],
    'cifs-segments': ['mount={fs: cifs, fsc: true, max_segments: 3, large_folios: true}'],
    'cifs-fscache-copy': ['mount={fs: cifs, fsc: true}', 'design.cache_copy=writeback'],
    'cifs-none': ['mount={fs: cifs, cache: none}'],
    'cifs-loose': ['mount={fs: cifs, cache: loose}'],
    'cifs-credits': ['mount={fs: cifs, credits: 10, wsize: 128KiB, rsize: 256KiB}'],
    'cifs-small': ['mount={fs: cifs, wsize: 8KiB}'],
    'cifs-none-small': ['mount={fs: cifs, cache: none, wsize: 8KiB}'],
    'ceph': ['mount={fs: ceph}'],
    'ceph-small': ['mount={fs: ceph, wsize: 8KiB}'],
    'ceph-fscache': ['mount={fs: ceph, cache: fscache}'],
    'ceph-fscache-copy': ['mount={fs: ceph, cache: fscache}', 'design.cache_copy=writeback'],
    'ceph-write-begin': ['mount={fs: ceph}', 'design.perform_write=false'],
    'ceph-crypto': ['mount={fs: ceph}', 'design.crypto={block: 1KiB}',
                    'expect.always=[]'],  # direct I/O of parts of blocks is refused
}
MIXED = ['schedule.policy=random', 'schedule.preempt_once=50', 'costs.copy_page=100ns', 'costs.folio=50ns']


def run(path, seed, overrides):
    """The exit code, and the first lines that say what went wrong."""
    options = [word for o in overrides for word in ('-p', o)]
    try:
        done = subprocess.run([PROGRAM, 'run', path, '--seed', str(seed), *options], capture_output=True,
                              text=True, check=False, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return -1, f'no end within {TIMEOUT_S} s'
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    told = [n for n, line in enumerate(lines) if line.startswith(('violation', 'hang', 'netfs-sim:'))]
    return done.returncode, ' / '.join(lines[told[0]:told[0] + 2] if told else lines[-1:])


def sweep(path, mount):
    """Failures of all seeds of one scenario on one mount."""
    bad = []
    for seed in range(FIRST, FIRST + SEEDS):
        for schedule in ([], [*MIXED, f'schedule.seed={seed}']):
            overrides = [*MOUNTS[mount], *schedule]
            code, text = run(path, seed, overrides)
            if code:
                bad.append(f'--seed {seed} ' + ' '.join(f"-p '{o}'" for o in overrides) + f': {text}')
    return bad


def caught(path):
    """Whether the bugs of 6.8 as released are found: else the runs above say nothing."""
    return any(run(path, seed, [*overrides, 'design.bugs=[as-released]'])[0] == 1
               for overrides in MOUNTS.values() for seed in range(FIRST, FIRST + 3))


def main():
    paths = sorted(glob.glob(os.path.join(TREE, 'scenarios', 'stress', '*.yaml')))
    jobs = [(path, mount) for path in paths for mount in MOUNTS]
    failed = not paths
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, mount), bad in zip(jobs, pool.map(lambda job: sweep(*job), jobs)):
            name = f'stress {os.path.basename(path)} {mount}'
            print(f'not ok {name}: {len(bad)} of {2 * SEEDS} runs, as {bad[0]}' if bad
                  else f'ok {name}: {2 * SEEDS} runs', flush=True)
            failed |= bool(bad)
    blind = [path for path in paths if not caught(path)]
    for path in blind:
        print(f'not ok stress {os.path.basename(path)}: as-released: nothing was found')
    sys.exit(1 if failed or blind else 0)


main()
