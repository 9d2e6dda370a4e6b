'use strict';

/** Requests byte by byte: no client library that would tidy up a Cookie header. */

const http = require('node:http');
const net = require('node:net');

/** Room for a header of 64 KB, which Node refuses by default. */
const MAX_HEADER_BYTES = 256 * 1024;
/** What Node answers where no HTTP message could be read; it may also just close. */
const REFUSED = 400;

/** @param {(req: any, res: any) => void} callback @returns {Promise<http.Server>} on a free port of 127.0.0.1 */
function listen(callback) {
  const server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, callback);
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** @param {http.Server} server @returns {Promise<void>} */
function close(server) {
  return new Promise(resolve => server.close(() => resolve()));
}

/**
 * @param {http.Server} server
 * @param {string} cookie Latin-1: one character a byte.
 * @returns {Promise<{ status: number, setCookie: string[] }>}
 */
function get(server, cookie) {
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1');
    let response = '';
    socket.setEncoding('latin1');
    socket.on('data', chunk => { response += chunk; });
    // A reset is how Node's refusal of a long header arrives.
    socket.on('error', () => {});
    socket.on('close', () => {
      const [head] = response.split('\r\n\r\n');
      const [statusLine, ...headers] = head.split('\r\n');
      const prefix = 'set-cookie: ';
      resolve({
        status: Number(statusLine.split(' ')[1]) || REFUSED,
        setCookie: headers.filter(line => line.toLowerCase().startsWith(prefix)).map(line => line.slice(prefix.length)),
      });
    });
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`, 'latin1');
  });
}

module.exports = { listen, close, get, REFUSED };
