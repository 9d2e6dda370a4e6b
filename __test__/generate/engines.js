'use strict';

/** Both engines. The native one must load here: a checkout that is tested is a checkout that was built. */

const ENGINES = [
  { name: 'portable', load: () => require('../../lib/engine/portable') },
  { name: 'native', load: () => require('../../lib/engine/native') },
];

module.exports = { ENGINES };
