import { describe } from 'vitest';
import { testCache } from '../lab/cache.ts';

describe('a cache on bookworm', () => testCache('bookworm'));
