import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ExportRequest, exportPlan } from '../../src/operations/export.ts';
import { opened } from './scenario.ts';

async function exported(request: ExportRequest) {
  const { fleet, context, transport } = await opened();
  const { text, result } = await exportPlan(request, fleet, context);
  const { hosts: _, ...total } = result;
  return { text, result: total, runs: transport.calls.filter(({ kind }) => kind === 'run').length };
}

test('a plan becomes one script, and the host gets no run', async () => {
  const { text, result, runs } = await exported({});
  expect(result).toEqual({ ok: true, changed: 0, checked: 1, exitCode: 0 });
  expect(text).toContain("stage_file /etc/x 0644 root:root 'x\n'");
  expect(runs).toBe(0);
});

test('a plan becomes cloud-init user data that writes the script and starts it as a run', async () => {
  const { text } = await exported({ format: 'cloud-init' });
  expect(text).toMatch(/^#cloud-config\n/);
  expect(text).toContain('--unit=foobar-provision-run-export-foobar.com.service');
  const content = /content: (\S+)/.exec(text)?.[1] ?? '';
  expect(gunzipSync(Buffer.from(content, 'base64')).toString()).toBe((await exported({})).text);
});
