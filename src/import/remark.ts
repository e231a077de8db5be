/** A setting of the old server that is not translated, and where it is: `/etc/nginx/sites-enabled/shop:12`. */
export interface Remark {
  readonly at: string;
  readonly text: string;
}

/** Returns a remark as one sentence. */
export function remarkText({ at, text }: Remark): string {
  return at === '' ? text : `${at}: ${text}`;
}
