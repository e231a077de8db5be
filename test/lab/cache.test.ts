import { describe } from 'vitest';
import { testCache } from './cache.ts';

describe('a cache on trixie', () => testCache('trixie'));
