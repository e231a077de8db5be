# What is printed comes in sections.
section() { printf '\n#facts %s\n' "$1"; }
