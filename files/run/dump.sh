# SQL dumps of other servers, adapted so that they can be applied with a site's own rights.

# is_dump FILE: succeeds if a dump program has written it
is_dump() {
  head -n 20 "$1" | grep -qE '^-- (MySQL|MariaDB|phpMyAdmin SQL|Adminer|HeidiSQL|mysqldump)|^/\*M!999999\\- '
}

# adapted_dump FILE: prints the dump without statements that only the server's administrator may use, and with unknown collations replaced by known
# ones. The number of lines stays the same. Standard error gets a line about each kind of change. Data, which INSERT statements have, is unchanged.
# $dump_asks is the function that asks the server, by default `sql`. With DUMP_MUST_END in the environment, it fails if a dump of mysqldump or mariadb-dump does not have the comment at its end.
adapted_dump() {
  collation=
  for known in utf8mb4_unicode_520_ci utf8mb4_0900_ai_ci utf8mb4_uca1400_ai_ci; do
    ! printf 'SET NAMES utf8mb4 COLLATE %s;' "$known" | ${dump_asks:-sql} >/dev/null 2>&1 || collation="$collation $known"
  done
  # shellcheck disable=SC2016,SC2086 # perl's own; the names are words
  perl -e '
    my ($file, @known) = @ARGV;
    my %known = map { /_(0900|uca1400|unicode)_/ ? ($1 => $_) : () } @known;
    my $isMysql = $known{"0900"} && !$known{uca1400};
    my (%noted, $skips, $database, $isOther, $isOfClient, $isInData, $isInString, $last);
    open my $dump, "<", $file or die "$file: $!\n";
    binmode STDOUT;
    while (<$dump>) {
      $isOfClient = 1 if $. <= 3 && /^-- (?:MySQL|MariaDB) dump/;
      $last = $_ if !/^\s*$/;
      # Other programs than mysqldump write line breaks in texts as they are, so a line of data may look like any statement.
      if (!$isOfClient && ($isInData || /^(?:INSERT|REPLACE)\b/)) {
        (my $plain = $_) =~ s/\\.//gs;
        $isInString ^= ($plain =~ tr/\x27//) % 2;
        $isInData = $isInString || $plain !~ /;\s*$/;
        print $isOther ? "\n" : $_;
        next;
      }
      # What is before and after the first database belongs to no site.
      if (m{^USE (`(?:[^`]|``)+`|\w+) *;}) {
        $database //= $1;
        $isOther = $1 ne $database;
        $noted{"only the first database, $database, is loaded, and $1 is left out"}++ if $isOther;
        $_ = "\n";
      }
      elsif (m{^(?:/\*!\d+ )?(?:CREATE|DROP) (?:DATABASE|SCHEMA)\b.*;}) { $_ = "\n" }
      if ($isOther) { print "\n"; next }
      if ($skips || m{^SET \@\@(?:GLOBAL\.GTID_PURGED|SESSION\.SQL_LOG_BIN)|^SET \@MYSQLDUMP_TEMP_LOG_BIN}) {
        $noted{"settings of the replication are left out"}++;
        $skips = !/;\s*$/;
        $_ = "\n";
      }
      if ($. <= 3 && m{^/\*M!999999\\- }) { $_ = "\n" }
      if (m{^(?:/\*!\d+ )?CREATE|^/\*!50013 }) {
        s/^([^\x27"(]*?)DEFINER *= *(`[^`]*`|\x27[^\x27]*\x27|\w+)@(`[^`]*`|\x27[^\x27]*\x27|[\w%.]+) ?/$1/
          and $noted{"definers of other accounts are left out, so views, triggers and routines belong to the site"}++;
      }
      if ($isMysql && m{^/\*!50003 SET sql_mode}) { s/NO_AUTO_CREATE_USER,?// }
      if (m{^(?:\) |  `|/\*!5000[13] |CREATE |ALTER )}) {
        s{\butf8mb4_(0900|uca1400)_(\w+)}{
          my $to = $known{$1} ? $& : $2 eq "bin" ? "utf8mb4_bin" : ($known{"0900"} || $known{uca1400} || $known{unicode});
          $noted{"the collation $& is $to here"}++ if $to ne $&;
          $to;
        }ge;
      }
      print;
    }
    print STDERR map { "$_\n" } sort keys %noted;
    die "The dump ends too early: its last line is not the comment of a complete one.\n"
      if $ENV{DUMP_MUST_END} && $isOfClient && $last !~ /^-- Dump completed/;
  ' "$1" $collation
}
