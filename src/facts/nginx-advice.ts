/** What to do instead of repeating a directive that a site's own rules have. */
const instead: Readonly<Record<string, string>> = {
  client_max_body_size: 'set limits.upload in the configuration',
  root: 'set app.docroot in the configuration',
  fastcgi_cache: 'set web.cache in the configuration',
  limit_req_status: 'leave out web.logins in the configuration',
};

/** Returns what to do about Nginx's complaint about a file of additional directives (site.d); undefined if it is about something else. */
export function nginxAdvice(complaint: string): string | undefined {
  const [, directive = '', file] = /"(\w+)" directive is duplicate in (\/etc\/nginx\/site\.d\/[^\s:]+):\d+/.exec(complaint) ?? [];
  if (file !== undefined) {
    const other = instead[directive];
    return `The rules of the site already have ${directive}, and Nginx allows it once: remove it from ${file}${other === undefined ? '' : `, and ${other}`}.`;
  }
  const [, location = '', place] = /duplicate location "([^"]*)" in (\/etc\/nginx\/site\.d\/[^\s:]+):\d+/.exec(complaint) ?? [];
  return place === undefined
    ? undefined
    : `The rules of the site already have a location for "${location}": remove it from ${place}, and use web.routes in the configuration instead.`;
}
