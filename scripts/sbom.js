'use strict';

// npm run sbom              dist/sbom/NAME.cdx.json: what is in the main package, and in each platform's package whose binary is here
// npm run sbom -- --every   fails unless all platforms' binaries are here (for the release)
//
// In CycloneDX 1.5: crates by cargo-cyclonedx, which is compiled into target/tools the first time, and JavaScript by `npm sbom`. Added
// here is what neither sees: the SHA-256 of the binary, the SQLite inside libsqlite3-sys, and the standard library of Rust. There is no
// date and no random number in the files, so that one source gives one file. `npm run pack:all -- --every` packs them.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { cargoEnv } = require('./build');
const { compiledCrates } = require('./crates');
const { builtBinary, sbomOf } = require('./pack');
const { ROOT, platforms, publishedManifest, releaseAddresses } = require('./platforms');
const { main } = require('./setup');

const CARGO_CYCLONEDX = '0.5.9';
const TOOLS = path.join(ROOT, 'target', 'tools');

/** @typedef {import('./platforms').Platform} Platform */

/** @param {string} command @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env] @returns {string} */
function output(command, args, cwd, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd, env, encoding: 'utf8', maxBuffer: 1 << 26, shell: process.platform === 'win32' && command === 'npm',
  });
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` failed: ${error ? error.message : stderr}`);
  return stdout;
}

/** @param {NodeJS.ProcessEnv} env @returns {NodeJS.ProcessEnv} in which `cargo cyclonedx` is found */
function bringCargoCyclonedx(env) {
  const withTools = { ...env, PATH: [path.join(TOOLS, 'bin'), env.PATH].join(path.delimiter) };
  const installed = spawnSync('cargo', ['cyclonedx', '--version'], { env: withTools, encoding: 'utf8' });
  if (installed.status === 0 && installed.stdout.trim().endsWith(` ${CARGO_CYCLONEDX}`)) return withTools;
  console.log('sbom: compiling cargo-cyclonedx (a few minutes, once)');
  output('cargo', ['install', 'cargo-cyclonedx', '--locked', '--quiet', '--version', CARGO_CYCLONEDX, '--root', TOOLS], ROOT, env);
  return withTools;
}

/** @returns {string} the version of SQLite that libsqlite3-sys compiles */
function sqliteVersion() {
  const crate = compiledCrates().crates.find(({ name }) => name === 'libsqlite3-sys');
  if (!crate) throw new Error('libsqlite3-sys is not among the crates');
  const header = fs.readFileSync(path.join(crate.folder, 'sqlite3', 'sqlite3.h'), 'utf8');
  const version = /^#define SQLITE_VERSION\s+"([\d.]+)"$/m.exec(header);
  if (!version) throw new Error('sqlite3.h names no version');
  return version[1];
}

/** @param {Buffer} bytes @returns {string} the commit of the Rust compiler, which its standard library names in each binary */
function rustCommit(bytes) {
  const commit = /\/rustc\/([0-9a-f]{40})[\\/]/.exec(bytes.toString('latin1'));
  if (!commit) throw new Error('The binary names no commit of rustc');
  return commit[1];
}

