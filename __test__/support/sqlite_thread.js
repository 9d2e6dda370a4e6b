'use strict';

// A worker thread with a store of its own.

const { parentPort, workerData } = require('node:worker_threads');
const { SqliteStore } = require('../../lib/stores/sqlite/store');

const HOUR_MS = 60 * 60 * 1000;
const { path, task } = workerData;
const store = new SqliteStore({ path });

async function addOne() {
  let text = await store.getText('counter', HOUR_MS, {});
  for (;;) {
    const answer = await store.compareAndSet('counter', text, `${Number(text) + 1}`, HOUR_MS, {});
    if (answer.status === 'done') return;
    text = answer.text;
  }
}

const tasks = {
  async count() {
    await Promise.all(Array.from({ length: 50 }, addOne));
    await store.close();
  },
  async countAndLeaveOpen() {
    await Promise.all(Array.from({ length: 50 }, addOne));
  },
  async writeUntilTerminated() {
    for (let i = 0; ; i++) {
      await Promise.all(Array.from({ length: 20 }, (_, lane) => store.set(`k${lane}`, { i, padding: 'x'.repeat(5000) }, HOUR_MS, {})));
      if (i === 0) parentPort.postMessage('writing');
    }
  },
};

tasks[task]();
