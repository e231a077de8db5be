import { Problem } from '../error.ts';
import { parseSince } from '../logs/since.ts';
import { connectWhileResolving } from '../operations/connect.ts';
import type { Result } from '../operations/event.ts';
import { type LogsRequest, logs } from '../operations/logs.ts';
import { inSession } from '../operations/session.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation, inputOf } from './invocation.ts';

export async function logsCommand(invocation: Invocation): Promise<Result> {
  const { site, follow = false, since, grep, lines: count } = invocation.options;
  const request: LogsRequest = {
    site,
    source: sourceOf(invocation.words),
    follow,
    count,
    ...(since !== undefined && { since: parseSince(since) }),
    ...(grep !== undefined && { matching: patternOf(grep) }),
  };
  const context = contextOf(invocation);
  const opened = await connectWhileResolving(await inputOf(invocation, { sendsNothing: true }), connectOf(invocation), context);
  return inSession(opened, (fleet) => logs(request, fleet, context));
}

function sourceOf([kind = 'all', name, ...more]: readonly string[]): LogsRequest['source'] {
  const usage = 'foobar-provision logs [TARGET] nginx|php|database|app|worker NAME|run ID';
  const needsName = kind === 'worker' || kind === 'run';
  if (needsName === (name === undefined) || more.length > 0)
    throw new Problem({
      message: needsName ? `Which ${kind}?` : `One log is named by one word, not by ${[kind, name, ...more].join(' ')}.`,
      hint: usage,
    });
  switch (kind) {
    case 'run':
      return { kind, id: name ?? '' };
    case 'worker':
      return { kind, name: name ?? '' };
    case 'nginx':
    case 'php':
    case 'database':
    case 'app':
      return { kind };
    default:
      return { kind: 'all' };
  }
}

function patternOf(grep: string): RegExp {
  try {
    return new RegExp(grep, 'u');
  } catch (error) {
    throw new Problem({
      message: `--grep ${grep} is not a regular expression.`,
      hint: 'Write it in the syntax of JavaScript: (GET|POST) .* 500',
      cause: error,
    });
  }
}
