import { createServer, type Server } from 'node:net';

/** The scramble that the server's greeting carries: 8 bytes, then 12. */
const scramble = Buffer.from('abcdefghijklmnopqrst');

/** A packet: its length in three bytes, its number, its payload. */
function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

/**
 * A version 10 greeting of a MySQL 9 that prefers caching_sha2_password (protocol 4.1, secure connections, plugins, a database at login).
 */
function greeting(): Buffer {
  const capabilities = 0x00080000 | 0x00008000 | 0x00000200 | 0x00000008;
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities);
  return Buffer.concat([
    Buffer.from('\x0a9.1.0\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0]),
    flags.subarray(0, 2),
    Buffer.from([255, 2, 0]),
    flags.subarray(2),
    Buffer.from([21]),
    Buffer.alloc(10),
    scramble.subarray(8),
    Buffer.from('\0caching_sha2_password\0'),
  ]);
}

/** ER_ACCESS_DENIED_ERROR, 1045. */
function denied(message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from(`#28000${message}`)]);
}

/**
 * A MySQL with a cold password cache: after the scrambled password it requires full authentication. It passes the client's next packet to
 * `heard` (the password itself, or 02 if the client requests an RSA key) and refuses it.
 */
export function coldMysql(heard: (answer: Buffer) => void): Server {
  return createServer((socket) => {
    socket.write(packet(0, greeting()));
    let packets = 0;
    socket.on('data', (chunk: Buffer) => {
      packets += 1;
      if (packets === 1) socket.write(packet(chunk.readUInt8(3) + 1, Buffer.from([1, 4])));
      if (packets === 2) {
        heard(chunk.subarray(4));
        socket.end(packet(chunk.readUInt8(3) + 1, denied("Access denied for user 'foobar'@'localhost' (using password: YES)")));
      }
    });
  });
}
