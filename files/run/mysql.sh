# The database: statements travel by standard input, and so do the secrets in them.

# sql_filled SECRET: statements on standard input, with the secret in its places
sql_filled() {
  ( umask 077 && cat >"$RUN/secrets/statement" )
  fill "$RUN/secrets/statement" "$1"
  sql <"$RUN/secrets/statement"
  rm -f "$RUN/secrets/statement"
}
