/** The shell's built-ins: those of POSIX, and those of dash that we use. */
const builtIn =
  '[ . : break cd command continue eval exec exit export false getopts local printf echo pwd read return set shift test trap true umask unset wait kill type';

/** Programs that the commands of a run, or of a reader, may start: of a minimal Debian, and of the packages that a plan installs before. */
const programs = `
  awk base64 basename cat chmod chown cp cut date dd df du env find flock getent grep gzip head id install ln ls mkdir mktemp mv
  perl readlink rm rmdir sed sha256sum sleep sort stat sync tail tar timeout touch tr wc xargs
  blkid fallocate mkswap mount setpriv swapoff swapon unshare
  apt-get apt-mark dpkg dpkg-query
  groupadd groupdel useradd userdel usermod vipw
  journalctl systemctl systemd-run sh
  crontab runuser su
  certbot foobar-provision-certificate mariadb my_print_defaults mysql nft nginx openssl
`;

/** All names of commands that are not our own functions. */
export const external: ReadonlySet<string> = new Set(`${builtIn} ${programs}`.split(/\s+/).filter(Boolean));
