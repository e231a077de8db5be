# section NAME: begins a section of the output
section() { printf '\n#facts %s\n' "$1"; }
