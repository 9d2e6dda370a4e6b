'use strict';

/**
 * WebSockets for the users of an Egg or Koa app: lets in who has a session and comes from the app's own pages, and closes a socket
 * soon after its session has ended. docs/sockets.md explains each step.
 */

const { STATUS_CODES } = require('node:http');
const { WebSocketServer } = require('ws');
// In your own app: require('egg-session-native').
const { readSession } = require('..');

// WebSocket close codes: 4000 to 4999 are the application's (RFC 6455, section 7.4.2), 1011 is a failure of the server.
const SESSION_ENDED = 4401;
const FAILED = 1011;

/**
 * @param {import('node:http').Server} server that serves the app
 * @param {any} app
 * @param {object} options
 * @param {string[]} options.origins whose pages may connect, for example `['https://shop.example']`
 * @param {(session: any) => unknown} options.userOf who a session belongs to; nothing for a session that may not connect
 * @param {(socket: any, session: any) => void} options.onSocket
 * @param {number} [options.intervalMs] how long a socket outlives its session at most
 * @param {number} [options.graceMs] how long a client may take to answer the close
 */
function acceptSockets(server, app, { origins, userOf, onSocket, intervalMs = 30_000, graceMs = 1000 }) {
  const sockets = new WebSocketServer({ noServer: true });

  server.on('upgrade', async (req, socket, head) => {
    // A client may leave while the session is read.
    socket.on('error', () => socket.destroy());
    // A browser sends its cookies with a socket that any page opens, so SameSite and CORS do not help: Origin has to be checked.
    if (!origins.includes(String(req.headers.origin))) return refuse(socket, 403);
    let session;
    try {
      session = await readSession(app, req);
    } catch {
      return refuse(socket, 503);
    }
    const user = session && userOf(session);
    if (user == null) return refuse(socket, 401);
    if (socket.destroyed) return undefined;
    return sockets.handleUpgrade(req, socket, head, (/** @type {any} */ webSocket) => {
      watch(webSocket, req, user);
      onSocket(webSocket, session);
    });
  });

  /** @param {any} webSocket @param {import('node:http').IncomingMessage} req @param {unknown} user */
  function watch(webSocket, req, user) {
    const timer = setTimeout(async () => {
      try {
        const session = await readSession(app, req);
        if (session === null || userOf(session) !== user) end(webSocket, SESSION_ENDED, 'the session has ended');
      } catch {
        end(webSocket, FAILED, '');
      }
      if (webSocket.readyState === webSocket.OPEN) timer.refresh();
    }, intervalMs);
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => clearTimeout(timer));
  }

  /**
   * A client may ignore a close, and go on sending. It is heard no longer.
   *
   * @param {any} webSocket @param {number} code @param {string} reason
   */
  function end(webSocket, code, reason) {
    webSocket.removeAllListeners('message');
    webSocket.close(code, reason);
    const cut = setTimeout(() => webSocket.terminate(), graceMs);
    webSocket.on('close', () => clearTimeout(cut));
  }
}

/** @param {import('node:stream').Duplex} socket @param {number} status */
function refuse(socket, status) {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

module.exports = { acceptSockets, SESSION_ENDED };
