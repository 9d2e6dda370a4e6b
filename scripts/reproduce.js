'use strict';

// npm run build:reproduce                      builds this machine's binary twice, in two folders, and compares the two
// npm run build:reproduce -- NAME              the binary that `npm run build:all -- --only=NAME` makes
//
// Each folder is a copy of what git tracks, with a target folder and a depth of its own: what a binary may depend on
// beside its source. If they differ, the output says where. Two builds from nothing take a few minutes.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT } = require('./platforms');
const { main } = require('./setup');

/** Of different length, so that an offset would move as well. */
const FOLDERS = ['a', path.join('another', 'folder that is deeper')];
const MOST_PLACES = 10;
const CONTEXT_BYTES = 24;

/** @param {string} folder that gets what git tracks, and this folder's node_modules */
function copySources(folder) {
  const { status, stdout, stderr } = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`git ls-files\` failed: ${stderr}`);
  for (const name of stdout.split('\0').filter(each => each !== '' && fs.existsSync(path.join(ROOT, each)))) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name));
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
}

/**
 * @param {string} folder
 * @param {string | undefined} name of the platform for `build:all`
 * @returns {{ name: string, bytes: Buffer }}
 */
function buildIn(folder, name) {
  copySources(folder);
  // Not the caller's CARGO_TARGET_DIR, in which the second build would find the first.
  const env = { ...process.env, CARGO_TARGET_DIR: path.join(folder, 'target') };
  const args = name === undefined ? ['scripts/build.js'] : ['scripts/build_all.js', `--only=${name}`];
  const { status } = spawnSync(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`The build in ${folder} failed, see above`);
  const [binary] = fs.readdirSync(folder).filter(each => each.endsWith('.node'));
  return { name: binary, bytes: fs.readFileSync(path.join(folder, binary)) };
}

/** @param {Buffer} bytes @param {number} at @returns {string} what is there, for a reader */
function excerpt(bytes, at) {
  const text = bytes.subarray(Math.max(0, at - CONTEXT_BYTES), at + CONTEXT_BYTES).toString('latin1');
  return text.replace(/[^ -~]/g, '.');
}

/** @param {Buffer} one @param {Buffer} other @returns {string[]} the places where they differ, the first ones */
function differences(one, other) {
  const places = one.length === other.length ? [] : [`sizes: ${one.length} and ${other.length} bytes`];
  for (let at = 0; at < Math.min(one.length, other.length) && places.length < MOST_PLACES; at++) {
    if (one[at] === other[at]) continue;
    places.push(`at ${at}: "${excerpt(one, at)}" and "${excerpt(other, at)}"`);
    at += CONTEXT_BYTES;
  }
  return places;
}

/** @param {string} [name] */
function reproduce(name) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-reproduce-'));
  try {
    const built = FOLDERS.map(folder => {
      const full = path.join(scratch, folder);
      fs.mkdirSync(full, { recursive: true });
      const binary = buildIn(full, name);
      // Before the next is built: nothing of this one may be found.
      fs.rmSync(full, { recursive: true, force: true });
      return binary;
    });
    const hashes = built.map(({ bytes }) => crypto.createHash('sha256').update(bytes).digest('hex'));
    for (const [index, { name: file, bytes }] of built.entries()) console.log(`${hashes[index]}  ${file}, ${bytes.length} bytes, built in ${FOLDERS[index]}`);
    const folders = [scratch, ROOT, os.homedir()].filter(folder => built[0].bytes.includes(`${folder}${path.sep}`));
    if (folders.length > 0) throw new Error(`${built[0].name} names folders of this machine: ${folders.join(', ')}`);
    if (hashes[0] !== hashes[1]) throw new Error(`The two differ:\n  ${differences(built[0].bytes, built[1].bytes).join('\n  ')}`);
    console.log(`${built[0].name}: two builds in different folders are equal`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

main(() => reproduce(process.argv.slice(2).find(arg => !arg.startsWith('--'))));
