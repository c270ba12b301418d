#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema made from the tables and the reader made from the same tables must agree.

Usage: conf_schema.py CONF_SAMPLE. Exit 77 when python3-jsonschema or python3-yaml are missing.
"""
import json
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)

ACCEPTED = [
    "format: 1",
    "format: 0x1",
    "{format: '1', purpose: 12, fs: 6.8, verbose: false}",
    "{format: 1, fs: 9p, flags: rdonly, tags: [a, b]}",
    "{format: 1, flags: [rdonly, trunc]}",
    "{format: 1, server: {latency: 3ms, bandwidth: 1GiB/s, slots: 4096, drop: 1/100}}",
    "{format: 1, server: {latency: 0, drop: 1, slots: 0x10}}",
    "{format: 1, think: {law: uniform, min: 1ms, max: 2ms}}",
    "{format: 1, think: {law: lognormal, median: 1ms, sigma: 0.5, max: 1s}}",
    "{format: 1, think: {law: table, values: [1ms, 2ms], at: [0, 1]}}",
    "{format: 1, think: {law: zipf, items: 10, theta: 3/2}}",
    "{format: 1, memory: {page: 64KiB, total: 65536}}",
    "{format: 1, skew: 0.5, checks: {rpcs: 3}}",
    "{format: 1, files: {a.b: 4KiB, 'x y': 12}}",
    "{format: 1, place: 4KiB}",
    "{format: 1, place: end}",
    "{format: 1, place: {random: 12}}",
    "{format: 1, place: {tags: [a]}, server: {disk: {rate: 1MiB/s}}}",
    "{format: 1, group: [sync, {sleep: 1s}]}",
    "{format: 1, group: {client: 2, do: [sync]}}",
    "{format: 1, tasks: {a: [sync, drop_caches, {sync: {label: x}}, {drop_caches: {}}]}}",
    "{format: 1, tasks: {a: [{write: {fd: f, at: 4KiB, len: 1..9}}, {write: {fd: f, len: {hi: 3}}}]}}",
    "{format: 1, tasks: {a: [{repeat: {times: 2, do: [{repeat: {times: 3, do: []}}]}}], b: []}}",
]

REFUSED = [
    "{}",
    "[]",
    "format: 2",
    "format: x",
    "{format: 1, formatt: 1}",
    "{format: 1, old: 1}",
    "{format: 1, fs: nfs}",
    "{format: 1, fs: ext4}",
    "{format: 1, verbose: maybe}",
    "{format: 1, flags: [rdonly, rdonly]}",
    "{format: 1, flags: [create]}",
    "{format: 1, tags: []}",
    "{format: 1, tags: [a, b, c]}",
    "{format: 1, purpose: []}",
    "{format: 1, purpose: null}",
    "{format: 1, purpose: 'a text of more than the forty bytes that are allowed'}",
    "{format: 1, server: {latency: 3}}",
    "{format: 1, server: {latency: 3h}}",
    "{format: 1, server: {slots: 0}}",
    "{format: 1, server: {slots: 4097}}",
    "{format: 1, server: {bandwidth: 100}}",
    "{format: 1, server: {drop: 2}}",
    "{format: 1, memory: {page: 64K}}",
    "{format: 1, think: {law: uniform, min: 1ms}}",
    "{format: 1, think: {law: uniform, min: 1ms, max: 2ms, mean: 3ms}}",
    "{format: 1, think: {law: gauss}}",
    "{format: 1, think: {min: 1ms}}",
    "{format: 1, checks: {}}",
    "{format: 1, skew: -1}",
    "{format: 1, place: {end: 1}}",
    "{format: 1, place: {random: 1, end: {}}}",
    "{format: 1, place: []}",
    "{format: 1, group: {do: sync}}",
    "{format: 1, tasks: {'a b': []}}",
    "{format: 1, tasks: {a: [], b: [], c: [], d: []}}",
    "{format: 1, tasks: {a: [write]}}",
    "{format: 1, tasks: {a: [chmod]}}",
    "{format: 1, tasks: {a: [{sync: {}, drop_caches: {}}]}}",
    "{format: 1, tasks: {a: [{drop_caches: {x: 1}}]}}",
    "{format: 1, tasks: {a: [{sleep: 3}]}}",
    "{format: 1, tasks: {a: [{write: {at: 0}}]}}",
    "{format: 1, tasks: {a: [{write: {fd: 'a.b'}}]}}",
    "{format: 1, tasks: {a: [{repeat: {times: 1001, do: []}}]}}",
]


def main():
    tool = sys.argv[1]
    made = subprocess.run([tool, "schema"], check=True, capture_output=True, text=True)
    schema = json.loads(made.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = 0
    for text, expected in [(t, True) for t in ACCEPTED] + [(t, False) for t in REFUSED]:
        reader = subprocess.run([tool, "parse"], input=text, capture_output=True, text=True)
        errors = [e.message for e in validator.iter_errors(yaml.safe_load(text))]
        if (reader.returncode == 0) != expected or (not errors) != expected:
            failures += 1
            print("expected %s: %s\n  reader: %s\n  schema: %s" % (
                "acceptance" if expected else "refusal", text, reader.stdout.strip(), errors or "ok"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
