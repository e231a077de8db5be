// These commands use tools that every system has. They contain no patterns of the shell's own, because zsh and fish fail on one that matches no file.

/** Lists the hosts in ssh_config. */
export const listHosts = `find ~/.ssh/config ~/.ssh/config.d -type f -exec awk 'tolower($1) == "host" { for (i = 2; i <= NF; i++) if ($i !~ /[*?!]/) print $i }' '{}' + 2>/dev/null`;

/** Lists the servers that the configuration in this folder names. It reads the text of the file and runs none of its code. */
export const listServers = `find . -maxdepth 1 -name 'foobar.config.*' -exec awk '
  { sub(/(^|[ \\t])\\/\\/.*/, ""); text = text $0 " " }
  END {
    while (match(text, /(^|[^A-Za-z_])servers?["\\047]?[ \\t]*:/)) {
      text = substr(text, RSTART + RLENGTH); depth = 0; before = ""
      while (text != "") {
        sign = substr(text, 1, 1); text = substr(text, 2)
        if (sign ~ /["\\047]/) {
          end = index(text, sign); word = substr(text, 1, end - 1); text = substr(text, end + 1)
          if (text !~ /^[ \\t]*:/ && before !~ /address["\\047]?[ \\t]*:[ \\t]*$/) print word
          before = before word
        } else if (sign ~ /[[{]/) depth++
        else if (sign ~ /[]}]/ && --depth <= 0) break
        else if (sign == "," && depth == 0) break
        before = before sign
      }
    }
  }' '{}' + 2>/dev/null`;

/** Lists the sandboxes. */
export const listSandboxes = `foobar-provision sandbox list 2>/dev/null | awk '$3 ~ /^[0-9.]+$/ { print $1 }'`;
