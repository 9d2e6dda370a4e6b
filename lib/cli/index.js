#!/usr/bin/env node
'use strict';

/**
 * The command line: `npx egg-session-native key|open|doctor`. docs/cli.md documents it. Exit codes: 0 all well, 1 the cookie does
 * not open or doctor found something, 2 wrong use. No key, cookie or session value gets into a message.
 */

const { UsageError } = require('./usage');

const HELP = `npx egg-session-native COMMAND

  key                          prints a new key: 32 random bytes in base64url
  open --name NAME             reads a cookie from standard input and tells what it holds, or why it does not open
      --keys-file FILE         the app's keys, newest first: one a line, or a JSON array.
                               Without it they come from the environment variable EGG_SESSION_KEYS, in the same form
      --name OTHER             again: another name that the cookie may have been made for
      --show                   shows the session's values too
      --json
  doctor [FOLDER]              checks an app's folder; reads files only
      --boot FILE              also loads the module that exports the app, and asks the app
      --json

Exit codes: 0 all well, 1 the cookie does not open, or something was found, 2 wrong use.
`;

/** @type {Record<string, () => (args: string[]) => Answer | Promise<Answer>>} loaded on demand: `key` needs no engine */
const COMMANDS = {
  key: () => require('./key').run,
  open: () => require('./open').run,
  doctor: () => require('./doctor').run,
};

/** @typedef {{ code: number, output: string }} Answer */

/**
 * @param {string[]} args
 * @returns {Promise<Answer>}
 * @throws {UsageError}
 */
async function answer([command, ...args]) {
  if (['help', '--help', '-h'].includes(command) || args.includes('--help')) return { code: 0, output: HELP };
  if (command === undefined || !Object.hasOwn(COMMANDS, command)) {
    throw new UsageError(`expected a command: ${Object.keys(COMMANDS).join(', ')}`);
  }
  return COMMANDS[command]()(args);
}

// Bound before an app is loaded: doctor leads what the app prints to standard error.
const writeOutput = process.stdout.write.bind(process.stdout);
const writeError = process.stderr.write.bind(process.stderr);

/** @param {NodeJS.WriteStream['write']} write @param {string} text @param {number} code */
function end(write, text, code) {
  // An app that doctor has loaded may hold the process open.
  write(text, () => process.exit(code));
}

answer(process.argv.slice(2)).then(
  ({ code, output }) => end(writeOutput, output, code),
  (error) => {
    const isUsage = error instanceof UsageError;
    const { code, name, message: theirs } = Object(error);
    // Only our own messages are known to quote nothing.
    const message = isUsage || /^ERR_SESSION_/.test(String(code)) ? theirs : `failed with ${String(code || name)}`;
    end(writeError, `egg-session-native: ${message}\n${isUsage ? 'See `npx egg-session-native --help`.\n' : ''}`, 2);
  },
);
