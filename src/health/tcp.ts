import { within } from '../within.ts';
import { defineCheck, type Explained, type Finding } from './check.ts';
import { connect, openStream, placeOf } from './connect.ts';
import type { HealthContext } from './context.ts';
import { reason } from './reason.ts';

/** Checks that a port accepts connections. */
export interface TcpCheck extends Explained {
  readonly port: number;
}

/** A filtered port does not answer. Five seconds include TCP's second and third attempts (after 1 and 3 s). */
const connectTimeoutSeconds = 5;
const insideTimeoutSeconds = 3;

/**
 * Checks that the port accepts a connection from here. If not, tries from the host itself, to distinguish a firewall from a stopped
 * service.
 */
export async function checkTcp({ port }: TcpCheck, context: HealthContext): Promise<Finding> {
  const place = placeOf(context, port);
  try {
    await within(connectTimeoutSeconds, (signal) => connect(context, port, signal));
    return { ok: true, detail: `${place} accepts connections${context.direct === false ? ', through the SSH connection' : ''}` };
  } catch (error) {
    const inside = context.direct !== false && (await answersInside(context, port));
    return { ok: false, detail: reason(error, place, inside ? blocked : undefined) };
  }
}

const blocked = {
  refused: 'the service listens on loopback only, or a firewall rejects us: the host itself can connect',
  late: 'a firewall on the way drops the packets: the host itself can connect',
};

async function answersInside({ transport }: HealthContext, port: number): Promise<boolean> {
  try {
    await within(insideTimeoutSeconds, (signal) => openStream(transport, { port }, signal));
    return true;
  } catch {
    return false;
  }
}

export const tcpCheck = defineCheck<TcpCheck>({
  hop: 'tcp',
  place: 'connection',
  ask: checkTcp,
  failure: ({ port }, context, error) => reason(error, placeOf(context, port)),
});
