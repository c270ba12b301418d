#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands, options, --help, the manual, and the lists."""
import json
import os
import re
import subprocess
import unittest

import e2e


def commands_of(text):
    """The commands that a help text lists."""
    block = re.search(r'^Commands:\n((?:  .*\n)+)', text, re.M)
    return re.findall(r'^  (\S+)', block[1], re.M) if block else []


def all_commands(case, prefix=()):
    """Every command, as a list of words, its options as --help shows them."""
    text = case.run_tool(*prefix, '--help', code=e2e.MET).out
    inner = commands_of(text)
    if not inner:
        yield prefix, text
    for name in inner:
        yield from all_commands(case, prefix + (name,))


class Usage(e2e.Case):
    def test_every_command_has_help(self):
        names = [' '.join(c) for c, _ in all_commands(self)]
        for name in ('run', 'check', 'replay', 'compare', 'plot', 'trace print', 'trace stat', 'trace diff',
                     'trace check', 'trace import', 'scenario new', 'scenario lint', 'scenario list',
                     'scenario schema', 'bugs', 'designs', 'events list', 'version'):
            self.assertIn(name, names)
        for command, text in all_commands(self):
            self.assertTrue(text.startswith('Usage: netfs-sim ' + ' '.join(command)), text)

    def test_unknown_option_of_every_command(self):
        for command, _ in all_commands(self):
            p = self.run_tool(*command, '--no-such-option', code=e2e.USAGE)
            self.assertIn('--no-such-option', p.err)
            self.assertEqual(p.out, '')

    def test_wrong_commands(self):
        self.assertIn('Usage:', self.run_tool(code=e2e.USAGE).err)
        self.assertIn("'replay'", self.run_tool('reply', code=e2e.USAGE).err)
        self.assertIn('no such command', self.run_tool('qqqq', code=e2e.USAGE).err)
        self.assertIn("did you mean 'scenario lint'?", self.run_tool('lint', 'a.yaml', code=e2e.USAGE).err)
        self.assertIn("did you mean 'trace diff'?", self.run_tool('diff', 'a', 'b', code=e2e.USAGE).err)
        self.assertIn("'scenario man' or 'events man' or 'rules man'?", self.run_tool('man', code=e2e.USAGE).err)
        self.assertIn(": trace stats: no such command; did you mean 'trace stat'?",
                      self.run_tool('trace', 'stats', code=e2e.USAGE).err)
        self.assertIn('Usage:', self.run_tool('trace', code=e2e.USAGE).err)

    def test_wrong_arguments(self):
        self.write('a.yaml', e2e.SMALL)
        for args in (('run',), ('run', 'a.yaml', 'a.yaml'), ('run', 'a.yaml', '-p', 'seed'),
                     ('run', 'a.yaml', '--seed', 'x'), ('run', 'a.yaml', '--seed', '-1'),
                     ('run', 'a.yaml', '--policy', 'lifo'), ('run', 'a.yaml', '--format', 'perfetto'),
                     ('check',), ('check', 'a.yaml', '--jobs', '0'), ('check', 'a.yaml', '--bless'),
                     ('check', 'a.yaml', '--format', 'x'), ('replay',), ('compare', 'a.yaml', 'seed=1'),
                     ('compare', 'a.yaml', '', '', ''), ('compare', 'a.yaml', '', '', '-t', '1%'),
                     ('plot',), ('plot', 'x', '--kind', 'pie'), ('plot', 'x', '--size', '3'),
                     ('plot', 'x', 'y', '--kind', 'lanes'), ('trace', 'print'), ('trace', 'diff', 'a'),
                     ('trace', 'diff', 'a', 'b', '--level', '4'), ('trace', 'print', 'x', '-R', 'zz'),
                     ('trace', 'print', 'x', '--from', '3'), ('trace', 'import', 'x'),
                     ('trace', 'import', '--from', 'fio', 'x'), ('scenario', 'lint'), ('bugs', 'show')):
            p = self.run_tool(*args, code=e2e.USAGE)
            self.assertEqual(p.out, '', args)
            self.assertTrue(p.err.startswith('netfs-sim'), p.err)

    def test_version(self):
        text = self.run_tool('version', code=e2e.MET).out
        self.assertRegex(text, r'^netfs-sim \d+\.\d+\.\d+\n$')
        self.assertEqual(self.run_tool('--version', code=e2e.MET).out, text)

    def test_manual_knows_every_option(self):
        with open(os.path.join(e2e.ROOT, 'docs', 'netfs-sim.1.scd')) as f:
            manual = f.read()
        for command, text in all_commands(self):
            words = [w for w in command if w != 'list'] if command[0] in ('events', 'rules') else command
            self.assertIn(' '.join(words), manual)
            for option in set(re.findall(r'--[a-z-]+', text)) - {'--help', '--usage'}:
                self.assertIn('*%s*' % option, manual.replace('\\', ''), command)

    def test_example_of_scenario_manual_is_one(self):
        with open(os.path.join(e2e.ROOT, 'docs', 'netfs-sim-scenario.5.head.scd')) as f:
            self.write('a.yaml', f.read().split('```\n')[1])
        self.run_tool('run', 'a.yaml', code=e2e.MET)


