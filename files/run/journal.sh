# The run's journal, on file descriptor 3: one line for each thing that happens, its words separated by tabs.

say() {
  line=$1; shift
  for word; do line="$line	$word"; done
  printf '%s\n' "$line" >&3
}

# The last lines of the step that failed, and which disk is full where one is; no secret of this host is in them, whole or cut short.
explain() {
  {
    known_secrets
    # No secret has an empty line, so what follows this one is the log.
    printf '\n'
    cat "$RUN/log"
    printf '\n'
    ! awk '/^== /{ full = 0 } /No space left on device|Disk quota exceeded|I\/O error/{ full = 1 } END { exit !full }' "$RUN/log" || full_disks
  } | LC_ALL=C awk -v most=25 '
    function blotted(rest,  i, start, done, at) {
      for (i = 0; i < secrets; i++) {
        start = substr(secret[i], 1, 8)
        done = ""
        while ((at = index(rest, start)) > 0) {
          done = done substr(rest, 1, at - 1) "(sensitive)"
          rest = substr(rest, at + length(start))
          if (length(secret[i]) > 8) sub(/^[^ \t\047"]*/, "", rest)
        }
        rest = done rest
      }
      return rest
    }
    !is_log && $0 == "" { is_log = 1; next }
    # A key has frames that are no secret, and a last line that may be one sign.
    !is_log { if (length($0) > 3 && !/^-----/) secret[secrets++] = $0; next }
    /^== / { n = 0; next }
    { line[n++ % most] = substr($0, 1, 2000) }
    END { for (i = n > most ? n - most : 0; i < n; i++) if (line[i % most] != "") print "err\t" blotted(line[i % most]) }
  ' >&3
}

# The lines of all secrets that are kept here, and of those that this run and interrupted ones replaced.
known_secrets() {
  for secret in "$SECRETS"/* "$STATE"/runs/*/kept/secret-*; do
    [ ! -s "$secret" ] || { cat "$secret"; echo; }
  done | sed '/^$/d'
}

# The disks on which nothing more fits.
full_disks() {
  df -P -k -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 512 && $4 < 64 && !seen[$6]++ { print "The disk that holds " $6 " is full. Make room there, then run again." }'
  df -P -i -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 0 && $4 < 16 && !seen[$6]++ { print "The disk that holds " $6 " has no inodes left: there are too many files on it. Remove some, then run again." }'
}

# unit_said NAME: what a unit itself has said since the last step began, and where that is nothing (its file is broken, say), what it said before:
# systemctl only says that it failed.
unit_said() {
  case $1 in service:* | reload:* | restart:*) ;; *) return ;; esac
  set -- "${1#*:}"
  journalctl --sync 2>/dev/null
  said=$(journalctl --quiet --no-pager -o cat -n 12 --since "@$(stat -c %Y "$RUN/begun")" -u "$1" 2>/dev/null)
  [ -n "$said" ] || said=$(journalctl --quiet --no-pager -o short-iso --no-hostname -n 6 -u "$1" 2>/dev/null)
  printf '%s\n' "$said" >>"$RUN/log"
}

# The name of a step by its number, as the journal has it.
step_name() {
  sed -n "s/^begin	$1	//p" "$RUN/journal" | tail -n 1
}
