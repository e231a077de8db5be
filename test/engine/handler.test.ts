import { describe, expect, test } from 'vitest';
import { type HandlerRecord, handlerId, handlerRecord, parseHandler, recordOf } from '../../src/engine/handler.ts';
import { reload, restart, sh } from '../../src/index.ts';

const checker = { name: 'nginx -t', roots: ['/etc/nginx'], command: sh`nginx -t`, unit: 'nginx.service' };

describe('the record of a handler', () => {
  test.each([reload('nginx', checker), restart('php8.4-fpm')])('restores it: $summary', (handler) => {
    expect(parseHandler(handlerRecord.parse(JSON.parse(JSON.stringify(recordOf(handler)))))).toEqual(handler);
  });

  // Hosts have records of all earlier versions, which those versions read too.
  test('has not changed', () => {
    expect(JSON.stringify(recordOf(reload('nginx')))).toBe(
      '{"id":"reload:nginx.service","summary":"reload nginx","unit":"nginx.service","command":{"kind":"command","text":"systemctl try-reload-or-restart nginx.service"}}',
    );
  });

  test.each<[string, string, string]>([
    ['reload:nginx.service', 'nginx.service', 'reload:nginx.service'],
    ['restart:nginx.service', 'nginx.service', 'restart:nginx.service'],
    // A playbook that a user wrote gave it an id.
    ['flush:cache', 'cache.service', 'reload:cache.service'],
  ])('%s of an earlier version is understood', (id, unit, expected) => {
    const record: HandlerRecord = { id, unit, summary: 's', command: sh`:` };
    expect(handlerId(parseHandler(handlerRecord.parse({ ...record, more: 1 })))).toBe(expected);
  });
});
