'use strict';

// The lints of the Rust side: form, clippy and the documentation, each with warnings denied.

const { spawnSync } = require('node:child_process');
const { ROOT, main } = require('./setup');
const { cargoEnv } = require('./build');

main(() => {
  const env = { ...cargoEnv(), RUSTDOCFLAGS: '-D warnings' };
  for (const args of [
    ['fmt', '--check'],
    ['clippy', '--locked', '--all-targets', '--', '-D', 'warnings'],
    ['doc', '--locked', '--no-deps'],
  ]) {
    console.log(`cargo ${args.join(' ')}`);
    const { status } = spawnSync('cargo', args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(`\`cargo ${args.join(' ')}\` failed`);
  }
});
