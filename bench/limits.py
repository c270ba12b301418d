# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory of many clients stays within its limit: 10 000, each with its own page cache, checker on, no trace.

    limits.py BENCH_MODEL
"""
import os
import subprocess
import sys

CALLS = '320000'  # bench/workloads.c: 10 000 clients
MIB_MAX = 4096


def main():
    run = subprocess.Popen([sys.argv[1], 'clients', CALLS])
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    mib = usage.ru_maxrss / 1024
    print(f'exit {run.returncode}, {mib:.0f} MiB, at most {MIB_MAX}')
    return run.returncode != 0 or mib > MIB_MAX


sys.exit(main())
