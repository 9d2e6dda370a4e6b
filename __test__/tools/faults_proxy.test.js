'use strict';

/** Each fault of the proxy, seen from both of its ends. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { FaultProxy } = require('../faults/proxy');

/** A server that keeps what each connection sent it and answers each chunk with `re:CHUNK`. */
async function setUp(t) {
  const received = [];
  const sockets = new Set();
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    const own = { text: '', hasEnded: false, wasReset: false };
    received.push(own);
    sockets.add(socket);
    socket.setEncoding('latin1').on('data', text => {
      own.text += text;
      socket.write(`re:${text}`);
    });
    socket.on('end', () => { own.hasEnded = true; });
    socket.on('error', () => { own.wasReset = true; });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy = await FaultProxy.start(server.address().port);
  t.after(async () => {
    await proxy.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });

  const connect = async () => {
    const socket = net.connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    const own = { socket, text: '', code: undefined, hasEnded: false };
    socket.setEncoding('latin1').on('data', text => { own.text += text; });
    socket.on('error', error => { own.code = error.code; });
    socket.on('end', () => { own.hasEnded = true; });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    socket.write('hello ');
    await until(() => own.text === 're:hello ');
    return own;
  };
  return { proxy, received, connect };
}

async function until(isSo) {
  for (const end = Date.now() + 3000; !isSo(); await sleep(2)) assert.ok(Date.now() < end, String(isSo));
}

test('without a fault everything arrives on both sides, in order', async t => {
  const { received, connect } = await setUp(t);
  const app = await connect();
  for (let i = 0; i < 50; i++) app.socket.write(`${i},`);
  await until(() => received[0].text.endsWith('49,'));
  assert.equal(received[0].text, `hello ${Array.from({ length: 50 }, (_, i) => `${i},`).join('')}`);
  await until(() => app.text.endsWith('49,'));
});

test('a dropped connection is reset on both sides, and the next one works', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  proxy.drop();
  await until(() => app.code === 'ECONNRESET' && received[0].wasReset);
  await connect();
});

test('half-closed by the server: the app sees the end, and can still send', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  proxy.halfClose('app');
  await until(() => app.hasEnded);
  app.socket.write('still');
  await until(() => received[0].text === 'hello still');
  assert.equal(received[0].hasEnded, false);
});

test('half-closed by the app: the server sees the end, and can still send', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  proxy.halfClose('server');
  await until(() => received[0].hasEnded);
  assert.equal(app.hasEnded, false);
  assert.equal(app.code, undefined);
});

for (const [way, delays, isReceived] of [
  ['to the server', { toServerMs: 150 }, false],
  ['to the app', { toAppMs: 150 }, true],
]) {
  test(`a delay ${way} delays that way only`, async t => {
    const { proxy, received, connect } = await setUp(t);
    const app = await connect();
    proxy.delay(delays);
    const started = performance.now();
    app.socket.write('a');
    await sleep(60);
    assert.equal(received[0].text === 'hello a', isReceived);
    assert.equal(app.text, 're:hello ');
    await until(() => app.text === 're:hello re:a');
    assert.ok(performance.now() - started >= 149);
  });
}

test('what comes after a delay does not overtake what was delayed', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  proxy.delay({ toServerMs: 100 });
  app.socket.write('first ');
  await sleep(20);
  proxy.delay({});
  app.socket.write('second');
  await until(() => received[0].text.includes('second'));
  assert.equal(received[0].text, 'hello first second');
});

test('a lost reply: the server is told, the app is not, and then its connection is reset', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  const losing = proxy.loseReplies(80);
  app.socket.write('write');
  await until(() => received[0].text === 'hello write');
  await losing;
  await until(() => app.code === 'ECONNRESET');
  assert.equal(app.text, 're:hello ');
});

test('late delivery: the app is reset, sends again on a new connection, and the old bytes arrive after that', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  const cutting = proxy.deliverLate(40, 200);
  app.socket.write('write');
  const { bytes, arrived } = await cutting;
  assert.equal(bytes, 'write'.length);
  await until(() => app.code === 'ECONNRESET');
  const again = await connect();
  again.socket.write('write');
  await until(() => received[1].text === 'hello write');
  assert.equal(received[0].text, 'hello ', 'the first copy is still under way');
  await arrived;
  assert.equal(received[0].text, 'hello write');
  assert.equal(app.text, 're:hello ');
});

test('what is late arrives even if every connection is dropped meanwhile', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  const cutting = proxy.deliverLate(30, 150);
  app.socket.write('write');
  const { arrived } = await cutting;
  proxy.drop();
  await arrived;
  assert.equal(received[0].text, 'hello write');
});

test('a connection may be held from its first write on: what is before it arrives in time', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  const cutting = proxy.deliverLate(100, 150, /set/);
  app.socket.write('get ');
  await until(() => received[0].text === 'hello get ');
  app.socket.write('set ');
  const { bytes, arrived } = await cutting;
  assert.equal(bytes, 4);
  assert.equal(received[0].text, 'hello get ');
  await arrived;
  assert.equal(received[0].text, 'hello get set ');
});

test('half a command: the server has the first half and then a reset', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  const cutting = proxy.cutMidway(80);
  app.socket.write('12345678');
  await cutting;
  await until(() => app.code === 'ECONNRESET');
  assert.ok(received[0].text.length <= 'hello 1234'.length && 'hello 1234'.startsWith(received[0].text), received[0].text);
});

test('refused: no new connection, until it accepts again on the same port', async t => {
  const { proxy, connect } = await setUp(t);
  const before = await connect();
  const { port } = proxy;
  await proxy.refuse();
  const [error] = await once(net.connect(port, '127.0.0.1'), 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.equal(before.code, undefined, 'open connections stay');
  await proxy.accept();
  assert.equal(proxy.port, port);
  await connect();
});

test('healing waits for what is late, and takes delays back', async t => {
  const { proxy, received, connect } = await setUp(t);
  const app = await connect();
  proxy.delay({ toServerMs: 5000 });
  const cutting = proxy.deliverLate(20, 100);
  app.socket.write('write');
  await cutting;
  await proxy.heal();
  assert.equal(received[0].text, 'hello write');
  await connect();
});
