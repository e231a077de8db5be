import { describe, expect, test } from 'vitest';
import { cli, folder, named } from '../lab/cli.ts';
import { exec, lab } from '../lab/host.ts';

describe("a playbook of the user's own", () => {
  const here = lab('trixie', { include: ['nginx', 'mariadb-server', 'php8.4-fpm', 'php8.4-mysql'] });

  /** A configuration whose playbook wants this many files. */
  const own = (count: number) => ({
    cwd: folder({
      'foobar.config.ts': `import { defineConfig, definePlaybook, directory, file } from 'foobar-provision';

const own = definePlaybook({
  name: 'own',
  resources: ({ site }, facts) => [
    directory('/etc/own'),
    ...Array.from({ length: ${count} }, (_, number) => file(\`/etc/own/\${number}.conf\`, { content: \`\${number} of \${site.domain} on \${facts.hostname}\` })),
  ],
});

export default defineConfig({ php: { extensions: [] }, host: false, playbooks: [own] });
`,
    }),
  });

  test('creates its resources, and a thousand files are read with no more processes than ten', async () => {
    const few = await measure(own(10));
    const many = await measure(own(1000));
    // Package lists are fetched for each of these plans, into another folder, so the host never runs the right reads by itself.
    expect(many).toMatchObject({ roundTrips: 4, checked: few.checked + 990 });
    expect(many.starts).toBeLessThanOrEqual(few.starts + 2);
    const { stdout } = await exec(here.host, 'cat /etc/own/999.conf; ls /etc/own | wc -l');
    expect(stdout).toBe(`999 of foobar.com on ${here.host.name}\n1000\n`);
  });

  /** Applies, then looks again: in how many round trips, and how many processes and threads the host started for one look. */
  async function measure(options: ReturnType<typeof own>) {
    expect(await cli(here.host, 'apply', ['--yes'], options)).toMatchObject({ code: 0, stderr: '' });
    let starts = Number.POSITIVE_INFINITY;
    let compared: Record<string, unknown> | undefined;
    for (let look = 0; look < 3; look++) {
      const before = await lastProcess();
      const planned = await cli(here.host, 'plan', [], options);
      // The host has other business too, so the quietest of some looks counts.
      starts = Math.min(starts, (await lastProcess()) - before);
      expect(planned).toMatchObject({ code: 0, stderr: '' });
      [compared] = named(planned, 'compared');
    }
    return { starts, roundTrips: compared?.roundTrips, checked: Number(compared?.checked) };
  }

  /** The id that the host gave out last (proc_loadavg(5)): ids are given in turn. */
  async function lastProcess(): Promise<number> {
    return Number((await exec(here.host, 'cut -d " " -f 5 /proc/loadavg')).stdout);
  }
});
