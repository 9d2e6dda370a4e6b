'use strict';

/** The forked master: launches a cluster of a fixture app as Egg's own start scripts do. Arguments: major, port, fixture. */

const path = require('path');

const [, , major, port, fixture] = process.argv;
const framework = path.dirname(require.resolve(major === '4' ? 'egg4/package.json' : 'egg/package.json'));

require(framework).startCluster({
  framework,
  baseDir: path.join(__dirname, '../fixtures', fixture),
  workers: 2,
  port: Number(port),
});
