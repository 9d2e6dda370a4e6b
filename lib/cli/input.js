'use strict';

/** What `open` reads: keys from a file or the environment, and a cookie from standard input. */

const fs = require('node:fs');
const { UsageError } = require('./usage');
const { problemWithKeys } = require('../engine/arguments');

const MOST_INPUT_BYTES = 256 * 1024;
const KEYS_VARIABLE = 'EGG_SESSION_KEYS';

/**
 * @param {string | undefined} file
 * @returns {(string | Buffer)[]} newest first
 * @throws {UsageError}
 */
function readKeys(file) {
  const text = file === undefined ? process.env[KEYS_VARIABLE] : readFile(file);
  const source = file === undefined ? KEYS_VARIABLE : '--keys-file';
  if (!text) throw new UsageError(`no keys: name a file with --keys-file, or set the environment variable ${KEYS_VARIABLE}`);
  const keys = text.trimStart().startsWith('[') ? keysInJSON(text) : text.split(/\r?\n/).filter((line) => line !== '');
  const problem = problemWithKeys(keys, `the keys of ${source}`);
  if (problem !== undefined) throw new UsageError(problem);
  return /** @type {any} */ (keys);
}

/** @param {string} file */
function readFile(file) {
  try {
    return fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`the file of --keys-file cannot be read (${/** @type {any} */ (error).code})`);
  }
}

/** @param {string} text @returns {unknown} Buffers as `JSON.stringify` writes them are Buffers again */
function keysInJSON(text) {
  let keys;
  try {
    keys = JSON.parse(text);
  } catch {
    throw new UsageError('the keys begin with `[` and are no JSON array');
  }
  return keys.map((/** @type {any} */ key) => (key && key.type === 'Buffer' && Array.isArray(key.data) ? Buffer.from(key.data) : key));
}

/**
 * @param {NodeJS.ReadStream} stdin
 * @returns {Promise<string>}
 * @throws {UsageError}
 */
async function readInput(stdin) {
  if (stdin.isTTY) process.stderr.write('Paste the cookie, then press Enter and Ctrl-D.\n');
  const parts = [];
  let bytes = 0;
  for await (const part of stdin) {
    bytes += part.length;
    if (bytes > MOST_INPUT_BYTES) throw new UsageError(`more than ${MOST_INPUT_BYTES} bytes came from standard input`);
    parts.push(part);
  }
  if (bytes === 0) throw new UsageError('no cookie came from standard input');
  return Buffer.concat(parts).toString('utf8');
}

module.exports = { readInput, readKeys };
