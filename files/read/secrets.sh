# Replacing the host's secrets in texts by placeholders, and vice versa.

# mask_secrets FOLDER "SECRET..." FILE...: writes numbered copies of the files in which placeholders replace the secrets
mask_secrets() {
  folder=$1 names=$2
  shift 2
  awk -v folder="$folder" -v names="$names" -v secrets="$SECRETS" '
    BEGIN {
      count = split(names, name, " ")
      for (i = 1; i <= count; i++) {
        if ((getline value[i] < (secrets "/" name[i])) <= 0) value[i] = ""
        mark[i] = "{{secret:" name[i] "}}"
      }
      for (file = 1; file < ARGC; file++) {
        while ((getline line < ARGV[file]) > 0) {
          for (i = 1; i <= count; i++) {
            if (value[i] == "") continue
            done = ""
            while ((at = index(line, value[i])) > 0) {
              done = done substr(line, 1, at - 1) mark[i]
              line = substr(line, at + length(value[i]))
            }
            line = done line
          }
          print line > (folder "/" file)
        }
      }
    }
  ' "$@"
}

# fill_in_secrets FOLDER "SECRET..."...: writes the texts FOLDER/1, FOLDER/2, … with their secrets as FOLDER/1.filled, …. Skips a text if one of its
# secrets is missing.
fill_in_secrets() {
  LC_ALL=C awk -v secrets="$SECRETS" '
    BEGIN {
      for (text = 1; text < ARGC - 1; text++) {
        count = split(ARGV[text + 1], name, " ")
        whole = 1
        for (i = 1; i <= count; i++) {
          if ((getline value[i] < (secrets "/" name[i])) <= 0) whole = 0
          close(secrets "/" name[i])
          mark[i] = "{{secret:" name[i] "}}"
        }
        from = ARGV[1] "/" text
        while (whole && (getline line < from) > 0) {
          for (i = 1; i <= count; i++) {
            done = ""
            while ((at = index(line, mark[i])) > 0) {
              done = done substr(line, 1, at - 1) value[i]
              line = substr(line, at + length(mark[i]))
            }
            line = done line
          }
          print line > (from ".filled")
        }
        close(from)
        close(from ".filled")
      }
    }
  ' "$@"
}
