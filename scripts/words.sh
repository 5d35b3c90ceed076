# shellcheck shell=bash
# Sourced by scripts/weir: the nearest valid word to a mistyped one, in bash alone.

# Levenshtein's distance between two words, into $distance. The row is the classic one-row table.
edit_distance() {
  local a=$1 b=$2 i j diagonal above best
  local -a row
  for ((j = 0; j <= ${#b}; j++)); do row[j]=$j; done
  for ((i = 1; i <= ${#a}; i++)); do
    diagonal=${row[0]}
    row[0]=$i
    for ((j = 1; j <= ${#b}; j++)); do
      above=${row[j]}
      best=$diagonal
      [ "${a:i-1:1}" = "${b:j-1:1}" ] || best=$((diagonal + 1))
      ((above + 1 < best)) && best=$((above + 1))
      ((row[j - 1] + 1 < best)) && best=$((row[j - 1] + 1))
      diagonal=$above
      row[j]=$best
    done
  done
  distance=${row[${#b}]}
}

# nearest WORD VALID...: prints the valid word with the smallest distance; the first of equals.
nearest() {
  local word=${1:0:40} least=1000 found='' valid distance
  shift
  for valid in "$@"; do
    edit_distance "$word" "$valid"
    if ((distance < least)); then
      least=$distance
      found=$valid
    fi
  done
  printf '%s' "$found"
}
