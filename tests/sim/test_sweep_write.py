# SPDX-License-Identifier: GPL-2.0-or-later
"""Every output file fails to be written after any number of bytes: test_sweep_write.py PROGRAM SOURCE-TREE.

Whatever the place: exit code 2 with one message, the old file whole, nothing left beside it. Places
come from the limit of a file's size, with its signal ignored and not, and from a full file system.
"""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SCENARIO = os.path.join(ROOT, 'scenarios', 'tutorial', '3-streaming-write.yaml')
LONG = os.path.join(ROOT, 'scenarios', 'tutorial', '6-throughput.yaml')
RECORDING = os.path.join(ROOT, 'traces', 'kernel', '6.8-9p', 'append')
OLD = b'# the old file, which stays as it is unless a whole new one takes its place\n'
POINTS = 200 if os.environ.get('NETFS_SIM_SWEEP_ALL', '0') not in ('', '0') else 8

# What writes a file OUT; TRACE is a trace that is there.
COMMANDS = {
    'trace': ['run', '-q', SCENARIO, '--trace', 'OUT'],
    'all events': ['run', '-q', SCENARIO, '--all-events', '--trace', 'OUT'],
    'long trace': ['run', '-q', LONG, '--trace', 'OUT'],
    'stats': ['run', '-q', SCENARIO, '--stats', 'OUT'],
    'results': ['run', '-q', SCENARIO, '--results', 'OUT'],
    'replay': ['replay', 'TRACE', '--trace', 'OUT'],
    'import': ['trace', 'import', '--from', 'kernel', RECORDING, '-o', 'OUT'],
    'keep': ['trace', 'check', RECORDING, '--keep', 'OUT'],
    'new': ['scenario', 'new', '--force', 'OUT'],
    'data': ['plot', 'TRACE', '--data', 'OUT'],
    'picture': ['plot', 'TRACE', '-o', 'OUT', '--term', 'svg'],
    'baseline': ['check', SCENARIO, '--baseline', 'OUT', '--bless'],
}


def run(name, folder, limit=None, ignore=False):
    """The command in folder, with files of at most `limit` bytes."""
    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignore else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    words = {'OUT': os.path.join(folder, 'out'), 'TRACE': trace_path}
    # A limit would cut gcov's files short, too, and spoil them for all programs that come after.
    env = dict(os.environ, GCOV_PREFIX='/dev/null') if limit is not None else None
    return subprocess.run([PROGRAM, *(words.get(w, w) for w in COMMANDS[name])], check=False, env=env,
                          preexec_fn=prepare, capture_output=True, restore_signals=False, cwd=folder)


def put_old(name, folder):
    """The old file, unless the command reads it; its contents or None."""
    for entry in os.listdir(folder):
        os.remove(os.path.join(folder, entry))
    if name == 'baseline':
        old = b'# netfs-sim baseline 1\n# old\n'
    else:
        old = OLD
    with open(os.path.join(folder, 'out'), 'wb') as f:
        f.write(old)
    return old


def contents(folder):
    found = {}
    for entry in os.listdir(folder):
        with open(os.path.join(folder, entry), 'rb') as f:
            found[entry] = f.read()
    return found


def check_refused(name, folder, where, result, before):
    said = result.stderr.decode()
    if result.returncode != 2 or 'netfs-sim: ' not in said or contents(folder) != before:
        sys.exit(f'{name}, {where}: exit code {result.returncode}, {said!r}, left: '
                 f'{ {k: len(v) for k, v in contents(folder).items()} }')


def sweep(name, folder):
    """Returns how often it was made to fail."""
    put_old(name, folder)
    result = run(name, folder)
    if result.returncode == 77:
        print(f'skipped: {name}: {result.stderr.decode().strip()}')
        return 0
    assert result.returncode in (0, 1), (name, result)
    whole = contents(folder)['out']
    assert whole and whole != OLD, name
    size, failed = len(whole), 0
    for limit in sorted({size * n // POINTS for n in range(POINTS)} | {0, 1, size - 1}):
        for ignore in (False, True):
            for is_old in (False, True):
                before = {'out': put_old(name, folder)}
                if not is_old:
                    os.remove(os.path.join(folder, 'out'))
                    before = {}
                result = run(name, folder, limit, ignore)
                check_refused(name, folder, f'files of {limit} of {size} bytes', result, before)
                failed += 1
    put_old(name, folder)
    result = run(name, folder, size)
    assert result.returncode in (0, 1) and contents(folder) == {'out': whole}, (name, result)
    return failed


def fill(folder):
    """Leave no free byte."""
    with open(os.path.join(folder, 'filler'), 'wb', buffering=0) as f:
        for size in (4096, 1):
            try:
                while True:
                    f.write(b'x' * size)
            except OSError:
                pass


def full_disk(folder):
    """As root of a name space: the commands on a file system with less and less room."""
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], check=True)
    failed = 0
    for name in COMMANDS:
        old = put_old(name, folder)
        fill(folder)
        before = contents(folder)
        assert before['out'] == old
        check_refused(name, folder, 'full disk', run(name, folder), before)
        failed += 1
    print(f'{failed} full disks')


def can_mount(folder):
    """Whether this process may have a name space with a file system of its own."""
    return shutil.which('unshare') and subprocess.run(
        ['unshare', '-rm', 'mount', '-t', 'tmpfs', 'tmpfs', folder], check=False,
        capture_output=True).returncode == 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 4:
            full_disk(sys.argv[4])
            return
        subprocess.run([PROGRAM, 'run', '-q', SCENARIO, '--trace', trace_path], check=True)
        for name in COMMANDS:
            print(f'{name}: {sweep(name, folder)} failures')
        if can_mount(folder):
            subprocess.run(['unshare', '-rm', sys.executable, os.path.abspath(__file__), PROGRAM, ROOT,
                            trace_path, folder], check=True)
        else:
            print('no full disk: this process may not mount one')
    os.remove(trace_path)


def temporary():
    handle, path = tempfile.mkstemp()
    os.close(handle)
    return path


trace_path = sys.argv[3] if len(sys.argv) > 3 else temporary()
main()
