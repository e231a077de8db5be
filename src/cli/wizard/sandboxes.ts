import type { Sandboxes } from './questions.ts';

/** The throwaway hosts of this machine, for the wizard. */
export interface WizardSandboxes extends Sandboxes {
  /** Makes the throwaway host show this site on this machine, and resolves to what to tell about it; undefined if none was made. */
  readonly publish: (server: string, domain: string) => Promise<string | undefined>;
  /** Removes the hosts that were made, except for this server. */
  readonly removeOthers: (server?: string) => Promise<void>;
}

/** Resolves to the throwaway hosts of this machine, and how to make one if the machine can. */
export async function wizardSandboxes(onProgress: (line: string) => void): Promise<WizardSandboxes> {
  const { list, unsupported, up, down, publishAs } = await import('../../sandbox/index.ts');
  const made = new Map<string, string>();
  // A host with an owner is there for the tests that made it.
  const running = (await list()).filter(({ pid, owner }) => pid !== undefined && owner === undefined);
  return {
    running: running.map(({ name, user, address }) => ({ name, server: `${user}@${address}` })),
    canCreate: unsupported() === undefined,
    create: async () => {
      const { name, user, address } = await up({ onProgress });
      made.set(`${user}@${address}`, name);
      return `${user}@${address}`;
    },
    publish: async (server, domain) => {
      const name = made.get(server);
      if (name === undefined) return undefined;
      const url = await publishAs(name, domain);
      return `After the run, the throwaway host ${name} shows the site at ${url}. To remove it: foobar-provision sandbox down ${name}`;
    },
    removeOthers: async (server) => {
      for (const [each, name] of made) if (each !== server) await down(name);
    },
  };
}
