/** What the configuration does not contain of the old server, and where it is there: `/etc/nginx/sites-enabled/shop:12`, or an empty text. */
export interface Remark {
  readonly at: string;
  readonly text: string;
}

/** Returns a remark as one sentence. */
export function remarkText({ at, text }: Remark): string {
  return at === '' ? text : `${at}: ${text}`;
}
