/** What to do about errors of the database server, by error number. */
const hints: readonly (readonly [numbers: readonly number[], hint: string])[] = [
  [
    [1044, 1142, 1370],
    'That line names a database. Remove the database name from the statement: a dump is imported into a database with another name.',
  ],
  [
    [1227, 1419],
    'That line needs administrator rights on the server, which a site does not have. Remove the line, or make the dump without it.',
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
  [[1205], 'Another connection has locked a table for a minute. Find it: foobar-provision db console, SHOW PROCESSLIST. Then run again.'],
  [[1064, 1149], 'The server does not understand that line. The dump may be incomplete, or it may be from a newer server.'],
];

/** Returns what to do about an error of loading a dump, from the standard error of the programs that load it. */
export function loadHint(stderr: string): string {
  const number = Number(/^ERROR (\d+)/m.exec(stderr)?.[1] ?? /errno: (\d+)/i.exec(stderr)?.[1]);
  const known = hints.find(([numbers]) => numbers.includes(number))?.[1];
  if (known !== undefined) return known;
  if (/unexpected end|truncated|premature end|ends too early|corrupt|not in gzip format|crc error/i.test(stderr))
    return 'The dump is incomplete or damaged. Compare its size with the original, and copy it again.';
  return 'The message of the database server is above. Fix that error, then run the same command again.';
}
