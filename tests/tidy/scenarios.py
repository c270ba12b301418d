# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenario files: well-formed for yamllint, valid by the committed schema, each with a purpose."""
import json
import os
import re
import shutil
import subprocess

import tree

try:
    import jsonschema
    import yaml
except ImportError as missing:
    tree.skip(f'{missing.name} is not installed')


class Loader(yaml.SafeLoader):
    """YAML as the simulator reads it: 'on', 'yes' and '1:30' are texts, a key stands once."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.YAMLError(f'line {key.start_mark.line + 1}: {key.value} stands twice')
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for tag, pattern, first in (
        ('bool', r'^(?:true|false)$', 'tf'),
        ('int', r'^(?:[-+]?\d+|0x[0-9a-fA-F]+)$', '-+0123456789'),
        ('null', r'^(?:null|~|)$', ['n', '~', ''])):
    Loader.add_implicit_resolver(f'tag:yaml.org,2002:{tag}', re.compile(pattern), list(first))


def check_schema(report, paths):
    with open(os.path.join(tree.root(), 'scenarios', 'schema.json'), encoding='utf-8') as f:
        schema = json.load(f)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    for path in paths:
        try:
            document = yaml.load(tree.text(path), Loader)
        except yaml.YAMLError as error:
            report.add(path, 1, str(error).replace('\n', ' '))
            continue
        for error in validator(schema).iter_errors(document):
            where = '.'.join(str(p) for p in error.absolute_path)
            report.add(path, 1, f'{where}: {error.message[:200]}')
        if not str((document or {}).get('purpose', '')).strip().endswith('.'):
            report.add(path, 1, 'no sentence as its purpose')


def check_lint(report, paths):
    if not shutil.which('yamllint'):
        print('note: no yamllint, only the schema was looked at')
        return
    config = os.path.join(tree.root(), 'tests', 'tidy', 'yamllint.yaml')
    run = subprocess.run(['yamllint', '-c', config, '-f', 'parsable', *paths], text=True,
                         capture_output=True, check=False, cwd=tree.root())
    if run.stderr:
        report.add('tests/tidy/yamllint.yaml', 1, run.stderr.strip())
    for m in re.finditer(r'^(\S+?):(\d+):\d+: (.*)$', run.stdout, re.MULTILINE):
        report.add(m.group(1), int(m.group(2)), m.group(3))


def main():
    report = tree.Report()
    paths = tree.files('scenarios', ends='.yaml')
    if not os.path.exists(os.path.join(tree.root(), 'scenarios', 'schema.json')):
        report.add('scenarios/schema.json', 1, 'missing')
        report.end(len(paths))
    check_schema(report, paths)
    check_lint(report, paths)
    report.end(len(paths))


main()
