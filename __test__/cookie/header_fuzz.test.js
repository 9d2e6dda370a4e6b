'use strict';

/** `npm run fuzz` in the least: what runs without a fuzzer. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { fuzzHeader } = require('../../fuzz/header');
const { RUST_TARGETS } = require('../../scripts/fuzz');
const { seed } = require('../generate/prng');

const FUZZ = path.join(__dirname, '../../fuzz');

test('the scan of the Cookie header finds what the regular expression finds', () => {
  const { executions, found } = fuzzHeader(1, seed);
  assert.ok(executions >= 10_000 && found > executions / 10, `${executions} headers, ${found} with the cookie`);
});

test('the script runs every target of the crate, and each has seeds to start from', () => {
  const manifest = fs.readFileSync(path.join(FUZZ, 'Cargo.toml'), 'utf8');
  assert.deepEqual([...manifest.matchAll(/^\[\[bin\]\]\nname = "(.*)"$/gm)].map(match => match[1]), RUST_TARGETS);
  for (const target of RUST_TARGETS) {
    assert.ok(fs.existsSync(path.join(FUZZ, 'fuzz_targets', `${target}.rs`)), target);
    assert.ok(fs.readdirSync(path.join(FUZZ, 'seeds', target)).length > 0, target);
  }
});

test('docs/reliability-runs.md tells of every target', () => {
  const document = fs.readFileSync(path.join(__dirname, '../../docs/reliability-runs.md'), 'utf8');
  for (const target of [...RUST_TARGETS, 'header']) assert.match(document, new RegExp(`^\\| \`${target}\` \\|`, 'm'));
});
