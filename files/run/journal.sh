# The run's journal, on file descriptor 3: one line for each event, its words separated by tabs.

say() {
  line=$1; shift
  for word; do line="$line	$word"; done
  printf '%s\n' "$line" >&3
}

# explain: writes the last lines of the failed step to the journal, and names a full disk. It blots out all secrets of this host, even parts of them.
explain() {
  {
    known_secrets
    # Secrets have no empty lines, so the log begins after this one.
    printf '\n'
    cat "$RUN/log"
    printf '\n'
    ! awk '/^== /{ full = 0 } /No space left on device|Disk quota exceeded|I\/O error/{ full = 1 } END { exit !full }' "$RUN/log" || full_disks
  } | blot_secrets | LC_ALL=C awk -v most=25 '
    /^== /{ n = 0; next }
    { line[n++ % most] = substr($0, 1, 2000) }
    END { for (i = n > most ? n - most : 0; i < n; i++) if (line[i % most] != "") print "err\t" line[i % most] }
  ' >&3
}

# blot_secrets: reads lines with secrets up to an empty line, and then prints the other lines without them, not even parts of them
blot_secrets() {
  LC_ALL=C awk '
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
    # The first and last line of a key are not secret, and its last data line may be a single character.
    !is_log { if (length($0) > 3 && !/^-----/) secret[secrets++] = $0; next }
    { print blotted($0) }
  '
}

# known_secrets: prints the lines of all secrets of this host, including those that this run and interrupted ones have replaced
known_secrets() {
  for secret in "$SECRETS"/* /etc/foobar-provision/instances/*/.stored/values/* "$STATE"/runs/*/kept/secret-*; do
    [ ! -s "$secret" ] || { cat "$secret"; echo; }
  done | sed '/^$/d'
}

# full_disks: prints a sentence for each full disk
full_disks() {
  df -P -k -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 512 && $4 < 64 && !seen[$6]++ { print "The disk that holds " $6 " is full. Make room there, then run again." }'
  df -P -i -l -x squashfs -x iso9660 -x erofs 2>/dev/null | awk 'NR > 1 && $2 > 0 && $4 < 16 && !seen[$6]++ { print "The disk that holds " $6 " has no inodes left: there are too many files on it. Remove some, then run again." }'
}

# log_unit_output NAME: logs what a unit has printed since the last step began, or its earlier output if there is none, because systemctl says only
# that the unit failed.
log_unit_output() {
  case $1 in service:* | reload:* | restart:*) ;; *) return ;; esac
  set -- "${1#*:}"
  journalctl --sync 2>/dev/null
  said=$(journalctl --quiet --no-pager -o cat -n 25 --since "@$(stat -c %Y "$RUN/begun")" -u "$1" 2>/dev/null)
  [ -n "$said" ] || said=$(journalctl --quiet --no-pager -o short-iso --no-hostname -n 6 -u "$1" 2>/dev/null)
  printf '%s\n' "$said" >>"$RUN/log"
}

# step_name NUMBER: prints the name of a step, from the journal
step_name() {
  sed -n "s/^begin	$1	//p" "$RUN/journal" | tail -n 1
}
