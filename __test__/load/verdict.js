'use strict';

/**
 * What one look at a worker told, right after a garbage collection.
 * @typedef {object} Sample
 * @property {number} pid
 * @property {number} heapUsed bytes
 * @property {number} rss bytes
 * @property {number} unhandledRejections since its start
 * @property {number} errors since its start
 */

/** A worker's heap after a collection, and its resident memory, may grow by this from the second third of a run to the last. */
const LIMITS = { heapUsed: { share: 0.05, bytes: 4 * 2 ** 20 }, rss: { share: 0.1, bytes: 32 * 2 ** 20 } };
/** Fewer say nothing about growth. */
const FEWEST_SAMPLES = 12;

/** @param {number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** The medians of a field in the second and in the last third. @param {Sample[]} samples @param {'heapUsed' | 'rss'} field */
function thirds(samples, field) {
  const values = samples.map(sample => sample[field]);
  const third = Math.floor(values.length / 3);
  return { second: median(values.slice(third, 2 * third)), last: median(values.slice(2 * third)) };
}

/** @param {Sample[]} samples one worker's */
function growth(samples) {
  if (samples.length < FEWEST_SAMPLES) return [];
  return /** @type {('heapUsed' | 'rss')[]} */ (['heapUsed', 'rss']).flatMap(field => {
    const { second, last } = thirds(samples, field);
    const { share, bytes } = LIMITS[field];
    return last - second > Math.max(second * share, bytes) ? [`${field} of worker ${samples[0].pid} grew from ${second} to ${last} bytes`] : [];
  });
}

/**
 * @param {object} report of one app
 * @param {string[]} report.wrong
 * @param {number} report.answers
 * @param {number} report.hostile
 * @param {Map<number, Sample[]>} report.workers samples by pid
 * @param {string} report.errorLog what its workers logged as errors
 * @returns {string[]} what is wrong, nothing if all is well
 */
function problemsOf({ wrong, answers, hostile, workers, errorLog }) {
  const samples = [...workers.values()];
  const problems = [];
  if (answers === 0) problems.push('nothing was answered');
  if (hostile === 0) problems.push('no hostile cookie was sent');
  if (wrong.length > 0) problems.push(`${wrong.length} wrong answers: ${[...new Set(wrong)].slice(0, 10).join('; ')}`);
  if (workers.size !== 2) problems.push(`${workers.size} workers were seen: with two from the start to the end, none has died`);
  for (const own of samples) {
    const { pid, unhandledRejections, errors } = own[own.length - 1];
    if (unhandledRejections > 0) problems.push(`${unhandledRejections} unhandled rejections in worker ${pid}`);
    if (errors > 0) problems.push(`${errors} errors in worker ${pid}`);
    problems.push(...growth(own));
  }
  if (errorLog !== '') problems.push(`errors were logged:\n${errorLog.slice(0, 2000)}`);
  return problems;
}

module.exports = { growth, median, problemsOf, thirds, FEWEST_SAMPLES };
