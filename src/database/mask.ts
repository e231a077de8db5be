import { createHmac } from 'node:crypto';

import type { Mask } from '../config/mask.ts';

/**
 * Returns the masked value; null stands for NULL. NULL and empty values stay as they are, unless the mask is `null`. Each copy has a new
 * random `key`, so that nobody can find the original by hashing guesses.
 */
export function masked(mask: Mask, value: string | null, key: Buffer): string | null {
  if (mask === 'null') return null;
  if (value === null || value === '') return value;
  if (typeof mask === 'object') return mask.value;
  const hash = createHmac('sha256', key).update(value.toLowerCase()).digest('hex');
  switch (mask) {
    case 'email':
      return `user-${hash.slice(0, 12)}@example.invalid`;
    case 'name':
      return `Person ${hash.slice(0, 6)}`;
    case 'phone':
      return `+1555${String(Number.parseInt(hash.slice(0, 12), 16) % 10_000_000).padStart(7, '0')}`;
    case 'text':
      return Buffer.from(value, 'latin1')
        .toString('utf8')
        .replaceAll(/[^\s\p{P}]/gu, 'x');
    case 'hash':
      return hash.slice(0, 16);
    case 'empty':
      return '';
  }
}
