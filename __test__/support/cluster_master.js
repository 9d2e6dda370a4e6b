'use strict';

/** The forked master: launches a cluster of the fixture app as Egg's own start scripts do. Arguments: major, port. */

const path = require('path');

const [, , major, port] = process.argv;
const framework = path.dirname(require.resolve(major === '4' ? 'egg4/package.json' : 'egg/package.json'));

require(framework).startCluster({
  framework,
  baseDir: path.join(__dirname, '../fixtures/app'),
  workers: 2,
  port: Number(port),
});
