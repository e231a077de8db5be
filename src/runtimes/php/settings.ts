import { Problem } from '../../error.ts';
import { nearest } from '../../nearest.ts';

/**
 * PHP's settings without a dot in their names, from PHP 5.6 to 8.5: https://www.php.net/manual/en/ini.list.php. Settings of extensions have
 * a dot.
 */
const known = `
  allow_url_fopen allow_url_include always_populate_raw_post_data asp_tags auto_append_file auto_detect_line_endings auto_globals_jit
  auto_prepend_file browscap default_charset default_mimetype default_socket_timeout disable_classes disable_functions display_errors
  display_startup_errors doc_root docref_ext docref_root enable_dl enable_post_data_reading engine error_append_string error_log
  error_log_mode error_prepend_string error_reporting exit_on_timeout expose_php extension extension_dir fatal_error_backtraces
  file_uploads from hard_timeout html_errors ignore_repeated_errors ignore_repeated_source ignore_user_abort implicit_flush
  include_path input_encoding internal_encoding log_errors log_errors_max_len max_execution_time max_file_uploads
  max_input_nesting_level max_input_time max_input_vars max_memory_limit max_multipart_body_parts memory_limit open_basedir
  output_buffering output_encoding output_handler post_max_size precision realpath_cache_size realpath_cache_ttl register_argc_argv
  report_memleaks report_zend_debug request_order sendmail_from sendmail_path serialize_precision short_open_tag SMTP smtp_port
  sys_temp_dir track_errors unserialize_callback_func unserialize_max_depth upload_max_filesize upload_tmp_dir user_agent user_dir
  variables_order xmlrpc_error_number xmlrpc_errors zend_extension
`
  .trim()
  .split(/\s+/);

/** Throws a Problem if PHP has no such setting, because PHP would accept it without effect. */
export function requireSettings(settings: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(settings).find((name) => name.startsWith('pm.') || !(name.includes('.') || known.includes(name)));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  throw new Problem({
    message: `php.settings.${unknown} is not a php.ini setting${meant ? `; did you mean "${meant}"?` : '.'}`,
    hint: 'Settings of the FPM pool, such as pm.max_children, follow from the memory of the host. Correct it and run again.',
  });
}
