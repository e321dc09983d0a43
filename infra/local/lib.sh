# Shared by the scripts of infra/local and infra/demo: messages, ports, waiting. Sourced, never run.
# root: the checkout. tools: what is downloaded once (.local). state: servers' data, pid files and logs of one set of servers (.local unless STATE says otherwise).
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$root/.local
state=${STATE:-$tools}
run=$state/run

say() { printf '%s\n' "· $*" >&2; }
die() { printf '%s\n' "error: $1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 1; }

# port_is_taken PORT
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port: prints a TCP port nobody listens on; taken from the range below the ephemeral ports, so that no client connection takes it meanwhile.
free_port() {
  local port
  for _ in $(seq 200); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    port_is_taken "$port" || { echo "$port"; return; }
  done
  die "no free TCP port between 20000 and 32000 on 127.0.0.1"
}

# choose_port NAME WANTED: WANTED; a free one when PORTS=free, or when PORTS=auto and WANTED is taken; else stops when WANTED is taken.
choose_port() {
  case ${PORTS:-fixed} in
    free) free_port; return ;;
    auto) if port_is_taken "$2"; then free_port; else echo "$2"; fi; return ;;
  esac
  port_is_taken "$2" && die "port $2 on 127.0.0.1 is taken, and $1 needs it" \
    "see who has it:   ss -ltnp | grep :$2" "or choose another: $1=PORT make …   (PORTS=free lets the scripts choose)"
  echo "$2"
}

# wait_until SECONDS WHAT COMMAND...: polls COMMAND; answers 1 when it never succeeded.
wait_until() {
  local seconds=$1; shift 2
  local deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

# alive NAME: whether the process of run/NAME.pid lives.
alive() { [ -s "$run/$1.pid" ] && kill -0 "$(cat "$run/$1.pid")" 2>/dev/null; }

# end NAME [SECONDS]: SIGTERM, then SIGKILL after SECONDS (default 20), by process id; waits.
end() {
  local pid seconds=${2:-20}
  [ -s "$run/$1.pid" ] || return 0
  pid=$(cat "$run/$1.pid")
  if kill -0 "$pid" 2>/dev/null; then
    kill -TERM "$pid" 2>/dev/null || true
    if ! wait_until "$seconds" "$1" process_gone "$pid"; then
      say "$1 (process $pid) did not end within $seconds s: killed"
      kill -KILL "$pid" 2>/dev/null || true
      wait_until 5 "$1" process_gone "$pid" || true
    fi
  fi
  rm -f "$run/$1.pid"
}
process_gone() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o stat= -p "$1" 2>/dev/null | cut -c1)" = Z ]; }

# start NAME COMMAND...: in the background, in a session of its own, log and pid under run/.
start() {
  local name=$1; shift
  mkdir -p "$run"
  setsid nohup "$@" >> "$run/$name.log" 2>&1 < /dev/null &
  echo $! > "$run/$name.pid"
}
