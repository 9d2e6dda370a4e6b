'use strict';

/** What `open` reads: keys from a file or the environment, and a cookie from standard input in any form that people copy it in. */

const fs = require('node:fs');
const { UsageError } = require('./usage');
const { SUFFIXES } = require('../cookie/limits');
const { isSealed } = require('../cookie/pieces');
const { findCookies } = require('../cookie/request_header');
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

/**
 * Takes a Cookie header, Set-Cookie lines, `NAME=VALUE` lines, or one value alone.
 *
 * @param {string} text
 * @param {string} name of the cookie
 * @returns {string} as a Cookie header
 */
function toHeader(text, name) {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== '');
  const header = lines.map(withoutFieldName).join('; ');
  const isValue = lines.length === 1 && !header.includes(';') && findCookies(header, name, 1).length === 0 && !isAssignment(header);
  return isValue ? `${name}=${header}` : header;
}

/** @param {string} line @returns {string} without `Cookie:`, or without `Set-Cookie:` and the attributes */
function withoutFieldName(line) {
  if (/^set-cookie:/i.test(line)) return line.slice('set-cookie:'.length).split(';', 1)[0].trim();
  return line.replace(/^cookie:\s*/i, '');
}

/** @param {string} text @returns {boolean} false for a value alone, which may have `=` in front of its end only */
function isAssignment(text) {
  return !isSealed(text) && /^[^=\s"]+=[^=]/.test(text);
}

/** @param {string} header @returns {string[]} the names of its cookies, each once */
function namesIn(header) {
  return [...new Set(header.split(';').map((pair) => pair.split('=', 1)[0].trim()).filter((name) => name !== ''))];
}

/** @param {string} header @param {string} from @param {string} to @returns {string} with the cookie, its signature and pieces renamed */
function renamed(header, from, to) {
  return header.split(';').map((pair) => {
    const isOfIt = SUFFIXES.some((suffix) => pair.trimStart().startsWith(`${from}${suffix}=`));
    return isOfIt ? to + pair.trimStart().slice(from.length) : pair;
  }).join('; ');
}

module.exports = { readInput, readKeys, toHeader, namesIn, renamed };
