// A throwaway Debian host on this machine, provisioned with the bundled site and verified: `npm run demo`.
import { run } from './prepare.mjs';

const name = 'demo';
const cli = (...words) => [process.execPath, 'dist/bin.mjs', ...words];
const hosts = () => JSON.parse(run(cli('sandbox', 'list', '--json'), 'pipe'));

// A host from an earlier demo is reused: it is started if it is off, and the run finds nothing to change.
const known = hosts().some((host) => host.name === name);
if (known) run(cli('sandbox', 'boot', name));
else run(cli('sandbox', 'up', name), 'ignore');

const { address, identity, knownHosts, url } = hosts().find((host) => host.name === name);
const login = [`root@${address}`, '-i', identity, '--known-hosts', knownHosts];
run(cli(...login, '--yes'));

const answer = await fetch(url);
if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);

process.stdout.write(`
The site is at ${url} until you remove the host:

  look inside     npx . sandbox ssh ${name}
  run it again    npx . ${login.join(' ')}
  remove it       npx . sandbox down ${name}
`);
