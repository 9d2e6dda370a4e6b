'use strict';

const os = require('node:os');
const path = require('node:path');

module.exports = () => {
  const directory = process.env.EXAMPLE_DIRECTORY || path.join(os.tmpdir(), 'example-devices');
  return {
    // In your own app, read the keys from a secret store, never from source code.
    keys: process.env.EXAMPLE_KEYS || 'anyone can read this key in the example',
    session: { key: 'DEVICES_SESS', maxAge: 30 * 60 * 1000, rolling: true, sameSite: 'lax' },
    sessionsFile: path.join(directory, 'sessions.db'),
    // egg-security: accept a POST only from a page of this app, by its Referer or Origin header.
    security: { csrf: { type: 'referer' } },
    logger: { dir: path.join(directory, 'logs'), consoleLevel: 'NONE' },
    rundir: path.join(directory, 'run'),
  };
};
