import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/command/secret.ts';
import { redactor } from '../../src/health/redact.ts';

const long = 'p4ss+w0rd/with$ymbols(and more';

describe('redactor', () => {
  it.each([
    {
      what: 'the whole',
      secret: 'Zu7aeGh2Ohquie3Eengu',
      text: "PDO->__construct('mysql:', 'foobar', 'Zu7aeGh2Ohquie3Eengu')",
      shown: "PDO->__construct('mysql:', 'foobar', '(sensitive)')",
    },
    { what: 'cut short, as PHP does', secret: 'Zu7aeGh2Ohquie3Eengu', text: "'Zu7aeGh2Ohquie3...')", shown: "'(sensitive)')" },
    { what: 'characters that patterns use', secret: long, text: `a ${long.slice(0, 22)} b`, shown: 'a (sensitive) b' },
    { what: 'in a URL', secret: long, text: `mysql://foobar:${encodeURIComponent(long)}`, shown: 'mysql://foobar:(sensitive)' },
    { what: 'a short one, alone', secret: 'abc', text: 'abcdef', shown: '(sensitive)def' },
    {
      what: 'a line of a key, and not its frames',
      secret: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAbc\nQ==\n-----END PRIVATE KEY-----\n',
      text: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAbc\nQ==',
      shown: '-----BEGIN PRIVATE KEY-----\n(sensitive)\nQ==',
    },
    { what: 'nothing to hide', secret: '', text: 'abc', shown: 'abc' },
  ])('$what', ({ secret, text, shown }) => {
    expect(redactor([new Secret(secret)])(text)).toBe(shown);
  });
});
