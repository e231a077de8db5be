/** What to do about the errors of the server, by their numbers. */
const hints: readonly (readonly [numbers: readonly number[], hint: string])[] = [
  [
    [1044, 1142, 1370],
    'That line uses another database than its own. Only one database can be imported: remove its name from the statement.',
  ],
  [
    [1227, 1419],
    'That line needs rights of the server’s administrator, which a site does not have. Remove it, or make the dump without it.',
  ],
  [
    [1115, 1273],
    'This server does not know that character set or collation. Replace it in that line, for example with utf8mb4_unicode_ci.',
  ],
  [[1231], 'This server does not know that sql_mode. Remove it from that line.'],
  [
    [1153, 2006, 2020],
    'A row is larger than the server accepts: add a file with a larger max_allowed_packet beside 90-foobar-provision.cnf.',
  ],
  [[1021, 1114, 28], 'The disk of the host is full. Free some space there, and run again.'],
  [[1205], 'Another connection has held a table for a minute. See which: foobar-provision db console, SHOW PROCESSLIST. Then run again.'],
  [[1064, 1149], 'The server does not understand that line. The dump may be incomplete, or made for a newer server.'],
];

/** Returns what to do about the error of a database server. */
export function loadHint(stderr: string): string {
  const number = Number(/^ERROR (\d+)/m.exec(stderr)?.[1] ?? /errno: (\d+)/i.exec(stderr)?.[1]);
  const known = hints.find(([numbers]) => numbers.includes(number))?.[1];
  if (known !== undefined) return known;
  if (/unexpected end|truncated|premature end|ends too early|corrupt|not in gzip format|crc error/i.test(stderr))
    return 'The dump is incomplete or damaged. Compare its size with the original, and copy it again.';
  return 'The message of the database is below. Solve that, then run the same command again.';
}
