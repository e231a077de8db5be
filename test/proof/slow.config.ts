import { command, defineConfig, definePlaybook, sh } from 'foobar-provision';

/** A step that takes its time, each time anew. */
const slow = definePlaybook({
  name: 'slow',
  resources: () => [command('slow', { run: sh`sleep 20`, unless: sh`false` })],
});

export default defineConfig({ domain: 'foobar.com', php: { extensions: [] }, host: false, playbooks: [slow] });
