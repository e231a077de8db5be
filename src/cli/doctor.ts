import { doctor } from '../operations/doctor.ts';
import type { Result } from '../operations/event.ts';
import { connectOf } from './connect.ts';
import { contextOf, type Invocation } from './invocation.ts';

export async function doctorCommand(invocation: Invocation): Promise<Result> {
  const { target, options } = invocation;
  const { config, env, host, site, domain, identity, knownHosts } = options;
  return doctor(
    { server: target, host, configFile: config, environment: env, site, domain, identity, knownHosts },
    connectOf(invocation),
    contextOf(invocation),
  );
}
