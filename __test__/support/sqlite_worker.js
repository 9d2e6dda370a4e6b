'use strict';

// What the other processes of the SQLite tests do: node sqlite_worker.js TASK DETAILS

const fs = require('node:fs');
const { SqliteStore } = require('../../lib/stores/sqlite/store');
const { forget } = require('./sqlite_files');

const HOUR_MS = 60 * 60 * 1000;

const tasks = {
  /** Adds to one number in a session, many at a time, as requests would that each load, change and save. */
  async countWithCompareAndSet({ path, key, times, atOnce }) {
    const store = new SqliteStore({ path });
    let conflicts = 0;
    const addOne = async () => {
      let text = await store.getText(key, HOUR_MS, {});
      for (;;) {
        const answer = await store.compareAndSet(key, text, JSON.stringify({ n: JSON.parse(text).n + 1 }), HOUR_MS, {});
        if (answer.status === 'done') return;
        conflicts++;
        text = answer.text;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (let i = 0; i < times / atOnce; i++) await addOne();
    }));
    await store.close();
    process.send({ conflicts });
  },

  /** The same with get and set only, as egg-session does it. */
  async countWithSet({ path, key, times, atOnce }) {
    const store = new SqliteStore({ path });
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (let i = 0; i < times / atOnce; i++) {
        const session = await store.get(key, HOUR_MS, {});
        await store.set(key, { n: session.n + 1 }, HOUR_MS, {});
      }
    }));
    await store.close();
    process.send({});
  },

  /** Writes until it is killed, and notes in a ledger what was acknowledged. */
  async writeUntilKilled({ path, ledger, name, synchronous }) {
    const store = new SqliteStore({ path, synchronous });
    const file = fs.openSync(ledger, 'a');
    const note = line => fs.writeSync(file, `${line}\n`);
    process.send({ ready: true });
    await Promise.all(Array.from({ length: 20 }, async (_, lane) => {
      for (let i = 0; ; i++) {
        const key = `${name}-${lane}-${i}`;
        const text = JSON.stringify({ key, padding: 'x'.repeat((i * 997) % 3000) });
        await store.setText(key, text, HOUR_MS, {});
        note(`set ${key}`);
        if (i % 4 === 1) {
          const { status } = await store.compareAndSet(key, text, JSON.stringify({ key, replaced: true }), HOUR_MS, {});
          note(`${status === 'done' ? 'replaced' : status} ${key}`);
        } else if (i % 4 === 3) {
          await store.destroy(key, {});
          note(`destroyed ${key}`);
        }
      }
    }));
  },

  /** Writes in many lanes until every one of them fails, and tells when the last write began that was acknowledged. */
  async writeUntilMoved({ path }) {
    const store = new SqliteStore({ path });
    let acknowledged = 0;
    let lastStartedAt = 0n;
    const codes = new Set();
    process.send({ ready: true });
    await Promise.all(Array.from({ length: 20 }, async (_, lane) => {
      for (let i = 0; ; i++) {
        const startedAt = process.hrtime.bigint();
        try {
          await store.set(`${process.pid}-${lane}`, { i }, HOUR_MS, {});
        } catch (err) {
          codes.add(err.code);
          break;
        }
        acknowledged++;
        if (startedAt > lastStartedAt) lastStartedAt = startedAt;
      }
    }));
    await store.close();
    process.send({ acknowledged, lastStartedAt: String(lastStartedAt), codes: [...codes] });
  },

  /** Tries without a pause what takes long under the lock and changes nothing: nearly all of its time it holds it. */
  async hogTheLock({ path }) {
    const store = new SqliteStore({ path, busyTimeoutMs: 60_000 });
    await store.setText('hog', JSON.stringify('x'.repeat(2e6)), HOUR_MS, {});
    process.send({ ready: true });
    await Promise.all(Array.from({ length: 40 }, async () => {
      for (;;) await store.compareAndSet('hog', null, '{}', HOUR_MS, {});
    }));
  },

  /** Opens a store, writes and does nothing more: not even closes it. */
  async writeAndEnd({ path }) {
    const store = new SqliteStore({ path });
    await store.set('a', { a: 1 }, HOUR_MS, {});
    process.send({ written: true });
    process.disconnect();
  },

  /** Writes what it is sent, and says so once that is acknowledged. */
  async writeWhatIsSent({ path }) {
    const store = new SqliteStore({ path });
    process.send({ ready: true });
    for (;;) {
      const { key, text } = await new Promise(resolve => process.once('message', resolve));
      if (key === undefined) break;
      if (text === undefined) await store.destroy(key);
      else await store.setText(key, text, HOUR_MS, {});
      process.send({ written: key });
    }
    await store.close();
    process.disconnect();
  },

  /** Reads what is `warm` until it is in memory, then what is `cold` and no longer there, and prints the texts of the latter. */
  async readCold({ path, warm, cold }) {
    const store = new SqliteStore({ path });
    for (let round = 0; round < 3; round++) for (const key of warm) await store.getText(key, HOUR_MS, {});
    const texts = [];
    for (const key of cold) {
      // each time, since the kernel reads ahead
      forget(path);
      texts.push(await store.getText(key, HOUR_MS, {}));
    }
    await store.close();
    process.stdout.write(JSON.stringify(texts));
  },

  /** Opens a store and does nothing with it. */
  async openAndEnd({ path }) {
    new SqliteStore({ path });
    process.disconnect();
  },

  /** Ends while writes are under way. */
  async writeAndExit({ path }) {
    const store = new SqliteStore({ path });
    for (let i = 0; i < 1000; i++) store.set(`k${i}`, { i }, HOUR_MS, {}).catch(() => {});
    process.exit(0);
  },

  /** Fills the disk under the file, or the file itself, then goes on once there is room. */
  async fillTheDisk({ path, maxFileBytes, ballastBytes }) {
    const ballast = `${path}.ballast`;
    fs.writeFileSync(ballast, Buffer.alloc(ballastBytes));
    const store = new SqliteStore({ path, maxFileBytes });
    const large = 'x'.repeat(100_000);
    const errors = [];
    let written = 0;
    for (let i = 0; i < 200; i++) {
      await store.set(`k${i}`, { i, large }, HOUR_MS, {}).then(() => { written++; }, err => errors.push(err));
    }
    const kept = [];
    for (let i = 0; i < 200; i++) if (await store.get(`k${i}`, HOUR_MS, {})) kept.push(i);
    process.send({ written, kept: kept.length, errors: errors.map(({ code, message }) => ({ code, message })) });
    await new Promise(resolve => process.once('message', resolve));
    fs.unlinkSync(ballast);
    for (const i of kept) await store.destroy(`k${i}`, {});
    await store.set('after', { large }, HOUR_MS, {});
    const after = await store.get('after', HOUR_MS, {});
    await store.close();
    process.send({ recovered: after.large === large });
    process.disconnect();
  },
};

const [task, details] = process.argv.slice(2);
tasks[task](JSON.parse(details)).then(() => {
  if (process.connected) process.disconnect();
}, err => {
  console.error(err);
  process.exit(1);
});
