'use strict';

// The platforms that get a binary, from `napi.targets` in package.json, and the npm package of each.

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');

/** What whoever publishes fills in, see RELEASING.md. In no manifest before. */
const ADDRESSES = 'release.json';

/** The bill of materials in each package, in CycloneDX: scripts/sbom.js. */
const SBOM = 'sbom.cdx.json';

/** @typedef {{ repository: string | null, homepage: string | null, bugs: string | null }} Addresses */
/** @typedef {{ os: string, cpu: string, libc?: string, suffix: string }} Selector what npm compares with the machine */
/** @typedef {Selector & { target: string, name: string, binary: string }} Platform */

/** @type {Record<string, Selector>} Rust target → npm's words for it */
const SELECTORS = {
  'x86_64-unknown-linux-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc', suffix: 'linux-x64-gnu' },
  'aarch64-unknown-linux-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc', suffix: 'linux-arm64-gnu' },
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64', libc: 'musl', suffix: 'linux-x64-musl' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64', libc: 'musl', suffix: 'linux-arm64-musl' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64', suffix: 'darwin-x64' },
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64', suffix: 'darwin-arm64' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64', suffix: 'win32-x64-msvc' },
  'aarch64-pc-windows-msvc': { os: 'win32', cpu: 'arm64', suffix: 'win32-arm64-msvc' },
};

/** @returns {any} package.json as it is now */
function mainManifest() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
}

/** @returns {Platform[]} */
function platforms() {
  const { name, napi } = mainManifest();
  return napi.targets.map((/** @type {string} */ target) => {
    const selector = SELECTORS[target];
    if (!selector) throw new Error(`scripts/platforms.js does not know the target ${target} of package.json`);
    return { target, ...selector, name: `${name}-${selector.suffix}`, binary: `${napi.binaryName}.${selector.suffix}.node` };
  });
}

/** @returns {Addresses} */
function releaseAddresses() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, ADDRESSES), 'utf8'));
}

/** @param {Addresses} addresses @returns {object} the fields of a manifest, those that are filled in */
function addressFields({ repository, homepage, bugs }) {
  return {
    ...(homepage && { homepage }),
    ...(bugs && { bugs: { url: bugs } }),
    ...(repository && { repository: { type: 'git', url: repository } }),
  };
}

/**
 * @param {Platform} platform
 * @param {Addresses} addresses
 * @returns {object} package.json of the platform's package
 */
function platformManifest({ name, binary, os, cpu, libc, target }, addresses) {
  const main = mainManifest();
  return {
    name,
    version: main.version,
    description: `The native engine of ${main.name} for ${target}`,
    license: main.license,
    ...addressFields(addresses),
    main: binary,
    files: [binary, 'THIRD_PARTY_NOTICES.md', SBOM],
    engines: main.engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  };
}

/**
 * What is published as the main package. The repository's own package.json is private, so that `npm publish` refuses it: it lacks
 * the binaries and the addresses. The platform packages are named here only, not in the repository's
 * package.json: `npm ci` of a clone would ask the registry for a version that is not published yet.
 * @param {Addresses} addresses
 * @returns {any}
 */
function publishedManifest(addresses) {
  const manifest = mainManifest();
  for (const onlyHere of ['private', 'scripts', 'devDependencies', 'overrides', 'napi']) delete manifest[onlyHere];
  return {
    ...manifest,
    ...addressFields(addresses),
    files: [...manifest.files, SBOM],
    optionalDependencies: Object.fromEntries(platforms().map(({ name }) => [name, manifest.version])),
  };
}

module.exports = { ADDRESSES, ROOT, SBOM, platforms, platformManifest, publishedManifest, releaseAddresses };
