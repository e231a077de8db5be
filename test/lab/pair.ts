import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpOptions } from '../../src/sandbox/index.ts';
import { begin, type Ended, folder, type Started } from './cli.ts';
import { exec, type Lab, lab } from './host.ts';

/** Two hosts: one for the web, and one for the database. */
export interface Pair {
  readonly web: Lab;
  readonly database: Lab;
  /** Lets one key log in to both hosts, and writes the configuration. */
  readonly connect: (config?: object) => Promise<void>;
  /** Writes another configuration. By default it names both hosts. */
  readonly configure: (config?: object) => void;
  /** Runs a command with `--json` in the folder of the configuration. */
  readonly run: (command: string, ...args: readonly string[]) => Promise<Ended>;
  readonly start: (command: string, ...args: readonly string[]) => Started;
  /** Waits until a command succeeds on a host. */
  readonly until: (which: 'web' | 'database', script: string) => Promise<void>;
}

export function pair(options: Omit<UpOptions, 'suite'> = {}): Pair {
  const [web, database] = [lab('trixie', options), lab('trixie', options)];
  const labs = { web, database };
  let cwd = '';
  const configure = (config: object = {}) => {
    const servers = { web: [`root@${web.host.address}`], database: [`root@${database.host.address}`] };
    writeFileSync(join(cwd, 'foobar.config.json'), JSON.stringify({ https: false, servers, ...config }));
  };
  const start = (command: string, ...args: readonly string[]) =>
    begin([...command.split(' '), '--identity', web.host.identity, '--known-hosts', join(cwd, 'known_hosts'), '--json', ...args], { cwd });
  return {
    web,
    database,
    configure,
    start,
    run: (command, ...args) => start(command, ...args).ended,
    connect: async (config) => {
      cwd = folder({ known_hosts: [web, database].map(({ host }) => readFileSync(host.knownHosts, 'utf8')).join('') });
      configure(config);
      const key = readFileSync(`${web.host.identity}.pub`, 'utf8').trim();
      await exec(database.host, `printf '%s\\n' '${key}' >>/root/.ssh/authorized_keys`);
    },
    until: async (which, script) => {
      for (let left = 600; left > 0; left--) {
        if ((await exec(labs[which].host, script)).code === 0) return;
        await sleep(100);
      }
      throw new Error(`this did not succeed on the ${which} host: ${script}`);
    },
  };
}
