'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');

/**
 * What the original does is the same beside either of our engines. `npm test`, which runs the files once for each, gives a folder in
 * which the second run finds what the first has seen.
 *
 * @template {object[]} Records
 * @param {string} name
 * @param {() => Promise<Records>} run
 * @returns {Promise<Records>}
 */
async function once(name, run) {
  const folder = process.env.SESSION_TEST_SHARED;
  if (folder === undefined) return run();
  const file = path.join(folder, createHash('sha256').update(name).digest('hex'));
  if (fs.existsSync(file)) return v8.deserialize(fs.readFileSync(file));
  const records = await run();
  const text = v8.serialize(records);
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
  return records;
}

module.exports = { once };
