import { defineConfig } from 'vitest/config';

/** Unit tests need no host and take seconds; the lab's tests boot real ones, two at a time on two processors. */
export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'] } },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/lab/setup.ts'],
        },
      },
    ],
  },
});
