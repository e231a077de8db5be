# Files: they are staged in a folder beside their path, then renamed into place, after the existing file is backed up.
# `prepare_staging` sets `beside_folder`, and `new`, the path of a step's staged file.

# stage_file PATH MODE OWNER:GROUP CONTENT [SECRET...]: writes a staged file, and backs up the existing one
stage_file() {
  prepare_staging "$1" || return
  if [ "$2" = 0644 ]; then printf '%s' "$4" >"$new"; else ( umask 077 && printf '%s' "$4" >"$new" ) && chmod "$2" "$new"; fi || return
  [ "$3" = root:root ] || chown "$3" "$new" || return
  path=$1
  shift 4
  for secret; do fill_secret "$new" "$secret" || return; done
  back_up "$path"
}

prepare_staging() {
  beside_folder=${1%/*}/.foobar-provision-$ID
  [ -d "$beside_folder" ] || { folder_synced "${1%/*}" && note_temporary "$beside_folder" && mkdir -m 0700 "$beside_folder"; } || return
  new=$beside_folder/$step
}

# back_up PATH [NAME]: keeps a copy for people and for the guard, and a hard link, which can be restored even when the disk is full
back_up() {
  { [ ! -f "$new" ] || printf '%s\n' "$new" >>"$RUN/staged"; } &&
    if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
      cp -a -- "$1" "$RUN/kept/${2:-$step}" && { ln -fP -- "$1" "$beside_folder/${2:-$step}.was" 2>/dev/null || true; }
    fi
}

# fill_secret FILE NAME: replaces a secret's placeholders in a file. The secret is only in files, never in arguments.
fill_secret() (
  umask 077
  awk -v name="$2" -v from="$SECRETS/$2" '
    BEGIN { if ((getline secret < from) <= 0) exit 1; mark = "{{secret:" name "}}" }
    { out = ""; while ((at = index($0, mark)) > 0) { out = out substr($0, 1, at - 1) secret; $0 = substr($0, at + length(mark)) } print out $0 }
  ' "$1" >"$1.filled" && cat "$1.filled" >"$1" && rm -f "$1.filled"
)

# stage_removal PATH: backs up what a change is about to remove
stage_removal() {
  prepare_staging "$1" && back_up "$1"
}

install_staged() {
  mv -fT -- "${1%/*}/.foobar-provision-$ID/$step" "$1"
}

# install_new PATH: puts a staged file in place by a hard link, which never replaces an existing file
install_new() {
  ln -PT -- "${1%/*}/.foobar-provision-$ID/$step" "$1" && rm -f -- "${1%/*}/.foobar-provision-$ID/$step" && note_created "$1"
}

# restore_file PATH [NAME]: restores the backup. No change replaces a folder, so a folder at this path either was there before or is ours and empty.
restore_file() {
  was=${1%/*}/.foobar-provision-$ID/${2:-$step}.was
  if [ -e "$was" ] || [ -L "$was" ] || [ -e "$RUN/kept/${2:-$step}" ] || [ -L "$RUN/kept/${2:-$step}" ]; then
    if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1" || return; fi
    if [ -e "$was" ] || [ -L "$was" ]; then move_synced "$was" "$1"; return; fi
    prepare_staging "$1" && cp -a -- "$RUN/kept/${2:-$step}" "$new.back" && move_synced "$new.back" "$1"
  elif [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
    remove_synced "$1"
  fi
}

sync_staged() {
  [ ! -s "$RUN/staged" ] || { xargs -d '\n' sync -- <"$RUN/staged" && rm -f "$RUN/staged"; }
}

sync_placed() {
  [ ! -s "$RUN/beside" ] || sed 's,/[^/]*$,/,' "$RUN/beside" | sort -u | while read -r folder; do
    # The folder may have been removed since.
    [ ! -d "$folder" ] || printf '%s\n' "$folder"
  done | xargs -r -d '\n' sync --
}

# note_temporary PATH...: notes temporary paths before they are created, so that they are removed even if this run is interrupted
note_temporary() {
  printf '%s\n' "$@" >>"$RUN/beside" && sync "$RUN/beside"
}

# note_created WHAT: notes what a step has created, because undoing the step removes only that
note_created() {
  printf '%s\n' "$1" >>"$RUN/kept/made-$step"
}

was_created() {
  grep -qsxF -- "$1" "$RUN/kept/made-$step"
}

# was_recorded NAME: succeeds if a resource was in the manifest when this run began
was_recorded() {
  grep -qsF "\"$1\":" "$MANIFEST" "$RUN/kept/pending"
}

# is_free PATH: fails if somebody has created something there since the plan was made
is_free() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return; fi
  printf '%s\n' "Somebody else has created $1 since the plan was made." 'Run again: the new plan takes it into account.' >&2
  return 1
}
