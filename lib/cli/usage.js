'use strict';

/** The command line's options. Messages name options and never quote an argument, because an argument may be a secret. */

const { parseArgs } = require('node:util');

class UsageError extends Error {}

const REFUSED = ['key', 'keys', 'cookie', 'value'];

/**
 * @param {string[]} args
 * @param {Record<string, { type: 'string' | 'boolean', multiple?: boolean }>} options
 * @param {number} [positionals] how many arguments without an option there may be
 * @returns {{ values: Record<string, any>, positionals: string[] }}
 * @throws {UsageError}
 */
function parse(args, options, positionals = 0) {
  const refused = args.map(nameOf).find((name) => name !== undefined && REFUSED.includes(name));
  if (refused !== undefined) {
    throw new UsageError(`\`--${refused}\` is refused: the command line is kept in the shell's history and shown to every user by ps. `
      + 'Keys come from `--keys-file` or EGG_SESSION_KEYS, the cookie from standard input');
  }
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch {
    throw new UsageError(`wrong options: this command takes ${Object.keys(options).map((name) => `--${name}`).join(', ') || 'none'}`);
  }
  if (parsed.positionals.length > positionals) {
    throw new UsageError('too many arguments: a cookie comes from standard input only, so that no shell history has it');
  }
  return parsed;
}

/** @param {string} arg @returns {string | undefined} the name of a long option */
function nameOf(arg) {
  const match = /^--([^=]+)/.exec(arg);
  return match ? match[1] : undefined;
}

module.exports = { UsageError, parse };
