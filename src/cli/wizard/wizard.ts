import { dirname, resolve } from 'node:path';
import { site } from '../../../playbooks/site.ts';
import { recognizedIn } from '../../application/source.ts';
import type { Command } from '../../command/command.ts';
import { hostWithEveryRole } from '../../config/inventory.ts';
import { complete } from '../../config-file/complete.ts';
import { listsIn, parseSurvey, type Survey, surveyScript } from '../../engine/survey.ts';
import { closeConnection } from '../../operations/session.ts';
import { parseTarget } from '../../transport/target.ts';
import { surveyTimeoutSeconds, type Transport } from '../../transport/transport.ts';
import { promptOrBack } from '../ask.ts';
import { connectOf } from '../connect.ts';
import type { Invocation } from '../invocation.ts';
import { sshHosts } from '../ssh-hosts.ts';
import type { Answers } from './answers.ts';
import { type Offer, offerOf, phpNamesScript } from './available-software.ts';
import { interview } from './interview.ts';
import { pointsRemark } from './points-remark.ts';
import { look } from './project-folder.ts';
import { publicKeys } from './public-keys.ts';
import { goBack } from './questions.ts';
import { wizardSandboxes } from './sandboxes.ts';

export interface Setting extends Invocation {
  /** The file that the answers are written to. */
  readonly file: string;
  /** True if the interview continues although the host is unreachable. */
  readonly withoutHost: boolean;
  /** The answers in the existing configuration. */
  readonly current?: Partial<Answers>;
}

/** A host that the wizard is connected to, and its survey. The caller uses and closes the connection. */
export interface Visit {
  readonly transport: Transport;
  readonly lists?: string;
  readonly seen?: { readonly script: Command; readonly survey: Survey };
}

/** Asks at the terminal for what the command line does not answer. */
export async function wizard(setting: Setting): Promise<{ readonly answers: Answers; readonly visit: Visit | undefined }> {
  const { target, options, reporter, signal, file, withoutHost, current } = setting;
  const note = (text: string) => reporter.emit({ event: 'note', text });
  const sandboxes = await wizardSandboxes((text) => reporter.emit({ event: 'stage', text }));
  let visit: Visit | undefined;
  note(`A few questions; your answers are saved in ${file}. Press Enter for the suggested answer, Escape for the previous question.`);
  try {
    const answers = await interview({
      given: givenBy(target, options),
      ...(current && { current }),
      sandboxes,
      keys: publicKeys,
      hosts: await sshHosts(),
      here: await look(dirname(resolve(file))),
      ask: (question) => promptOrBack(question, goBack, reporter, signal),
      note,
      visit: async (server) => {
        // Somebody who went back may have named another host.
        if (visit) await closeConnection(visit.transport, visit);
        visit = undefined;
        const { transport } = await connectOf(setting)(server);
        visit = { transport };
        reporter.emit({ event: 'connected', host: server, title: 'connected' });
      },
      points: async (domain) => (visit ? pointsRemark(domain, visit.transport.address) : undefined),
      offer: async (domain) => {
        if (!visit) throw new TypeError('a host is visited before it is asked what it offers');
        const { transport } = visit;
        reporter.emit({ event: 'stage', host: transport.host, text: 'looking up what the host has' });
        const found = await survey(transport, domain, (lists) => {
          visit = { transport, ...lists };
        });
        visit = { ...visit, seen: found.seen };
        return found.offer;
      },
      recognize: recognizedIn,
      withoutHost,
    });
    signal.throwIfAborted();
    const published = await sandboxes.publish(answers.server, answers.domain);
    await sandboxes.removeOthers(answers.server);
    if (published !== undefined) note(published);
    return { answers, visit };
  } catch (error) {
    if (visit) await closeConnection(visit.transport, visit);
    await sandboxes.removeOthers();
    throw error;
  }
}

/**
 * Surveys the host like a run with the defaults. `onLists` is called with the package lists that were fetched for it, even if the survey
 * fails.
 */
async function survey(
  transport: Transport,
  domain: string,
  onLists: (lists: Pick<Survey, 'lists'>) => void,
): Promise<{ readonly offer: Offer; readonly seen: { readonly script: Command; readonly survey: Survey } }> {
  const config = await complete({ domain }, {});
  const script = surveyScript(config, hostWithEveryRole(transport.host), site);
  const output = await transport.script(script, { timeout: surveyTimeoutSeconds });
  const lists = listsIn(output);
  onLists(lists);
  const seen = parseSurvey(output, config.name, transport.login);
  const names = await transport.script(phpNamesScript(lists));
  return { offer: offerOf(config, seen.facts, names.stdout), seen: { script, survey: seen } };
}

function givenBy(target: string | undefined, { port, domain, app, php, database }: Invocation['options']): Partial<Answers> {
  const withPort = target && port !== undefined && parseTarget(target).port === undefined ? `${target}:${port}` : target;
  return {
    ...(withPort && { server: withPort }),
    ...(domain && { domain }),
    ...(app && { app }),
    ...(php && { php }),
    ...(database && { database }),
  };
}
