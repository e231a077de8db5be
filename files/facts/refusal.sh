# Whether nginx accepts its configuration. POSIX sh; changes nothing.

# read_refusal: prints the error if nginx rejects its configuration
read_refusal() {
  ! command -v nginx >/dev/null || { section refusal; timeout 10 nginx -t -q 2>&1 | sed -n 's/^.*\[\(emerg\|alert\)\] \([0-9]*#[0-9]*: \)\{0,1\}//p' | head -n 1; }
}
