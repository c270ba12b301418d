# SPDX-License-Identifier: GPL-2.0-or-later
"""The two figures of the whole model that leave room for any machine are kept: long runs, checker on, no trace.

    limits.py BENCH_MODEL

Both take a small part of what they may. Time is that of the processor, so that others at work do not count.
"""
import os
import subprocess
import sys

# Workload, its size (bench/workloads.c), CPU seconds, MiB; None: no limit.
LIMITS = [
    ("afs-reread", 102400, 10, None),
    ("clients", 320000, None, 4096),
]


def main():
    bad = 0
    for workload, size, seconds_max, mib_max in LIMITS:
        run = subprocess.Popen([sys.argv[1], workload, str(size)])
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        seconds, mib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        print(f"{workload}: exit {run.returncode}, {seconds:.1f} s, {mib:.0f} MiB")
        bad += run.returncode != 0 or (seconds_max is not None and seconds > seconds_max)
        bad += mib_max is not None and mib > mib_max
    return 1 if bad else 0


sys.exit(main())