class Lists(e2e.Case):
    def test_bugs(self):
        rows = json.loads(self.run_tool('bugs', 'list', '--json', code=e2e.MET).out)
        self.assertIn('stream-folio-whole-overwrite', [r['slug'] for r in rows])
        self.assertIn('stream-folio-whole-overwrite', self.run_tool('bugs', 'list', code=e2e.MET).out)

    def test_designs(self):
        rows = json.loads(self.run_tool('designs', 'list', '--json', code=e2e.MET).out)
        self.assertEqual([r['generation'] for r in rows], ['6.1', '6.8', '6.12'])
        self.assertEqual([r['available'] for r in rows if r['generation'] == '6.8'], ['yes'])

    def test_events(self):
        rows = json.loads(self.run_tool('events', 'list', '--json', code=e2e.MET).out)
        self.assertIn('netfs_sreq', [r['name'] for r in rows])
        self.assertTrue(self.run_tool('events', 'man', code=e2e.MET).out.startswith('netfs-sim-events(7)'))

    def test_rules(self):
        rows = json.loads(self.run_tool('rules', 'list', '--json', code=e2e.MET).out)
        self.assertEqual([r['name'] for r in rows if r['id'] == 'I10'], ['durable'])
        self.assertTrue(self.run_tool('rules', 'man', code=e2e.MET).out.startswith('netfs-sim-rules(7)'))

    def test_list_is_what_they_do(self):
        for name in ('bugs', 'designs', 'events', 'rules'):
            for options in ((), ('--json',)):
                self.assertEqual(self.run_tool(name, *options, code=e2e.MET).out,
                                 self.run_tool(name, 'list', *options, code=e2e.MET).out)

    def test_no_line_is_wider_than_asked(self):
        for columns in (60, 78, 120):
            text = self.run_tool('bugs', 'list', env={'COLUMNS': str(columns)}, code=e2e.MET).out
            self.assertLessEqual(max(map(len, text.split('\n'))), max(columns, 92))
            text = self.run_tool('events', 'list', env={'COLUMNS': str(columns)}, code=e2e.MET).out
            self.assertLessEqual(max(map(len, text.split('\n'))), max(columns, 88))

    def test_scenarios(self):
        self.write('b.yaml', e2e.SMALL)
        self.write('a.yaml', e2e.SMALL)
        self.write('_part.yaml', 'x: 1')
        rows = json.loads(self.run_tool('scenario', 'list', '.', '--json', code=e2e.MET).out)
        self.assertEqual([r['path'] for r in rows], ['a.yaml', 'b.yaml'])
        self.assertEqual(rows[0]['purpose'], 'One task writes and another one reads.')

    def test_new_scenario_is_valid(self):
        self.run_tool('scenario', 'new', 'a.yaml', code=e2e.MET)
        self.run_tool('scenario', 'lint', 'a.yaml', code=e2e.MET)
        self.assertRegex(self.run_tool('run', 'a.yaml', code=e2e.MET).out, r'\nwrite +1 +0 +4KiB')
        self.assertIn('exists', self.run_tool('scenario', 'new', 'a.yaml', code=e2e.USAGE).err)
        self.run_tool('scenario', 'new', '--force', 'a.yaml', code=e2e.MET)
        self.assertEqual(self.run_tool('scenario', 'new', code=e2e.MET).out, self.read('a.yaml'))

    def test_fields_of_all_operations_are_told_once(self):
        text = self.run_tool('scenario', 'man', code=e2e.MET).out
        for field in ('*ret* _result_', '*line* _number_', '*text* _text_'):
            self.assertEqual(text.count(field), 1, field)
        self.assertLess(text.index('## operation\n'), text.index('*ret* _result_'))
        self.assertLess(text.index('*ret* _result_'), text.index('## open\n'))

    def test_lint(self):
        self.write('a.yaml', e2e.SMALL)
        self.write('b.yaml', e2e.SMALL.replace('512', '64K'))
        p = self.run_tool('scenario', 'lint', '.', code=e2e.USAGE)
        self.assertIn('b.yaml:9:', p.err)
        self.assertNotIn('a.yaml', p.err)
        self.run_tool('scenario', 'lint', 'a.yaml', '-p', 'server.slots=0x4', code=e2e.MET)

    def test_schema_is_the_committed_one(self):
        schema = self.run_tool('scenario', 'schema', code=e2e.MET).out
        json.loads(schema)
        with open(os.path.join(e2e.ROOT, 'scenarios', 'schema.json')) as f:
            self.assertEqual(schema, f.read(), 'netfs-sim scenario schema > scenarios/schema.json')


if __name__ == '__main__':
    e2e.main()
