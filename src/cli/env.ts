import { text } from 'node:stream/consumers';
import { Secret } from '../command/secret.ts';
import { Problem } from '../error.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import { type EnvChange, env } from '../operations/env.ts';
import type { Result } from '../operations/event.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';
import { interactive } from './options.ts';

export async function envCommand(invocation: Invocation): Promise<Result> {
  const change = await changeOf(invocation);
  const context = contextOf(invocation);
  const more = change.kind === 'list' ? ({ sendsNothing: true } as const) : {};
  const opened = await connectWhileResolving(await inputOf(invocation, more), connectOf(invocation), context);
  return inSession(opened, (fleet) => env({ site: invocation.options.site, change }, fleet, context));
}

async function changeOf(invocation: Invocation): Promise<EnvChange> {
  const [kind, assignment, ...more] = invocation.words;
  if (kind === 'list' && assignment === undefined) return { kind };
  if (kind === 'list' || assignment === undefined || more.length > 0)
    throw new Problem({
      message: `env ${kind ?? ''} takes ${kind === 'list' ? 'no name' : 'one name'}.`,
      hint: 'list, set NAME, or unset NAME',
    });
  if (kind === 'unset') return { kind, name: assignment };
  const [, name = assignment, value] = /^([^=]*)=([\s\S]*)$/.exec(assignment) ?? [];
  return { kind: 'set', name, value: value === undefined ? await askedValue(name, invocation) : new Secret(value) };
}

/** Resolves to a value that is typed at the terminal, or read from standard input without the newline at its end. */
async function askedValue(name: string, { options, reporter, signal }: Invocation): Promise<Secret> {
  if (interactive(options)) {
    const { askSecret } = await import('./ask.ts');
    return (await askSecret(name, false, reporter, signal)) ?? new Secret('');
  }
  if (options.sudoPasswordStdin)
    throw new Problem({
      message: 'Standard input has the sudo password already.',
      hint: 'Give the password in FOOBAR_SUDO_PASSWORD instead.',
    });
  return new Secret((await text(process.stdin)).replace(/\n$/, ''));
}