/** @param {string} name @param {string} version */
function npmComponent(name, version) {
  const purl = `pkg:npm/${name}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, purl };
}

/**
 * @param {any} bom as its tool made it
 * @param {any} component what it is about
 * @param {any[]} further components, on which the first one depends
 * @returns {any} without dates, random numbers and folders
 */
function complete(bom, component, further) {
  const oldRef = bom.metadata.component['bom-ref'];
  const metadata = { ...bom.metadata, component };
  delete metadata.timestamp;
  const dependencies = bom.dependencies.map((/** @type {any} */ entry) => (entry.ref !== oldRef ? entry : {
    ref: component['bom-ref'], dependsOn: [...entry.dependsOn ?? [], ...further.map(each => each['bom-ref'])],
  }));
  const whole = { ...bom, metadata, components: [...bom.components, ...further], dependencies };
  delete whole.serialNumber;
  const hash = crypto.createHash('sha256').update(JSON.stringify(whole)).digest('hex');
  // A UUID of version 8, whose bits are its maker's own.
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  return { ...whole, serialNumber: `urn:uuid:${uuid}` };
}

/** @param {Platform} platform @param {string} binary @param {string} version @param {NodeJS.ProcessEnv} env @returns {any} */
function platformSbom(platform, binary, version, env) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-sbom-'));
  try {
    for (const name of ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src']) fs.cpSync(path.join(ROOT, name), path.join(scratch, name), { recursive: true });
    const options = ['--format', 'json', '--spec-version', '1.5', '--no-build-deps', '--target', platform.target, '--override-filename', 'sbom'];
    output('cargo', ['cyclonedx', '--quiet', ...options], scratch, { ...env, SOURCE_DATE_EPOCH: '0' });
    const bytes = fs.readFileSync(binary);
    const sqlite = sqliteVersion();
    const commit = rustCommit(bytes);
    return complete(JSON.parse(fs.readFileSync(path.join(scratch, 'sbom.json'), 'utf8')), {
      ...npmComponent(platform.name, version),
      hashes: [{ alg: 'SHA-256', content: crypto.createHash('sha256').update(bytes).digest('hex') }],
      licenses: [{ license: { id: 'MIT' } }],
    }, [
      {
        type: 'library', 'bom-ref': `pkg:generic/sqlite@${sqlite}`, name: 'sqlite', version: sqlite, purl: `pkg:generic/sqlite@${sqlite}`,
        cpe: `cpe:2.3:a:sqlite:sqlite:${sqlite}:*:*:*:*:*:*:*`, licenses: [{ license: { id: 'blessing' } }],
      },
      {
        type: 'library', 'bom-ref': `pkg:generic/rust-std@${commit}`, name: 'rust-std', version: commit, purl: `pkg:generic/rust-std@${commit}`,
        licenses: [{ expression: 'MIT OR Apache-2.0' }],
      },
    ]);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {any} manifest of the main package @returns {any} */
function mainSbom({ name, version, license, dependencies, optionalDependencies }) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-sbom-'));
  try {
    // Without the platform packages, which the registry may lack yet.
    fs.writeFileSync(path.join(scratch, 'package.json'), JSON.stringify({ name, version, license, dependencies }));
    output('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], scratch);
    const bom = JSON.parse(output('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], scratch));
    const optional = Object.keys(optionalDependencies).map(each => ({ ...npmComponent(each, version), scope: 'optional' }));
    return complete(bom, { ...npmComponent(name, version), licenses: [{ license: { id: license } }] }, optional);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string} name @param {any} bom */
function save(name, bom) {
  fs.mkdirSync(path.dirname(sbomOf(name)), { recursive: true });
  fs.writeFileSync(sbomOf(name), `${JSON.stringify(bom, null, 2)}\n`);
  console.log(`sbom: ${path.relative(ROOT, sbomOf(name))}, ${bom.components.length} components`);
}

/** @param {boolean} demandsAll */
function makeSboms(demandsAll) {
  const missing = platforms().filter(platform => builtBinary(platform) === null);
  if (demandsAll && missing.length > 0) throw new Error(`No binary of ${missing.map(({ binary }) => binary).join(', ')}`);
  const manifest = publishedManifest(releaseAddresses());
  const env = bringCargoCyclonedx(cargoEnv());
  save(manifest.name, mainSbom(manifest));
  for (const platform of platforms()) {
    const binary = builtBinary(platform);
    if (binary !== null) save(platform.name, platformSbom(platform, binary, manifest.version, env));
  }
}

module.exports = { complete, rustCommit };

if (require.main === module) main(() => makeSboms(process.argv.includes('--every')));
