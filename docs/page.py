#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make a manual page of parts in scdoc's form.

usage: page.py OUTPUT SCDOC PART... [-- PROGRAM [ARGUMENT...] [-- PART...]]

The parts, and between them what PROGRAM prints, go through SCDOC to OUTPUT.
"""
import subprocess
import sys


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def split(args, mark):
    return (args[:args.index(mark)], args[args.index(mark) + 1:]) if mark in args else (args, [])


def main():
    output, scdoc, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    head, rest = split(rest, '--')
    program, tail = split(rest, '--')
    text = b''.join(read(p) for p in head)
    if program:
        text += subprocess.run(program, stdout=subprocess.PIPE, check=True).stdout
    text += b''.join(read(p) for p in tail)
    page = subprocess.run([scdoc], input=text, stdout=subprocess.PIPE, check=True).stdout
    with open(output, 'wb') as f:
        f.write(page)


if __name__ == '__main__':
    main()
