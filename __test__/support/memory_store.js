'use strict';

const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/** A store that keeps the contract of stores, on a clock of its own. Tests break one method at a time. */
class MemoryStore {
  #entries = new Map();
  now = 0;

  #live(key) {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt > this.now ? entry.text : undefined;
  }

  #put(key, text, maxAge) {
    this.#entries.set(key, { text, expiresAt: this.now + (typeof maxAge === 'number' ? maxAge : ONE_DAY_MS) });
  }

  async get(key, ...rest) {
    const text = await this.getText(key, ...rest);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(key, session, ...rest) {
    await this.setText(key, JSON.stringify(session), ...rest);
  }

  async destroy(key) {
    this.#entries.delete(key);
  }

  async getText(key) {
    return this.#live(key);
  }

  async setText(key, text, maxAge) {
    this.#put(key, text, maxAge);
  }

  async compareAndSet(key, expected, text, maxAge) {
    const found = this.#live(key);
    if (found === undefined && expected !== null) return { status: 'gone' };
    if (found !== (expected ?? undefined)) return { status: 'conflict', text: found };
    this.#put(key, text, maxAge);
    return { status: 'done' };
  }
}

module.exports = { MemoryStore };
