/** What a page shows instead of the application, with its meaning. */
const pages = {
  error: 'a setup error: the application is not set up',
  database: 'a database error: the application is not set up',
  installer: 'an installer: the application is not set up',
  settings: 'a message that a settings file is missing: the application is not set up',
  failure: 'an error message, although its status says otherwise',
} as const;

/** Words of titles. */
const titles: readonly (readonly [RegExp, keyof typeof pages])[] = [
  [/set-?up error/i, 'error'],
  [/error establishing a database connection|database (?:connection )?error/i, 'database'],
  [/\b(?:install(?:er|ation|ing)?|set-?up|setup wizard)\b/i, 'installer'],
  [/^(?:fatal|internal|application)(?: server)? error$/i, 'failure'],
];

/** Words of a page that says nothing else. */
const messages: readonly (readonly [RegExp, keyof typeof pages])[] = [
  [/(?:can ?not|can't|could not|unable to) (?:find|open|read|load)\b.{0,40}?\b(?:config|settings)/i, 'settings'],
  [/\b\w*(?:config|settings)\w*(?:\.\w+)*\b.{0,40}?\b(?:not (?:be )?found|missing|does not exist)\b/i, 'settings'],
  [/\bplease (?:run the install|install|set ?up)/i, 'installer'],
];

/** The length of a page's text, in characters, up to which it counts as a message. */
const longestMessage = 500;

/** A page that is not the application itself. */
export interface Unfinished {
  /** In words: `an installer: the application is not set up`. */
  readonly page: string;
  /** Whether the application's log may say more. */
  readonly isLogged: boolean;
}

/**
 * Returns what a page is, where its address, its title or its only words say that it is not the application itself; undefined for other
 * pages.
 */
export function unfinished(path: string, body: Buffer): Unfinished | undefined {
  const kind = kindOf(path, body);
  return kind === undefined ? undefined : { page: pages[kind], isLogged: ['error', 'database', 'failure'].includes(kind) };
}

function kindOf(path: string, body: Buffer): keyof typeof pages | undefined {
  const page = body.subarray(0, 65_536).toString();
  const title = /<title[^>]*>([^<]{1,300})/i.exec(page)?.[1]?.trim() ?? '';
  const byTitle = titles.find(([words]) => words.test(title))?.[1];
  if (byTitle !== undefined) return byTitle;
  if (/(?:^|\/)(?:install(?:er|ation)?|setup|setup-config)(?:\.php)?(?:\/|$)/i.test(path)) return 'installer';
  const text = textOf(page);
  return text.length > longestMessage ? undefined : messages.find(([words]) => words.test(text))?.[1];
}

/** Returns the words that a page shows. */
function textOf(page: string): string {
  return page
    .replaceAll(/<(script|style|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
