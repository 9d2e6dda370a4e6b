'use strict';

/**
 * The forked process: hosts the fixture app in as many variants as it is asked for, one HTTP server each. Commands and answers
 * go over IPC, requests over real HTTP. FIXTURE_MAJOR (3 or 4) and FIXTURE_PLUGIN say which framework and which session plugin.
 */

const fs = require('fs');
const http = require('http');
const path = require('path');

const BASE_DIR = path.join(__dirname, '../fixtures/app');
const recorder = require(path.join(BASE_DIR, 'lib/recorder'));
const stores = require(path.join(BASE_DIR, 'lib/stores'));
const functions = require(path.join(BASE_DIR, 'lib/functions'));
const clock = globalThis[Symbol.for('egg-session-native.test.clock')];

const framework = path.dirname(require.resolve(
  process.env.FIXTURE_MAJOR === '4' ? 'egg4/package.json' : 'egg/package.json'));

recorder.watchLoggers(require('egg-logger').Logger);

// Egg writes the config of each app that starts to files, for people to look at: a third of the time of a start.
for (const { prototype } of [require(framework).Agent, require(framework).Application]) {
  prototype.dumpConfig = prototype.dumpTiming = () => {};
}

let running = [];
/** Every app has this one: starting an agent takes as long as half an app, and the session has no part in it. */
let agent;

/** What nobody caught: part of the record, but while an app starts it is how Egg's loader says that a plugin refused its config. */
const recordStray = error => recorder.record({ event: 'not caught', message: error.message });
let onStray = recordStray;
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, error => onStray(error));

/** As Egg's own `start` for a single process. */
async function startEgg() {
  const options = { baseDir: BASE_DIR, framework, ignoreWarning: true, mode: 'single' };
  const { Agent, Application } = require(framework);
  if (agent === undefined) agent = new Agent({ ...options });
  await agent.ready();
  const app = new Application({ ...options });
  app.agent = agent;
  agent.application = app;
  await app.ready();
  app.messenger.broadcast('egg-ready');
  return app;
}

async function start(variant) {
  process.env.FIXTURE_VARIANT = JSON.stringify(variant);
  const app = await new Promise((resolve, reject) => {
    onStray = reject;
    startEgg().then(resolve, reject);
  }).finally(() => { onStray = recordStray; });
  const handle = app.callback();
  const server = http.createServer((request, response) => {
    if (clock && request.headers['x-clock']) clock.set(Number(request.headers['x-clock']));
    recorder.begin(request);
    handle(request, response);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  running.push({ app, server });
  return { port: server.address().port, log: recorder.take() };
}

/** Events come through setImmediate, and an un-awaited save() may outlive its response by some turns. */
async function settle() {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve));
}

const commands = {
  start: ({ variant }) => start(variant),

  async collect() {
    await settle();
    return { log: recorder.take() };
  },

  reset() {
    stores.reset();
    functions.resetIds();
    recorder.take();
    return {};
  },

  async stopApps() {
    const apps = running;
    running = [];
    // It ends with the first of them.
    agent = undefined;
    for (const { app, server } of apps) {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await app.close();
    }
    return {};
  },

  async stop() {
    await commands.stopApps();
    setImmediate(() => process.disconnect());
    return {};
  },
};

process.on('message', async message => {
  if (!message || !message.fixtureCommand) return;
  const { id, fixtureCommand } = message;
  try {
    process.send({ id, answer: await commands[fixtureCommand](message) });
  } catch (error) {
    process.send({ id, error: `${error.stack || error}` });
  }
});
// also when the parent was killed: neither a process nor a directory stays behind
process.on('disconnect', () => {
  fs.rmSync(process.env.FIXTURE_SCRATCH, { recursive: true, force: true });
  process.exit(0);
});
process.send({ ready: true });
