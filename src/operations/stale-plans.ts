import { Problem } from '../error.ts';

/** The number of stale plans after which no new one is made, because something else keeps changing the host. */
const maxStalePlans = 5;

/** Returns a function that counts a host's stale plans, and throws a Problem if there were too many. */
export function stalePlanCounter(): (host: string) => void {
  const counts = new Map<string, number>();
  return (host) => {
    const count = (counts.get(host) ?? 0) + 1;
    counts.set(host, count);
    if (count < maxStalePlans) return;
    throw new Problem({
      message: `${count} plans in a row were stale when they reached ${host}: other work of foobar-provision keeps changing it.`,
      host,
      hint: 'See what runs there: systemctl list-units "foobar-provision-*" certbot.service; ls -t /var/lib/foobar-provision/runs. Nothing of these plans was applied.',
    });
  };
}
