'use strict';

// npm run release:date    puts today's date (UTC) into CHANGELOG.md, where the version of package.json has none yet

const fs = require('node:fs');
const path = require('node:path');
const { ROOT, publishedManifest, releaseAddresses } = require('./platforms');
const { main } = require('./setup');

/** @param {string} changelog @param {string} version @param {Date} now @returns {string} */
function dated(changelog, version, now) {
  const heading = `## [${version}] - unreleased\n`;
  if (!changelog.includes(heading)) throw new Error(`CHANGELOG.md has no line "${heading.trim()}"`);
  return changelog.replace(heading, `## [${version}] - ${now.toISOString().slice(0, 10)}\n`);
}

module.exports = { dated };

if (require.main === module) {
  main(() => {
    const file = path.join(ROOT, 'CHANGELOG.md');
    fs.writeFileSync(file, dated(fs.readFileSync(file, 'utf8'), publishedManifest(releaseAddresses()).version, new Date()));
  });
}
