// Makes the application of a release listen on the socket that systemd holds for it, instead of the TCP port in PORT: no other site can
// connect to it, releases do not compete for the port, and requests wait while the application restarts.
// Written by foobar-provision: edits here are undone by its next run. It uses nothing that Node.js 12 of Ubuntu 22.04 does not have.
'use strict';

const { execFile } = require('child_process');
const cluster = require('cluster');
const { mkdtempSync } = require('fs');
const net = require('net');
const { tmpdir } = require('os');
const { join } = require('path');

const port = Number(process.env.PORT);
const { listen } = net.Server.prototype;
// systemd passes the socket to its main process as file descriptor 3. A worker of node:cluster gets it from there.
const hasSocket = process.env.LISTEN_PID === String(process.pid) || cluster.isWorker;
let isTaken = false;
let isToldOfOther = false;

net.Server.prototype.listen = function listenOnSocket(...args) {
  const [first] = args;
  const asked = typeof first === 'object' && first !== null ? first.port : first;
  const number = typeof asked === 'number' || typeof asked === 'string' ? Number(asked) : Number.NaN;
  if (number !== port) {
    if (number > 0) tellOfOther(number);
    return Reflect.apply(listen, this, args);
  }
  if (!hasSocket)
    throw new Error(
      `foobar-provision: port ${port} is asked for by process ${process.pid}, which the start command's own process has started, and which has not got the socket. Let node.start name the server itself, such as "node server.js".`,
    );
  const callback = args.find((arg) => typeof arg === 'function');
  if (isTaken) {
    // Fastify listens on both 127.0.0.1 and ::1. Nothing connects to the second one.
    const path = join(mkdtempSync(join(tmpdir(), 'listen-')), 'unused.sock');
    return Reflect.apply(listen, this, callback ? [{ path }, callback] : [{ path }]);
  }
  isTaken = true;
  this.address = () => ({ address: '127.0.0.1', family: 'IPv4', port });
  // Requests come from nginx on this host, and the visitor's address is in X-Forwarded-For, as with a TCP port.
  this.prependListener('connection', (socket) => {
    const peer = { remoteAddress: '127.0.0.1', remoteFamily: 'IPv4', remotePort: 0, localAddress: '127.0.0.1', localPort: port };
    for (const [name, value] of Object.entries(peer)) Object.defineProperty(socket, name, { value, configurable: true });
  });
  this.once('listening', () => {
    if (process.env.NOTIFY_SOCKET) execFile('systemd-notify', ['--ready'], (error) => error && console.error(`foobar-provision: ${error.message}`));
  });
  return Reflect.apply(listen, this, callback ? [{ fd: 3 }, callback] : [{ fd: 3 }]);
};

function tellOfOther(number) {
  if (isTaken || isToldOfOther || !hasSocket) return;
  isToldOfOther = true;
  console.error(
    `foobar-provision: the application listens on port ${number}, where no request arrives. If that is its port for visitors, let it listen on the port in PORT (${port}), or set node.port: ${number}.`,
  );
}
