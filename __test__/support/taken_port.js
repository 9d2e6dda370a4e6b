'use strict';

/** Preloaded: the first port that detect-port finds is TAKEN_PORT, which somebody holds. TAKEN_FLAG is a file that says that it was given. */

const fs = require('fs');
const Module = require('module');

const load = Module._load;
Module._load = function loadWithTakenPort(request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (request !== 'detect-port') return loaded;
  return {
    ...loaded,
    detectPort(...args) {
      if (fs.existsSync(process.env.TAKEN_FLAG)) return loaded.detectPort(...args);
      fs.writeFileSync(process.env.TAKEN_FLAG, '');
      return Promise.resolve(Number(process.env.TAKEN_PORT));
    },
  };
};
