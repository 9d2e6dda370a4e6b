'use strict';

/**
 * Runs a generator as `co` 4 does, the library behind the generator methods of an Egg app: what it yields is awaited,
 * and the result, or the error, is sent back in.
 *
 * @param {Generator<any, any, any>} generator
 * @returns {Promise<any>} what the generator returns, awaited in the same way
 */
async function runGenerator(generator) {
  let step = generator.next();
  while (!step.done) {
    let result;
    try {
      result = await settle(step.value);
    } catch (err) {
      step = generator.throw(err);
      continue;
    }
    step = generator.next(result);
  }
  return step.value;
}

/**
 * @param {any} yielded a promise, thunk, generator, generator function, or an array or plain object of those
 * @returns {any} a value, or a promise of it
 */
function settle(yielded) {
  if (typeof yielded === 'function') {
    const result = isGeneratorFunction(yielded) ? yielded() : callThunk(yielded);
    return isGenerator(result) ? runGenerator(result) : result;
  }
  if (isGenerator(yielded)) return runGenerator(yielded);
  if (Array.isArray(yielded)) return Promise.all(yielded.map(settle));
  if (yielded && Object.getPrototypeOf(yielded) === Object.prototype && typeof yielded.then !== 'function') {
    return settleObject(yielded);
  }
  return yielded;
}

/** @param {Record<string, any>} object */
async function settleObject(object) {
  const values = await Promise.all(Object.values(object).map(settle));
  return Object.fromEntries(Object.keys(object).map((key, index) => [key, values[index]]));
}

/** @param {(callback: (err: any, result?: any) => void) => void} thunk */
function callThunk(thunk) {
  return new Promise((resolve, reject) => {
    thunk((err, result) => (err ? reject(err) : resolve(result)));
  });
}

/** @param {any} value */
function isGenerator(value) {
  return Object.prototype.toString.call(value) === '[object Generator]';
}

/** @param {any} value */
function isGeneratorFunction(value) {
  return Object.prototype.toString.call(value) === '[object GeneratorFunction]';
}

module.exports = { runGenerator, isGeneratorFunction };
