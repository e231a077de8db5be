# The database: statements are passed on standard input, and so are the secrets in them.

# sql_filled SECRET: runs statements from standard input, after replacing the secret's placeholders
sql_filled() {
  ( umask 077 && cat >"$RUN/secrets/statement" )
  fill_secret "$RUN/secrets/statement" "$1"
  sql <"$RUN/secrets/statement"
  rm -f "$RUN/secrets/statement"
}
