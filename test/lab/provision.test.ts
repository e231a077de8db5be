import { describe } from 'vitest';
import { testProvisioned } from './provisioned.ts';

describe('a bare trixie', () => testProvisioned('trixie', 'MariaDB 11', 'mariadb'));
describe('a bare sid', () => testProvisioned('sid', 'MySQL 9', 'mysql'));
