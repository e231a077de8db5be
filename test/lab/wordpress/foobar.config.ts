import { defineConfig } from 'foobar-provision';

/** All that WordPress needs to be told about: which folder it is, and which part of it visitors' files go to. */
export default defineConfig({
  domain: 'foobar.com',
  app: { source: 'app', docroot: '.', shared: ['wp-content/uploads'] },
  host: { upgrades: false, passwords: false, integrity: false },
});
