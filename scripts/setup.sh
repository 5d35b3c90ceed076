# shellcheck shell=bash
# Sourced by scripts/weir: installs what a command needs and chooses the Python that runs it. Uses bash, coreutils and
# apt alone. Sets $python. A machine that has everything pays two short queries.

build_packages=(g++ cmake ninja-build pkg-config libbenchmark-dev libconcurrentqueue-dev libreaderwriterqueue-dev
  libboost-dev libatomic-queue-dev libtbb-dev libgtest-dev libgmock-dev nlohmann-json3-dev libcli11-dev libfmt-dev
  libtomlplusplus-dev lld libsqlite3-dev liblmdb-dev)
build_tools=(g++ cmake ninja pkg-config)
python_packages=(python3 python3-matplotlib python3-numpy python3-scipy python3-jinja2 python3-rich)
python_modules=(matplotlib.figure numpy scipy.stats jinja2 rich)
test_packages=(python3-pytest python3-pytest-xdist python3-jsonschema)
test_modules=(pytest xdist jsonschema)

# set_up ROOT COMMAND: returns with $python set, or ends the script with status 2 and one line.
set_up() {
  local root=$1 command=$2 wanted=() missing=() modules=("${python_modules[@]}")
  local packages=("${python_packages[@]}")
  # A ready-made weir-bench (WEIR_BENCH) is not built here, and a report is made of files.
  [[ $command == @(report|history|export) || ( -n ${WEIR_BENCH:-} && $command != test ) ]] || wanted+=("${build_packages[@]}")
  if [ "$command" = test ]; then
    modules+=("${test_modules[@]}")
    packages+=("${test_packages[@]}")
    has clang-format-14 || has clang-format || wanted+=(clang-format-14)
    # The reference reader of .hlog files.
    has java || wanted+=(default-jre-headless)
    [ -e /usr/share/java/hdrhistogram.jar ] || wanted+=(libhdrhistogram-java)
    # In which the report is looked at. Ubuntu has none without snap: there those tests say that they did not look.
    has chromium || ! grep -qs '^ID=debian' /etc/os-release || wanted+=(chromium)
  fi
  mkdir -p "$root/build" 2>/dev/null || die "cannot make the folder $root/build; make the project's folder writable"
  choose_python "${modules[@]}" || wanted+=("${packages[@]}")
  if [ -z "${WEIR_NO_SETUP:-}" ] && [ "${#wanted[@]}" -gt 0 ]; then
    find_missing "${wanted[@]}"
    [ "${#missing[@]}" -eq 0 ] || install "${missing[@]}"
  fi
  [ "$command" != gate ] || [ -n "${WEIR_NO_SETUP:-}" ] || has valgrind || try_valgrind
  [ -n "$python" ] || choose_python "${modules[@]}" ||
    die "no Python 3.11 or newer imports ${modules[*]}; set WEIR_PYTHON to one that does"
}

has() { command -v "$1" >/dev/null 2>&1; }

# Into $missing. Where there is no dpkg, only the tools can be asked for; CMake names a missing library.
find_missing() {
  local package status tool installed=' '
  missing=()
  if has dpkg-query && has apt-get; then
    while read -r package status; do
      [ "$status" = installed ] && installed+="$package "
    done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
      [[ $installed == *" $package "* ]] || missing+=("$package")
    done
    return
  fi
  if [[ " $* " == *" g++ "* ]]; then
    for tool in "${build_tools[@]}"; do has "$tool" || missing+=("$tool"); done
  fi
  [ -n "$python" ] || missing+=("${python_packages[@]}")
  [ "${#missing[@]}" -eq 0 ] || die "missing: ${missing[*]}; set-up knows apt only, so install what corresponds to: $*"
}

install() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    as_root=(sudo)
    may_sudo "$@" || die "missing packages: $*; install them with: sudo apt-get install --no-install-recommends $*"
  fi
  local log=$root/build/setup.log
  : >"$log" || die "cannot write $log"
  printf 'weir: installing %d packages (log: build/setup.log)\n' $# >&2
  # The package lists are fetched only when the installation fails without them: missing or out of date.
  apt_install "$@" && return
  printf 'weir: updating the package lists\n' >&2
  if apt update && apt_install "$@"; then return; fi
  tail -n 15 "$log" >&2
  die "could not install: $*; the lines above are the end of $log"
}

# It counts instructions; a gate has its verdict without it too.
try_valgrind() {
  has apt-get && is_root_or_may_be || return 0
  (install valgrind) || printf 'weir: going on without valgrind: instructions are not counted\n' >&2
}

# Without asking for a password.
is_root_or_may_be() { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }

# A person at a terminal may be asked for a password; anything else may not wait for one.
may_sudo() {
  has sudo || return 1
  is_root_or_may_be && return
  [ -t 0 ] && [ -t 2 ] || return 1
  printf 'weir: sudo is needed to install: %s\n' "$*" >&2
  sudo -v
}

apt_install() { apt install --yes --no-install-recommends "$@"; }

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

# choose_python MODULE...: into $python the first candidate that imports them all; status 1 if none does. Trying costs
# about a second, so the choice is kept, until a package is installed or removed or another Python comes first.
choose_python() {
  local stamp="$root/build/python.stamp" first key kept candidate status=/var/lib/dpkg/status
  first=$(command -v python3 || true)
  key="3.11 $* ${WEIR_PYTHON:-} $first"
  python=
  if [ -f "$stamp" ] && [[ ! $status -nt $stamp ]]; then
    while IFS='|' read -r kept candidate; do
      [ "$kept" = "$key" ] && [ -x "$candidate" ] && python=$candidate && return
    done <"$stamp"
  fi
  if [ -n "${WEIR_PYTHON:-}" ]; then
    imports "$WEIR_PYTHON" "$@" || die "WEIR_PYTHON=$WEIR_PYTHON is not a Python 3.11 or newer that imports $*"
    python=$WEIR_PYTHON
  else
    while IFS= read -r candidate; do
      imports "$candidate" "$@" && python=$candidate && break
    done < <(python_candidates)
  fi
  [ -n "$python" ] || return 1
  [[ $status -nt $stamp ]] && : >"$stamp"
  printf '%s|%s\n' "$key" "$python" >>"$stamp"
}

python_candidates() {
  local folder file folders
  command -v python3 || true
  printf '/usr/bin/python3\n'
  IFS=: read -ra folders <<<"$PATH"
  for folder in "${folders[@]}"; do
    for file in "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9]; do
      [ -x "$file" ] && printf '%s\n' "$file"
    done
  done
  return 0
}

# Trying the import is the only honest question: the first Python on PATH may be one without the packages.
imports() {
  local program=$1 list
  shift
  list=$*
  MPLBACKEND=Agg PYTHONSAFEPATH=1 "$program" -c \
    "import sys; assert sys.version_info >= (3, 11); import ${list// /, }" >/dev/null 2>&1
}
