import { spawn } from 'node:child_process';
import { Problem } from '../error.ts';
import type { Sandbox, Suite } from '../sandbox/index.ts';
import { boot, down, list, powerCut, sshArguments, suites, up } from '../sandbox/index.ts';

export interface SandboxOptions {
  readonly suite?: Suite;
  readonly memory?: number;
  readonly include?: string;
  readonly publish?: string;
  readonly json?: boolean;
}

/** Runs `sandbox up [NAME]`: creates and boots a throwaway host and prints how to reach it. */
export async function sandboxUp(name: string | undefined, options: SandboxOptions): Promise<void> {
  if (options.suite && !suites.includes(options.suite))
    throw new Problem({ message: `There is no sandbox for ${options.suite}.`, hint: `Choose one of ${suites.join(', ')}.` });
  const host = await up({
    ...(name && { name }),
    ...(options.suite && { suite: options.suite }),
    ...(options.memory && { memory: options.memory }),
    ...(options.include && { include: options.include.split(',') }),
    publish: { domain: options.publish ?? 'foobar.com' },
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(options.json ? `${JSON.stringify(host)}\n` : summary(host));
}

function summary(host: Sandbox): string {
  return `${host.name} is a fresh Debian ${host.suite} at ${host.address}.

  provision it  foobar-provision root@${host.address}
  log in        foobar-provision sandbox ssh ${host.name}
  its site      ${host.url ?? 'not published'}
  remove        foobar-provision sandbox down ${host.name}
`;
}

export async function sandboxList(options: SandboxOptions): Promise<void> {
  const hosts = await list();
  if (options.json) process.stdout.write(`${JSON.stringify(hosts)}\n`);
  else if (hosts.length === 0) process.stdout.write('There are no sandboxes.\n');
  else
    for (const { name, suite, address, pid, url } of hosts)
      process.stdout.write(`${name.padEnd(20)} ${suite.padEnd(9)} ${address.padEnd(15)} ${pid ? 'on ' : 'off'}  ${url ?? ''}\n`);
}

export async function sandboxSsh(name: string | undefined): Promise<void> {
  const host = await findHost(name);
  const child = spawn('ssh', [...sshArguments(host)], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

export async function sandboxDown(name: string | undefined): Promise<void> {
  const host = await findHost(name);
  await down(host.name);
  process.stdout.write(`${host.name} is removed.\n`);
}

/** Runs `sandbox cut [NAME]`: simulates a power cut, to see how a run survives one. */
export async function sandboxCut(name: string | undefined): Promise<void> {
  await powerCut((await findHost(name)).name);
}

/** Runs `sandbox boot [NAME]`: boots a host that is off. */
export async function sandboxBoot(name: string | undefined): Promise<void> {
  await boot((await findHost(name)).name);
}

/** Returns the named host, or the only one if none is named. */
async function findHost(name: string | undefined) {
  const hosts = await list();
  const found = name ? hosts.find((host) => host.name === name) : hosts.length === 1 ? hosts[0] : undefined;
  if (found) return found;
  const hint = hosts.length === 0 ? 'There is none.' : `There are: ${hosts.map((host) => host.name).join(', ')}.`;
  throw new Problem({ message: name ? `There is no sandbox ${name}.` : 'Which sandbox?', hint });
}
