import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Page {
  readonly status: number;
  readonly body: string;
  /** What the site wants to be sent back, as a `Cookie` header. */
  readonly cookie: string;
}

/**
 * Asks a host for a page over plain HTTP as a browser does that knows it by this name; with `fields`, sends a form. Rejects where the
 * answer is empty.
 */
export async function ask(
  address: string,
  name: string,
  path: string,
  { fields, cookie }: { readonly fields?: Readonly<Record<string, string>>; readonly cookie?: string } = {},
): Promise<Page> {
  const body = fields && new URLSearchParams(fields).toString();
  const headers = {
    Host: name,
    ...(cookie && { Cookie: cookie }),
    ...(body && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  };
  const asked = request({ host: address, path, headers, method: body ? 'POST' : 'GET', agent: false });
  asked.end(body);
  const [answer]: [IncomingMessage] = (await once(asked, 'response')) as [IncomingMessage];
  const cookies = (answer.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]);
  return { status: answer.statusCode ?? 0, body: await text(answer), cookie: cookies.join('; ') };
}

/** The hidden fields of a page's form, by name. */
export function hiddenFields(page: string): Readonly<Record<string, string>> {
  const inputs = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value]));
}
