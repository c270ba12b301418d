# SPDX-License-Identifier: GPL-2.0-or-later
"""Every benchmark runs at a tiny size and prints its lines. What they say is nobody's business here.

    smoke.py BENCH_CORE BENCH_PAGECACHE BENCH_MODEL
"""
import re
import subprocess
import sys

NUMBER = r"\d+\.\d+"
RATE = rf"{NUMBER} +{NUMBER}"
BESIDE = rf"{RATE} +{NUMBER} +{NUMBER}x"

LINES = {
    "core": [
        *(rf"hold, {n} pending +{BESIDE} +1\.30x" for n in ("100", "10 000", "1 000 000")),
        rf"kernel-like mix, 64 pending +{BESIDE} +1\.30x",
        rf"task block \+ resume, 100 tasks +{BESIDE} +4\.00x",
        rf"bytes/pending event, of the queue +- +{NUMBER} B +{NUMBER} B",
    ],
    "pagecache": [
        *(rf"{layout}.*\n +insert a folio +{BESIDE}.*\n +look a folio up +{BESIDE}.*\n.*\n +bytes/folio.* {NUMBER} B"
          for layout in ("single pages anywhere", "runs of 16 pages", "runs of 256 pages", "folios of 2 MiB anywhere")),
    ],
    "model": [
        *(rf"{workload} .*\n +event \(\d+\) +{BESIDE} +(500 ns|-)\n +step .*\n +kernel record \(\d+\) +{BESIDE} +(150 ns|-)\n"
          rf" +ftrace line, beside the run \(\d+\) +{RATE}.*\n +bytes/folio, at most +- +{NUMBER} B.*\n +the run: {NUMBER} s, {NUMBER} MiB"
          for workload in ("write", "write-large", "read-random", "many", "afs-reread", "clients")),
    ],
}


def main():
    bad = 0
    for (name, lines), program in zip(LINES.items(), sys.argv[1:], strict=True):
        ran = subprocess.run([program, "--tiny"], capture_output=True, text=True, check=False)
        if ran.returncode or ran.stderr:
            print(f"bench_{name}: exit {ran.returncode}\n{ran.stderr}")
            bad += 1
        for line in lines:
            if not re.search("^" + line, ran.stdout, re.MULTILINE):
                print(f"bench_{name}: no line like {line!r} in\n{ran.stdout}")
                bad += 1
        wrong = subprocess.run([program, "--no-such-option"], capture_output=True, text=True, check=False)
        if wrong.returncode != 2 or not wrong.stderr.startswith("usage: "):
            print(f"bench_{name} --no-such-option: exit {wrong.returncode}, not 2 with a usage")
            bad += 1
    return 1 if bad else 0


sys.exit(main())
