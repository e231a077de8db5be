# Prints directives of the nginx configuration that is not ours, as lines "FILE:DIRECTIVE;", in the order in which nginx reads the files. It
# follows includes, and reads the folders of Debian's package even if nothing includes them. Changes nothing.
use strict;
my $root = '/etc/nginx';
my @files = ("$root/nginx.conf", glob("$root/conf.d/*.conf"), glob "$root/sites-enabled/*");
my %seen;
while (defined(my $file = shift @files)) {
  next if $seen{$file}++ || !-f $file;
  open my $lines, '<', $file or next;
  read $lines, my $text, 4_000_000;
  next if $text =~ /Written by foobar-provision/;
  my @included;
  for (split /[;{}]/, $text =~ s/#.*//gr) {
    my ($name, @words) = split;
    next unless defined $name && $name =~ /\A(?:listen|server_name|server_names_hash_bucket_size|variables_hash_(?:max|bucket)_size|include|user|gzip_\w+|\w+_timeout|reset_timedout_connection|large_client_header_buffers)\z/;
    print "$file:$name @words;\n";
    next if $name ne 'include' || !@words;
    my $path = $words[0] =~ tr/"'//dr;
    push @included, glob($path =~ m{\A/} ? $path : "$root/$path");
  }
  unshift @files, @included;
}
