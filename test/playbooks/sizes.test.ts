import { expect, test } from 'vitest';
import { compiledOf, sizesOf } from '../../playbooks/host/sizes.ts';
import { demandOf } from '../../src/config/about.ts';
import { processesOf } from '../../src/index.ts';
import { config } from './configs.ts';

const small = { memory: 1024, processors: 1 };
const usual = { memory: 4096, processors: 2 };

test.each([
  ['one PHP site', usual, { php: 1, python: 0, queues: 0 }, { share: 32, idle: 4, connections: 100, opcache: 128, buffer: 1024 }],
  ['ten PHP sites on 1 GiB', small, { php: 10, python: 0, queues: 0 }, { share: 2, idle: 1, connections: 100, opcache: 32, buffer: 256 }],
  ['one on 1 GiB', small, { php: 1, python: 0, queues: 0 }, { share: 8, idle: 2, connections: 50, opcache: 128 }],
  ['one, with workers of queues', usual, { php: 1, python: 0, queues: 8 }, { share: 24, connections: 100 }],
  ['one Python site', usual, { php: 0, python: 1, queues: 0 }, { gunicorn: 5, connections: 50 }],
  ['ten Python sites on 1 GiB', small, { php: 0, python: 10, queues: 0 }, { gunicorn: 2, connections: 100 }],
  ['one of each', usual, { php: 1, python: 1, queues: 2 }, { share: 15, gunicorn: 5, connections: 100, opcache: 128 }],
  [
    'one of PHP, and one of an unknown runtime of a later version',
    usual,
    { php: 1, node: 1, queues: 0 },
    { share: 16, connections: 100, opcache: 128 },
  ],
  ['files alone', usual, { php: 0, python: 0, queues: 0 }, { connections: 50 }],
])('%s', (_, host, demand, expected) => {
  const sizes = sizesOf(host, demand);
  const gunicorn = processesOf('python', { share: sizes.share, processors: host.processors });
  expect({ ...sizes, gunicorn, opcache: compiledOf(host, demand.php) }).toMatchObject(expected);
});

test('the demand of a configuration is counted', () => {
  const worker = (count: number) => ({ command: 'work', count });
  const sites = config(
    { more: { workers: { a: worker(2), b: worker(1) } } },
    { domain: 'two.test', runtime: 'python', more: { workers: { a: worker(1) } } },
    { domain: 'three.test', runtime: 'static' },
  ).sites;
  expect(demandOf(sites)).toEqual({ php: 1, python: 1, node: 0, command: 0, queues: 4 });
});
