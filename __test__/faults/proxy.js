'use strict';

/**
 * A TCP proxy between an app and a server, which breaks what passes through it.
 * In: connections to `port`. Out: a connection to the server for each of them. TCP's promises hold between the two ends: each side
 * receives a prefix of what the other has sent, in order, and never anything twice. What arrives twice was sent twice.
 */

const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');

/** Cuts a connection so that the peer sees ECONNRESET, as after a crash. @param {net.Socket} socket */
function reset(socket) {
  if (!socket.destroyed) socket.resetAndDestroy();
}

/** One direction of a connection. Chunks arrive in order, each one `delayMs` after it was received. */
class Flow {
  #queue = [];
  #timer;
  #lastDueMs = 0;
  #hasEnded = false;
  isHeld = false;
  isLost = false;

  /** @param {net.Socket} from @param {net.Socket} to @param {() => number} delayMs asked for each chunk */
  constructor(from, to, delayMs) {
    Object.assign(this, { to, delayMs });
    from.on('data', chunk => this.#push(chunk));
    from.on('end', () => this.end());
  }

  /** Half-closes: the receiver sees the end of the stream, after what is under way. */
  end() {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#push(null);
  }

  get pendingBytes() {
    return this.#queue.reduce((sum, { chunk }) => sum + (chunk ? chunk.length : 0), 0);
  }

  /** @param {RegExp} [from] see `deliverLate` */
  hold(from) {
    if (from === undefined) this.isHeld = true;
    this.holdFrom = from;
  }

  /** Delivers everything that waits, at once. */
  release() {
    this.isHeld = false;
    for (const each of this.#queue) each.dueMs = 0;
    this.#deliver();
  }

  #push(chunk) {
    if (this.isLost) return;
    if (this.holdFrom !== undefined && chunk !== null && this.holdFrom.test(chunk.toString('latin1'))) this.isHeld = true;
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + this.delayMs());
    this.#queue.push({ chunk, dueMs: this.#lastDueMs });
    this.#deliver();
  }

  #deliver() {
    clearTimeout(this.#timer);
    while (!this.isHeld && this.#queue.length > 0) {
      const leftMs = this.#queue[0].dueMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(leftMs));
        return;
      }
      const { chunk } = this.#queue.shift();
      if (this.to.destroyed || this.to.writableEnded) continue;
      if (chunk === null) this.to.end();
      else this.to.write(chunk);
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.isLost = true;
  }
}

/** A connection from the app and the one to the server that belongs to it. */
class Link {
  isDetached = false;

  /** @param {net.Socket} app @param {net.Socket} server @param {{ toServerMs: number, toAppMs: number }} delays read for each chunk */
  constructor(app, server, delays) {
    Object.assign(this, { app, server });
    this.toServer = new Flow(app, server, () => delays.toServerMs);
    this.toApp = new Flow(server, app, () => delays.toAppMs);
    for (const socket of [app, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    app.on('close', () => { if (!this.isDetached) this.cut(); });
    server.on('close', () => this.cut());
  }

  cut() {
    this.toServer.stop();
    this.toApp.stop();
    reset(this.app);
    reset(this.server);
  }
}

class FaultProxy {
  #server;
  #links = new Set();
  #late = new Set();
  #delays = { toServerMs: 0, toAppMs: 0 };

  /** @param {number} targetPort on loopback @returns {Promise<FaultProxy>} */
  static async start(targetPort) {
    const proxy = new FaultProxy();
    proxy.targetPort = targetPort;
    proxy.port = 0;
    await proxy.accept();
    return proxy;
  }

  get links() {
    return [...this.#links];
  }

  /** Listens, on the same port each time. */
  async accept() {
    if (this.#server) return;
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, app => this.#connect(app));
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    server.on('error', () => {});
    this.#server = server;
    this.port = server.address().port;
  }

  /** New connections get ECONNREFUSED until `accept`; those that are open stay so. */
  async refuse() {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    await new Promise(resolve => {
      // The callback waits for all connections to end; the port is free at once.
      server.close();
      setImmediate(resolve);
    });
  }

  #connect(app) {
    const server = net.connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const link = new Link(app, server, this.#delays);
    this.#links.add(link);
    server.on('close', () => this.#links.delete(link));
  }

  /** Resets every connection. */
  drop() {
    for (const link of this.#links) link.cut();
  }

  /** One side sees the end of the stream; the other direction goes on. @param {'app' | 'server'} seenBy */
  halfClose(seenBy) {
    for (const { toApp, toServer } of this.#links) (seenBy === 'app' ? toApp : toServer).end();
  }

  /** @param {{ toServerMs?: number, toAppMs?: number }} delays of what comes from now on */
  delay({ toServerMs = 0, toAppMs = 0 }) {
    Object.assign(this.#delays, { toServerMs, toAppMs });
  }

  /** The server carries out what it is told in this time, and its answers are lost with the connection. @param {number} forMs */
  async loseReplies(forMs) {
    const links = this.links;
    for (const { toApp } of links) toApp.stop();
    await sleep(forMs);
    for (const link of links) link.cut();
  }

  /**
   * What the app sends in `forMs` stays on its way, and the app's connection breaks. `afterMs` later the bytes arrive at the server.
   *
   * @param {number} forMs
   * @param {number} afterMs
   * @param {RegExp} [from] each connection is held from the first chunk on that this fits, if one comes within `forMs`. Default: at once
   * @returns {Promise<{ bytes: number, arrived: Promise<void> }>} once the app's connections are cut
   */
  async deliverLate(forMs, afterMs, from) {
    const links = this.links;
    for (const { toServer } of links) toServer.hold(from);
    if (from !== undefined) {
      for (const end = performance.now() + forMs; performance.now() < end && !links.some(({ toServer }) => toServer.isHeld);) await sleep(1);
    }
    await sleep(forMs);
    let bytes = 0;
    for (const link of links) {
      // What is under way arrives, whatever happens to later connections.
      this.#links.delete(link);
      bytes += link.toServer.pendingBytes;
      link.isDetached = true;
      link.toApp.stop();
      reset(link.app);
    }
    const arrived = this.#arrive(links, afterMs);
    this.#late.add(arrived);
    arrived.finally(() => this.#late.delete(arrived));
    return { bytes, arrived };
  }

  async #arrive(links, afterMs) {
    await sleep(afterMs);
    for (const { toServer } of links) toServer.release();
    // The server reads what has arrived before it sees the end.
    await Promise.all(links.map(({ server }) => new Promise(resolve => { if (server.destroyed) resolve(); else server.end(resolve); })));
    await sleep(20);
    for (const link of links) link.cut();
  }

  /** Half of the next chunk of each connection arrives at the server, and then the connection breaks. @param {number} withinMs */
  async cutMidway(withinMs) {
    const links = this.links;
    for (const link of links) {
      link.toServer.isHeld = true;
      link.app.once('data', chunk => {
        link.toServer.stop();
        if (link.server.destroyed) return;
        link.server.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => link.cut());
      });
    }
    await sleep(withinMs);
    for (const link of links) link.cut();
  }

  /** Ends every fault. What is late still arrives first. */
  async heal() {
    this.delay({});
    await Promise.all(this.#late);
    await this.accept();
  }

  async stop() {
    await Promise.all(this.#late);
    await this.refuse();
    this.drop();
  }
}

module.exports = { FaultProxy };
