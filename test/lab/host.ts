import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { boot, down, powerCut, type Sandbox, type Suite, sshArguments, type UpOptions, unsupported, up } from '../../src/sandbox/index.ts';

export interface Lab {
  /** The host as it is now; its `pid` is another after a boot. Throws before the file's tests begin. */
  readonly host: Sandbox;
  /** Cuts the host's power and boots it again. */
  readonly reboot: () => Promise<Sandbox>;
}

/** A host for all tests of a file or a `describe`. Where there is a reason that they cannot run here they are skipped, and each says it. */
export function lab(suite: Suite, options: Omit<UpOptions, 'suite'> = {}, reason = unsupported()): Lab {
  let current: Sandbox | undefined;

  beforeAll(async () => {
    if (reason === undefined) current = await up({ ...options, suite });
  });
  beforeEach((test) => {
    if (reason !== undefined) test.skip(reason);
  });
  afterAll(async () => {
    if (current) await down(current.name);
    current = undefined;
  });

  const host = () => {
    if (!current) throw new Error('the host boots before the first test, and not while tests are collected');
    return current;
  };
  return {
    get host() {
      return host();
    },
    reboot: async () => {
      await powerCut(host().name);
      current = await boot(host().name);
      return current;
    },
  };
}

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  /** The script's own; 255 where ssh itself failed. */
  readonly code: number;
}

/** Runs a script as root on the host, by the system's `ssh`: an eye that shares nothing with the program under test. */
export async function exec(host: Sandbox, script: string): Promise<Answer> {
  const child = spawn('ssh', [...sshArguments(host), 'sh', '-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended: Promise<unknown[]> = once(child, 'close');
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code: typeof code === 'number' ? code : 255 };
}

/**
 * A file of the host as its disk has it, read past the host. `path` is absolute; links in it are followed on this machine, so it should
 * have none.
 */
export async function readHostFile(host: Sandbox, path: string): Promise<string> {
  return readFile(join(host.root, path), 'utf8');
}

/** What answers for a host's one site: the folder of its files, and its unit. */
export async function instanceOn(host: Sandbox, domain = 'foobar.com'): Promise<{ readonly folder: string; readonly unit: string }> {
  const { stdout } = await exec(host, `readlink "$(readlink -f /srv/www/${domain}/current).sock"`);
  const [, id = 'none', release = 'none'] = /([0-9a-f]{8})@([0-9a-f]{12})\.sock/.exec(stdout) ?? [];
  return { folder: `/etc/foobar-provision/instances/${domain}/${id}`, unit: `php-${domain}-${id}@${release}.service` };
}
