'use strict';

// zig, and cargo-zigbuild, which lets cargo compile and link with it.

const path = require('node:path');
const { binOf, bringFromPyPI } = require('./pypi');

const NAME = 'zig-venv';
/** The folder of their programs. */
const BIN = binOf(NAME);
/** The Python that has zig as a module. */
const PYTHON = path.join(BIN, 'python');

/** @param {NodeJS.ProcessEnv} env */
function bringZig(env) {
  bringFromPyPI(NAME, ['cargo-zigbuild==0.24.0', 'ziglang==0.17.1'], env);
}

module.exports = { BIN, PYTHON, bringZig };
