import type { Hop } from '../../health/check.ts';
import { printable } from '../../printable.ts';
import { columnsOf } from './layout.ts';
import { paint } from './symbols.ts';

/** Hops that check the whole path, or something beside it. */
const besidePath: ReadonlySet<string> = new Set(['app', 'visitor', 'backup']);

/** The labels of hops that are not shown under their own names. */
const labels: Readonly<Record<string, string>> = { dns: 'DNS', tcp: 'TCP', tls: 'TLS', 'php-fpm': 'PHP-FPM', mysql: 'MySQL' };

/** The length of a connection in columns, with the spaces around it. */
const [minGap, maxGap] = [4, 10];

/** If there are more sites than this, nothing is drawn, because the drawing would be too long to read. */
const maxSites = 4;

/**
 * Draws the path of a request through the hops that were checked, with the time of each below it, as wide as the terminal allows. Several
 * sites have a drawing each. `width` is in columns; a narrow terminal gets several rows.
 */
export function requestPathLines(hops: readonly Hop[], width: number): readonly string[] {
  const sites = [...new Set(hops.flatMap(({ site }) => site ?? []))];
  if (sites.length > maxSites) return [];
  if (sites.length === 0) return drawing(hops, width);
  return sites.flatMap((site) => {
    const lines = drawing(
      hops.filter((hop) => hop.site === undefined || hop.site === site),
      width,
    );
    return lines.length === 0 ? [] : [paint('bold', printable(site)), ...lines];
  });
}

interface Node {
  readonly label: string;
  readonly time: string;
  readonly ok: boolean;
}

function drawing(hops: readonly Hop[], width: number): readonly string[] {
  const path = hops.filter(({ hop }) => !besidePath.has(hop));
  if (path.length < 2) return [];
  const nodes: readonly Node[] = [{ label: 'browser', time: '', ok: true }, ...path.map(nodeOf)];
  return rowsOf(nodes, width).flatMap((row, index, { length }) =>
    rowLines(row, width, { isFirst: index === 0, isLast: index === length - 1 }),
  );
}

function nodeOf({ hop, ms, ok, detail }: Hop): Node {
  const engine = /^MariaDB\b/.exec(detail)?.[0];
  return { label: printable((hop === 'mysql' && engine) || labels[hop] || hop), time: ok ? `${ms} ms` : 'failed', ok };
}

/** Returns the nodes in rows that fit into the width. */
function rowsOf(nodes: readonly Node[], width: number): readonly (readonly Node[])[] {
  const rows: Node[][] = [[]];
  for (const node of nodes) {
    const row = rows.at(-1) ?? [];
    if (row.length > 0 && lengthOf([...row, node]) + minGap > width) rows.push([node]);
    else row.push(node);
  }
  return rows;
}

function lengthOf(row: readonly Node[]): number {
  return row.reduce((sum, node) => sum + cellOf(node) + minGap, 2) - minGap;
}

function cellOf({ label, time }: Node): number {
  return Math.max(columnsOf(label), columnsOf(time));
}

function rowLines(row: readonly Node[], width: number, { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean }) {
  const spare = width - lengthOf(row) - minGap;
  const gap = Math.min(maxGap, minGap + Math.max(0, Math.floor(spare / Math.max(1, row.length - 1))));
  const arrow = paint('dim', ` ${'─'.repeat(gap - 3)}→ `);
  const padded = (text: string, node: Node) => text + ' '.repeat(cellOf(node) - columnsOf(text));
  const names = row.map((node) => (node.ok ? padded(node.label, node) : paint('red', padded(node.label, node))));
  const times = row.map((node) => (node.ok ? paint('dim', padded(node.time, node)) : paint('red', padded(node.time, node))));
  const indent = isFirst ? '  ' : paint('dim', '→ ');
  return [`${indent}${names.join(arrow)}${isLast ? '' : paint('dim', ' ─')}`.trimEnd(), `  ${times.join(' '.repeat(gap))}`.trimEnd()];
}
