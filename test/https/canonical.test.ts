import { describe, expect, test } from 'vitest';
import { canonicalFor } from '../../src/https/canonical.ts';

const [apex, www, alias] = ['example.com', 'www.example.com', 'example.net'];

describe('the canonical name of a site', () => {
  test.each([
    ['is the given one where it points here', [apex, www], { resolvingNames: [apex] }, apex],
    ['with www. too', [www, apex], { resolvingNames: [apex, www] }, www],
    ['is its twin where only that points here', [www, apex], { resolvingNames: [apex] }, apex],
    ['is no alias', [www, apex, alias], { resolvingNames: [alias] }, www],
    ['is the given one where no name points here', [www, apex], { resolvingNames: [] }, www],
    ['is the given one where DNS cannot be asked', [www, apex], {}, www],
    ['stays as it was while the given one does not point here', [www, apex], { resolvingNames: [apex], former: apex }, apex],
    ['stays as it was when DNS is gone', [www, apex], { resolvingNames: [], former: apex }, apex],
    ['stays the given one when DNS is gone', [www, apex], { resolvingNames: [apex], former: www }, www],
    ['is the given one as soon as it points here', [www, apex], { resolvingNames: [apex, www], former: apex }, www],
    ['has nothing of a name that is the site no longer', [apex], { resolvingNames: [], former: www }, apex],
  ])('%s', (_, names, evidence, expected) => {
    expect(canonicalFor({ domain: apex, names }, evidence)).toBe(expected);
  });
});
