# Reads the live release of a site from the record of the run that made it live.

# read_live: sets variables for the live release: $release, its unit and socket, and the protocol, host and paths with which its pages are requested
read_live() {
  release=$(readlink "$SITE/current") || return
  release=${release##*/}
  # A release with only static files has none of these.
  unit_file='' unit='' socket='' protocol='' scheme='' host='' docroot='' paths=''
  {
    IFS= read -r unit_file && IFS= read -r unit && IFS= read -r socket && IFS= read -r protocol && IFS= read -r scheme && IFS= read -r host && IFS= read -r docroot && IFS= read -r _
    paths=$(cat)
  } <<RECORD
$(live_record "$STATE/releases/$DOMAIN/$release/live.json")
RECORD
}

# live_record FILE: prints the fields of a release's record, one on each line, and then the paths to request from it. The fields are empty if the
# release has only static files.
live_record() {
  # shellcheck disable=SC2016 # perl expands it
  perl -0777 -ne '
    # perl-base has no module for JSON.
    my $value;
    $value = sub {
      /\G\s*/gc;
      if (/\G\{/gc) { my %o; until (/\G\s*\}/gc) { my $k = $value->(); /\G\s*:/gc; $o{$k} = $value->(); /\G\s*,/gc } return \%o }
      if (/\G\[/gc) { my @l; until (/\G\s*\]/gc) { push @l, $value->(); /\G\s*,/gc } return \@l }
      if (/\G"((?:[^"\\]|\\.)*)"/gc) { my $t = $1; $t =~ s/\\u([0-9a-f]{4})/chr hex $1/gei; $t =~ s/\\(.)/$1 eq "n" ? " " : $1/ge; return $t }
      return $1 if /\G([\w.+-]+)/gc;
      die "the record of the release is damaged\n";
    };
    my ($units, $live) = @{ $value->() };
    my $by = $live->{by} // {};
    my ($main) = grep { $_->{id} =~ /\.service$/ } @$units;
    print map { ($_ // "") . "\n" } $main->{attributes}{path}, $main->{id}, @$by{qw(socket protocol scheme host docroot errors)}, @{ $by->{paths} // [] };
  ' "$1"
}
