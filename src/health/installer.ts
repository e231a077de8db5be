/** Words of titles and addresses that say that an application is not set up. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/set-?up error/i, 'a setup error'],
  [/error establishing a database connection|database (?:connection )?error/i, 'a database error'],
  [/\b(?:install(?:er|ation|ing)?|set-?up|setup wizard)\b/i, 'an installer'],
];

/** Returns what a page is, where its address or its title says that the application is not set up; undefined for other pages. */
export function unfinished(path: string, body: Buffer): string | undefined {
  const title = /<title[^>]*>([^<]{1,300})/i.exec(body.subarray(0, 65_536).toString())?.[1] ?? '';
  const byTitle = phrases.find(([words]) => words.test(title))?.[1];
  if (byTitle !== undefined) return byTitle;
  return /(?:^|\/)(?:install(?:er|ation)?|setup|setup-config)(?:\.php)?(?:\/|$)/i.test(path) ? 'an installer' : undefined;
}
