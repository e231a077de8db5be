import { describe, expect, test } from 'vitest';
import { canonicalFor } from '../../src/https/canonical.ts';

const [apex, www, alias] = ['example.com', 'www.example.com', 'example.net'];

describe('the canonical name of a site', () => {
  test.each([
    ['is the given one where it points here', [apex, www], { pointingNames: [apex] }, apex],
    ['with www. too', [www, apex], { pointingNames: [apex, www] }, www],
    ['is its twin where only that points here', [www, apex], { pointingNames: [apex] }, apex],
    ['is no alias', [www, apex, alias], { pointingNames: [alias] }, www],
    ['is the given one where no name points here', [www, apex], { pointingNames: [] }, www],
    ['is the given one where DNS cannot be asked', [www, apex], {}, www],
    ['stays as it was while the given one does not point here', [www, apex], { pointingNames: [apex], former: apex }, apex],
    ['stays as it was when DNS is gone', [www, apex], { pointingNames: [], former: apex }, apex],
    ['stays the given one when DNS is gone', [www, apex], { pointingNames: [apex], former: www }, www],
    ['is the given one as soon as it points here', [www, apex], { pointingNames: [apex, www], former: apex }, www],
    ['has nothing of a name that is the site no longer', [apex], { pointingNames: [], former: www }, apex],
  ])('%s', (_, names, evidence, expected) => {
    expect(canonicalFor({ domain: apex, names }, evidence)).toBe(expected);
  });
});
