/** All programs of the host from now on see another time than the kernel's: Debian's libfaketime, which the host has, loaded into each. */
export const wrongClock = (days: number) => `
# What waits by the monotonic clock would wait for ever.
echo 'DONT_FAKE_MONOTONIC=1' >/etc/environment; systemctl set-environment DONT_FAKE_MONOTONIC=1
printf '%+dd\\n' ${days} >/etc/faketimerc
find /usr/lib -name libfaketime.so.1 >/etc/ld.so.preload`;
export const rightClock = 'rm -f /etc/ld.so.preload /etc/faketimerc';

/** The clock is set back: what is on the host already keeps the time that it had, so it is of the future from now on. */
export const setBack = (days: number) => `
find /srv/www /var/lib/foobar-provision /etc /var/log -xdev -print0 | perl -0ne 'chomp; my @s = lstat or next; next if -l _; utime $s[8] + ${days} * 86400, $s[9] + ${days} * 86400, $_'
${wrongClock(-days)}`;
