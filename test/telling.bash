# How the demo tells what it does: each command is shown and run, its output below it, and then held against what it should
# be. Sourced by demo.sh, with waiting.bash.

output='' status=0 behind=''

tell() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}

# show COMMAND: a line of shell, shown and run; leaves its output and status.
show() {
	printf '  $ %s\n' "$1"
	status=0
	output=$(eval "$1" 2>&1) || status=$?
	output=${output//$'\r'/}
	[ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/    /'
}

# behind COMMAND: shown, and run in the background; leaves its pid.
behind() {
	printf '  $ %s &\n' "$1"
	eval "exec $1" </dev/null &
	behind=$!
}

# finished PID: waits for what was run behind; leaves its status.
finished() {
	printf '  $ wait %s\n' "$1"
	eventually gone "$1" || mismatch "process $1 goes on"
	status=0
	wait "$1" || status=$?
}

mismatch() {
	printf '\nDEMO FAILED: %s\n' "$*" >&2
	exit 1
}

succeeded() {
	[ "$status" -eq 0 ] || mismatch "status $status instead of 0"
}

ended_with() {
	printf '    (status %s)\n' "$status"
	[ "$status" -eq "$1" ] || mismatch "status $status instead of $1"
}

printed() {
	[ "$output" = "$(printf '%s\n' "$@")" ] || mismatch "printed '$output' instead of: $*"
}

mentions() {
	[[ $output == *"$1"* ]] || mismatch "nothing about '$1' in: $output"
}
