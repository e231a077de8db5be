import { defineConfig } from 'vitest/config';

const onHosts = {
  runner: './test/lab/runner.ts',
  maxWorkers: 2,
  // After the others, as vitest asks where the number of workers differs.
  sequence: { groupOrder: 1 },
  testTimeout: 300_000,
  hookTimeout: 300_000,
  globalSetup: ['test/lab/setup.ts'],
};

/**
 * Unit tests need no host and take seconds. The package's own look at the tree and at what `npm pack` makes of the build.
 * The lab's boot real hosts, two at a time on two processors.
 */
export default defineConfig({
  test: {
    // What only saves time is kept apart from the user's own.
    env: { XDG_CACHE_HOME: `${import.meta.dirname}/node_modules/.cache` },
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Properties are tried a hundred times each, beside whatever else the machine has to do.
          testTimeout: 60_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/package/**', 'test/proof/**'],
        },
      },
      { extends: true, test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 180_000 } },
      { extends: true, test: { ...onHosts, name: 'lab', include: ['test/lab/**/*.test.ts'] } },
      // Long: `npm run proof`, for the night.
      { extends: true, test: { ...onHosts, name: 'proof', include: ['test/proof/**/*.test.ts'] } },
    ],
  },
});
