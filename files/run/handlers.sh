# Handlers: that one is owed is on the disk before the change that asks for it, until it has run.

owe() {
  { [ -e "$STATE/owed/$NAME/$1" ] || printf '%s\n' "$1" >>"$RUN/owes"; } && true >>"$STATE/owed/$NAME/$1"
}

settle() {
  rm -f "$STATE/owed/$NAME/$1"
}

# What only this run owed.
settle_own() {
  [ ! -s "$RUN/owes" ] || while read -r handler; do settle "$handler"; done <"$RUN/owes"
}

# What a handler took up has to be taken up again where the change is put back.
note_handled() {
  mv -f -- "$STATE/owed/$NAME/$1" "$RUN/handled/"
}
