/** What a person should know about the import, and the place in the old server's files: `/etc/nginx/sites-enabled/shop:12`, or an empty text. */
export interface Remark {
  readonly at: string;
  readonly text: string;
}

/** Returns a remark as one sentence. */
export function remarkText({ at, text }: Remark): string {
  return at === '' ? text : `${at}: ${text}`;
}
