'use strict';

/**
 * Reads what a server prints: V8's line for each collection, `[4711:0x2bf5000]  812 ms: Scavenge 23.1 (25.0) -> …`, which
 * `--trace-gc` asks for, and between them its own marks, `mark 7`.
 */

const SCAVENGE = /^\[\d+:0x[0-9a-f]+\] +\d+ ms: Scavenge /;
const MARK = /^mark (\d+)$/;

class TraceGc {
  #rest = '';
  #scavenges = 0;
  /** @type {Map<number, number>} scavenges before each mark */
  #marks = new Map();

  /** @param {string} text as it comes, cut anywhere */
  add(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = /** @type {string} */ (lines.pop());
    for (const line of lines) {
      const mark = MARK.exec(line);
      if (mark) this.#marks.set(Number(mark[1]), this.#scavenges);
      else if (SCAVENGE.test(line)) this.#scavenges++;
    }
  }

  /** @param {number} from a mark @param {number} to a later one @returns {number} how often the young generation was collected between */
  scavenges(from, to) {
    const [before, after] = [from, to].map((mark) => this.#marks.get(mark));
    if (before === undefined || after === undefined) throw new Error('a mark is missing in what the server printed');
    return after - before;
  }
}

module.exports = { TraceGc };
