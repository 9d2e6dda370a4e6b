'use strict';

// The Rust crates that are compiled into the addon, as `cargo metadata` tells them: for the notices and the checks of
// licences and of the oldest Rust. Build tools and what only tests need do not count.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { ROOT } = require('./platforms');
const { cargoEnv } = require('./build');

/**
 * @typedef {object} Crate
 * @property {string} name
 * @property {string} version
 * @property {string | null} license SPDX expression
 * @property {string | null} rustVersion the oldest that compiles it
 * @property {string | null} repository
 * @property {string} folder where its sources are
 */

/** @returns {{ ours: Crate, crates: Crate[] }} the others sorted by name */
function compiledCrates() {
  const { status, stdout, stderr } = spawnSync('cargo', ['metadata', '--format-version=1', '--locked'], {
    cwd: ROOT, env: cargoEnv(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`\`cargo metadata\` failed: ${stderr}`);
  const metadata = JSON.parse(stdout);
  /** @type {Map<string, any>} */
  const nodes = new Map(metadata.resolve.nodes.map((/** @type {any} */ node) => [node.id, node]));
  /** @type {Set<string>} */
  const compiled = new Set();
  const pending = [metadata.resolve.root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (compiled.has(id)) continue;
    compiled.add(id);
    for (const dep of nodes.get(id).deps) {
      if (dep.dep_kinds.some((/** @type {any} */ { kind }) => kind === null)) pending.push(dep.pkg);
    }
  }
  /** @type {(Crate & { id: string })[]} */
  const crates = metadata.packages
    .filter((/** @type {any} */ { id }) => compiled.has(id))
    .map((/** @type {any} */ crate) => ({
      id: crate.id,
      name: crate.name,
      version: crate.version,
      license: crate.license,
      rustVersion: crate.rust_version,
      repository: crate.repository,
      folder: path.dirname(crate.manifest_path),
    }))
    .sort((/** @type {Crate} */ a, /** @type {Crate} */ b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  const ours = crates.find(({ id }) => id === metadata.resolve.root);
  if (!ours) throw new Error('`cargo metadata` does not tell our own crate');
  return { ours, crates: crates.filter(crate => crate !== ours) };
}

module.exports = { compiledCrates };
