import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import type { Source } from '../application/source.ts';
import { type Command, lines, quote, sh, withInput } from '../command/command.ts';
import { render } from '../engine/render.ts';
import { runUnit } from '../engine/run.ts';
import { stateFolder } from '../host-paths.ts';
import { arrivalScript, completeTransfer, sourcesOf } from '../release/transfer.ts';
import { archive } from '../release/upload.ts';
import type { Result } from './event.ts';
import { unbuiltSites } from './failed-site.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { onlyHost } from './only-host.ts';
import type { Context, Fleet } from './session.ts';
import { doneResult, totalOf } from './summarize.ts';

export interface ExportRequest extends PlanOptions {
  readonly format?: 'sh' | 'cloud-init' | undefined;
  /** True if the SSH and firewall settings were proven on a host of the same image, so that they are applied. */
  readonly accessProven?: boolean | undefined;
}

/** Resolves to the plan as one script, or as cloud-init user data, which runs without this program on a host with the same facts. */
export async function exportPlan(
  request: ExportRequest,
  fleet: Fleet,
  context: Context,
): Promise<{ readonly text: string; readonly result: Result }> {
  const session = onlyHost(fleet, 'A script');
  const { config, survey, transport } = session;
  const [unbuilt] = unbuiltSites(config);
  if (unbuilt) throw unbuilt.problem;
  const plan = await makePlan(session, request, context);
  const unpack = lines(...(await Promise.all(sourcesOf(plan, config).map(embedded))));
  const id = `export-${config.name}`;
  const script = render(plan, { id, base: survey.base, update: true, access: request.accessProven ? 'proven' : 'held', unpack });
  return {
    text: request.format === 'cloud-init' ? userData(script, runUnit(id)) : script,
    result: totalOf([doneResult(transport.host, 0, plan.checked)]),
  };
}

/** Returns shell that contains the application's files and unpacks them into the same folder as an upload. */
async function embedded({ source }: { readonly source: Source }): Promise<Command> {
  const transfer = completeTransfer(source);
  const order = gzipSync(transfer.order, { level: 9 });
  const files = await buffer(archive(transfer, () => {}).pipe(createGzip({ level: 9 })));
  const text = Buffer.concat([order, files])
    .toString('base64')
    .replaceAll(/(.{76})/g, '$1\n');
  return lines(
    sh`unpack() {\n${arrivalScript(transfer, order.length, 'export')}\n}`,
    withInput(sh`{ base64 -d | unpack || { say fail unpack 1; roll_back; }; }`, text, 'FOOBAR_PROVISION_FILES'),
  );
}

/** Returns cloud-init user data that writes the script and starts it as the unit of a run, which waits until cloud-init has ended. */
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
