# Files: staged beside their place, then renamed into it, with what was there kept. `beside` sets `beside_folder`, and `new`, the path of what a step stages.

# put PATH MODE OWNER:GROUP CONTENT [SECRET...]
put() {
  beside "$1" || return
  if [ "$2" = 0644 ]; then printf '%s' "$4" >"$new"; else ( umask 077 && printf '%s' "$4" >"$new" ) && chmod "$2" "$new"; fi || return
  [ "$3" = root:root ] || chown "$3" "$new" || return
  path=$1
  shift 4
  for secret; do fill "$new" "$secret" || return; done
  keep "$path"
}

beside() {
  beside_folder=${1%/*}/.foobar-provision-$ID
  [ -d "$beside_folder" ] || { folder_synced "${1%/*}" && passing "$beside_folder" && mkdir -m 0700 "$beside_folder"; } || return
  new=$beside_folder/$step
}

# keep PATH [NAME]: a copy for people to read, and for the guard; and a second name, which comes back also where a disk is full
keep() {
  { [ ! -f "$new" ] || printf '%s\n' "$new" >>"$RUN/staged"; } &&
    if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
      cp -a -- "$1" "$RUN/kept/${2:-$step}" && { ln -fP -- "$1" "$beside_folder/${2:-$step}.was" 2>/dev/null || true; }
    fi
}

# Writes a secret into the places that name it. It passes through files alone, never through arguments.
fill() (
  umask 077
  awk -v name="$2" -v from="$SECRETS/$2" '
    BEGIN { if ((getline secret < from) <= 0) exit 1; mark = "{{secret:" name "}}" }
    { out = ""; while ((at = index($0, mark)) > 0) { out = out substr($0, 1, at - 1) secret; $0 = substr($0, at + length(mark)) } print out $0 }
  ' "$1" >"$1.filled" && cat "$1.filled" >"$1" && rm -f "$1.filled"
)

# Keeps what a change is about to take away.
set_aside() {
  beside "$1" && keep "$1"
}

place() {
  mv -fT -- "${1%/*}/.foobar-provision-$ID/$step" "$1"
}

# place_new PATH: a link never takes the place of anything
place_new() {
  ln -PT -- "${1%/*}/.foobar-provision-$ID/$step" "$1" && rm -f -- "${1%/*}/.foobar-provision-$ID/$step" && made "$1"
}

# restore_file PATH [NAME]. A folder never gave way to anything, so one that is there now either was or is ours and empty.
restore_file() {
  was=${1%/*}/.foobar-provision-$ID/${2:-$step}.was
  if [ -e "$was" ] || [ -L "$was" ] || [ -e "$RUN/kept/${2:-$step}" ] || [ -L "$RUN/kept/${2:-$step}" ]; then
    if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1" || return; fi
    if [ -e "$was" ] || [ -L "$was" ]; then move_synced "$was" "$1"; return; fi
    beside "$1" && cp -a -- "$RUN/kept/${2:-$step}" "$new.back" && move_synced "$new.back" "$1"
  elif [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
    remove_synced "$1"
  fi
}

sync_staged() {
  [ ! -s "$RUN/staged" ] || { xargs -d '\n' sync -- <"$RUN/staged" && rm -f "$RUN/staged"; }
}

sync_placed() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,/,' "$RUN/beside" | sort -u | while read -r folder; do
    # It may have been removed since.
    [ ! -d "$folder" ] || printf '%s\n' "$folder"
  done | xargs -r -d '\n' sync --
}

# passing PATH...: what gets a name that it is not to keep is written down before it is made, so that it goes whatever becomes of this run.
passing() {
  printf '%s\n' "$@" >>"$RUN/beside" && sync "$RUN/beside"
}

# made WHAT: noted when it is done, since only what this run has made is undone by it
made() {
  printf '%s\n' "$1" >>"$RUN/kept/made-$step"
}

was_made() {
  grep -qsxF -- "$1" "$RUN/kept/made-$step"
}

# was_ours NAME: whether a resource was in the record when this run began
was_ours() {
  grep -qsF "\"$1\":" "$MANIFEST" "$RUN/kept/pending"
}

# is_free PATH: nobody has put anything there since the plan was made
is_free() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return; fi
  printf '%s\n' "Somebody else has made $1 since the plan was made." 'Run again: the plan then tells of it.' >&2
  return 1
}
