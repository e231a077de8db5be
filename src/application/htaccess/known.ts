/** Returns whether `<IfModule>` applies, as if this were Apache with the usual modules. Sections for other modules are skipped. */
export function isAvailable(module: string): boolean {
  const name = module
    .replace(/^!/, '')
    .toLowerCase()
    .replace(/^mod_|\.c$|_module$/g, '');
  const missing =
    /^(?:fcgid|proxy_fcgi|lsapi|lsphp|litespeed|security\d?|pagespeed|suphp|negotiation|autoindex|perl|python|spelling|speling)$/;
  return module.startsWith('!') === missing.test(name);
}

/** Directives for what Nginx and PHP do here anyway, or that do not apply to them. */
export const coveredDirectives: ReadonlySet<string> = new Set(
  [
    // Types, compression and caching: Nginx knows the types, compresses text, and lets browsers cache files; see
    // conf.d/foobar-provision.conf.
    'AddType AddCharset AddEncoding AddLanguage AddDefaultCharset DefaultLanguage LanguagePriority ForceLanguagePriority AddOutputFilterByType AddOutputFilter',
    'SetOutputFilter AddIconByType BrowserMatch BrowserMatchNoCase ExpiresActive ExpiresDefault ExpiresByType FileETag DeflateCompressionLevel',
    'FilterDeclare FilterProvider FilterChain FilterProtocol CacheDisable CacheEnable',
    // Folders are never listed.
    'IndexIgnore IndexOptions IndexOrderDefault IndexStyleSheet HeaderName ReadmeName AddDescription AddIcon DefaultIcon',
    // How PHP is run, and the variables that it gets.
    'AddHandler Action Script RemoveHandler RemoveType SetEnvIf SetEnvIfNoCase SetEnvIfExpr RequestHeader PassEnv UnsetEnv CGIPassAuth AcceptPathInfo',
    'SSLOptions suPHP_ConfigPath lsapi_php_value ServerSignature ServerTokens ModPagespeed EnableSendfile EnableMMAP KeepAlive ContentDigest',
    'DirectorySlash CheckSpelling Satisfy AuthName AuthType AuthUserFile AuthGroupFile AuthBasicProvider AuthUserFileProvider ErrorLog TraceEnable',
    'SecFilterEngine SecFilterScanPOST SecRuleEngine Require Order Allow Deny RewriteLog RewriteLogLevel RewriteMap',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Headers about caching and compression, which Nginx decides, that `https.hsts` covers, or that are not sent here. */
export const coveredHeaders =
  /^(?:cache-control|expires|pragma|vary|etag|last-modified|content-encoding|content-type|connection|keep-alive|x-powered-by|server|x-content-type-options|x-ua-compatible|timing-allow-origin|strict-transport-security)$/i;

/** PHP settings that an application may change in `.htaccess`; others would affect more than the application. */
export const phpSettings =
  /^(?:upload_max_filesize|post_max_size|memory_limit|max_execution_time|max_input_time|max_input_vars|max_file_uploads|default_charset|output_buffering|short_open_tag|date\.timezone|arg_separator\.output|mbstring\.(?:language|encoding_translation)|session\.(?:gc_maxlifetime|cookie_lifetime|cookie_httponly|cookie_secure|cookie_samesite|cache_limiter|use_only_cookies|use_strict_mode|name)|zlib\.output_compression|display_errors|error_reporting|log_errors|pcre\.backtrack_limit|pcre\.recursion_limit|serialize_precision|precision)$/;

/** Settings that PHP no longer has, or whose value here is always suitable. */
export const pastSettings =
  /^(?:register_globals|track_vars|magic_quotes\w*|magic_quotes_\w+|safe_mode|allow_call_time_pass_reference|suhosin\..*|session\.auto_start|session\.save_handler|session\.use_trans_sid|session\.cache_expire|session\.bug_compat\w*|mbstring\.(?:http_input|http_output|func_overload)|zend\.ze1_compatibility_mode|asp_tags|always_populate_raw_post_data|opcache\..*|xdebug\..*|assert\..*|engine)$/;

/** Variables that tell an application or Apache's modules that Apache is present, and what it has done already. */
export const knownVariables = /^(?:modHeadersAvailable|htaccessWorking|ap_trust_cgilike_cl|proxy-.*|no-gzip|dont-vary|HTTPS)$/i;

/** Variables that decide how programs run, or that the configuration defines. */
export const reservedVariables =
  /^(?:PATH|HOME|SHELL|USER|LOGNAME|IFS|ENV|TMPDIR|SOCKET|PORT|DATABASE_URL|APP_RELEASE|(?:BASH|DB|LD|MAIL|PHP|REDIS|XDG).*)$/i;
