import { describe } from 'vitest';
import { testProvisioned } from '../lab/provisioned.ts';

describe('a bare bookworm', () => testProvisioned('bookworm', 'MariaDB 10', 'mariadb'));
