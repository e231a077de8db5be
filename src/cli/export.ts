import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import { type Command, lines, quote, shell } from '../command/command.ts';
import type { Source } from '../config/config.ts';
import type { Result } from '../engine/event.ts';
import { stateFolder } from '../engine/manifest.ts';
import { render } from '../engine/render.ts';
import { runUnit } from '../engine/run.ts';
import { exitCode, Problem } from '../error.ts';
import { arrivalScript, sourcesOf, whole } from '../release/transfer.ts';
import { archive } from '../release/upload.ts';
import { configured, leave, reach } from './host.ts';
import type { Options } from './options.ts';
import type { Reporter } from './output/reporter.ts';
import { planned } from './plan.ts';

export type ExportOptions = Options & { readonly format?: 'sh' | 'cloud-init'; readonly accessProven?: boolean };

/** The plan for a host of the same facts as one script, or as cloud-init user data, to run without us. It goes to --out, or to standard output. */
export async function exportPlan(
  target: string | undefined,
  options: ExportOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Result> {
  if (options.json && !options.out)
    throw new Problem({ message: 'With --json, standard output is taken.', hint: 'Name a file for the script with --out.' });
  const { config, playbooks } = await configured(target, options, reporter);
  const reached = await reach(config, playbooks, options, reporter, signal);
  const { transport, survey } = reached;
  try {
    const plan = await planned(reached, options, reporter);
    const unpack = lines(...(await Promise.all(sourcesOf(plan, config).map(embedded))));
    const id = `export-${config.name}`;
    const script = render(plan, { id, base: survey.base, update: true, access: options.accessProven ? 'proven' : 'held', unpack });
    const text = options.format === 'cloud-init' ? userData(script, runUnit(id)) : script;
    if (options.out) await writeFile(options.out, text, { mode: 0o600 });
    else process.stdout.write(text);
    return { ok: true, changed: 0, checked: plan.checked, exitCode: exitCode.done };
  } finally {
    await leave(transport, survey);
  }
}

/** The application's files inside the script. They come to the same folder as those that are sent. */
async function embedded({ source }: { readonly source: Source }): Promise<Command> {
  const parcel = whole(source);
  const order = gzipSync(parcel.order, { level: 9 });
  const files = await buffer(archive(parcel, () => {}).pipe(createGzip({ level: 9 })));
  return lines(
    shell(`unpack() {\n${arrivalScript(parcel, order.length, 'export')}\n}`),
    shell(`base64 -d <<'FOOBAR_PROVISION_FILES' | unpack || { say fail unpack 1; roll_back; }`),
    shell(
      Buffer.concat([order, files])
        .toString('base64')
        .replaceAll(/(.{76})/g, '$1\n'),
    ),
    shell('FOOBAR_PROVISION_FILES'),
  );
}

/** cloud-init writes the script and starts it as the unit of a run, which waits until cloud-init has ended. */
function userData(script: string, unit: string): string {
  const path = `${stateFolder}-first-boot.sh`;
  return `#cloud-config
write_files:
  - path: ${path}
    permissions: '0700'
    encoding: gz+b64
    content: ${gzipSync(script, { level: 9 }).toString('base64')}
runcmd:
  - [systemd-run, --unit=${unit}, --property=Environment=HOME=/root, sh, ${quote(path)}]
`;
}
