import { defineConfig } from 'foobar-provision';

/** An application whose build takes all the space that there is. */
export default defineConfig({
  domain: 'foobar.com',
  app: { source: './filling', writable: ['cache'], hooks: { before: ['dd if=/dev/zero of=cache/filler bs=1M'] } },
  php: { extensions: [] },
  host: false,
});
