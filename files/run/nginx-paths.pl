# Prints the folders that the enabled nginx configuration writes, as lines "written<tab>FOLDER", and the paths below home folders and /tmp that it
# names, as lines "named<tab>PATH", with links resolved. Changes nothing.
use strict;
my $root = '/etc/nginx';
my (@files, %seen, %written, %named);

# enabled PATH: collects the files of the configuration. It follows links to files, but not to folders: a link to a docroot leads wherever the
# site's own links point.
sub enabled {
  my ($path) = @_;
  return if $path eq "$root/foobar-rules" || $path =~ /-available\z/ || $seen{$path}++;
  my $is_link = lstat $path && -l _;
  $named{$path} = 1 if $is_link && !is_ours($path);
  if (-f $path) { push @files, $path }
  elsif (!$is_link && -d _) { inside($path) }
}

# is_ours PATH: returns whether we wrote the file. The next run puts a regular file in the place of its link, so Nginx need not reach where it
# leads.
sub is_ours {
  my ($path) = @_;
  return unless -f $path && open my $lines, '<', $path;
  read $lines, my $text, 4_000_000;
  return $text =~ /Written by foobar-provision/;
}

sub inside {
  my ($folder) = @_;
  opendir my $entries, $folder or return;
  enabled("$folder/$_") for sort grep { !/^\.\.?\z/ } readdir $entries;
}

# directives FILE: returns the words of each directive
sub directives {
  my ($file) = @_;
  open my $lines, '<', $file or return;
  my $text = join ' ', map { s/^\s*#.*//r =~ s/\s#.*//rs } <$lines>;
  return map { [split ' ', tr/"'//dr] } split /[;{}]/, $text;
}

# resolved PATH: resolves all links in a path; missing parts stay as they are
sub resolved {
  my @parts = split m{/}, shift;
  my ($at, $links) = ('', 0);
  while (defined(my $part = shift @parts)) {
    next if $part eq '' || $part eq '.';
    if ($part eq '..') { $at =~ s{/[^/]*\z}{}; next }
    my $to = readlink "$at/$part";
    if (!defined $to || $links++ > 40) { $at .= "/$part"; next }
    $at = '' if $to =~ m{^/};
    unshift @parts, split m{/}, $to;
  }
  return $at eq '' ? '/' : $at;
}

inside($root);
# The administrator's own folders may be links to other places.
inside($_) for grep { !/-available\z/ && -l && -d } glob "$root/*";
my $served = '';
while (defined(my $file = shift @files)) {
  for (directives($file)) {
    my ($name, @words) = @$_;
    next unless defined $name;
    my $value = $words[0] // '';
    $served = $value if $name =~ /^(?:root|alias)\z/;
    enabled($_) for $name eq 'include' && $value =~ m{^/} && $value !~ m{^\Q$root\E/} ? grep { -e } glob $value : ();
    $written{$value =~ s{/[^/]*\z}{/}r} = 1 if $name =~ /^(?:error_log|access_log|pid|lock_file)\z/ && $value =~ m{^/};
    $written{$value} = 1 if $name =~ /_(?:temp|cache)_path\z/ && $value =~ m{^/};
    $written{$served} = 1 if $name eq 'dav_methods' && $value ne 'off' && $served =~ m{^/};
    next if $name =~ /^(?:location|rewrite|return|if|error_page|try_files|add_header)\z/;
    for my $word ($name, @words) {
      $named{$1} = 1 if $word =~ s{https?://}{}gr =~ m{(?:^|[:=])(/.*)}s;
    }
  }
}
# A path with variables is known up to the first variable.
my %folders = map { resolved(s/\$.*//sr) => 1 } keys %written;
my %places = map { resolved(s/\$.*//sr) => 1 } keys %named;
print map { "$_\n" } (map { "written\t$_" } sort keys %folders),
  (map { "named\t$_" } grep { m{^/(?:home|root|run/user|tmp|var/tmp)(?:/|\z)} } sort keys %places);
