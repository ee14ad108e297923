# What the bats files about the daemon share: one that serves this file's depot, requests to it, processes over its streams.
# Loaded after helpers.bash. A file says:
#
#	load helpers
#	load guardian
#	setup_file() { depot_begin && start_guardian; }
#	teardown_file() { guardian_end; }
#
# Where the socket, the log and the daemon's pid are is known from SCRATCH, so each test sees the daemon of setup_file.

SOCKET=${SCRATCH:-}/garden.sock
LOG=${SCRATCH:-}/guardian.log

# launch_guardian [FLAGS...]: serves $DEPOT, soon. The log is added to $LOG. PREFIX is a command that it is started by.
launch_guardian() {
	SOCKET=$SCRATCH/garden.sock
	LOG=$SCRATCH/guardian.log
	# shellcheck disable=SC2086 # a prefix is several words
	${PREFIX:-} "$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SOCKET" --skip-setup \
		--log-level debug "$@" >>"$LOG" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$SCRATCH/guardian.pid"
	disown
}

# start_guardian [FLAGS...]: the same, and it answers when this returns.
start_guardian() {
	launch_guardian "$@"
	eventually answers
}

answers() {
	curl -sf --unix-socket "$SOCKET" http://api/ping
}

guardian_pid() {
	cat "$SCRATCH/guardian.pid"
}

# kill_guardian [SIGNAL]: SIGKILL unless told otherwise; it is gone when this returns.
kill_guardian() {
	local pid

	pid=$(guardian_pid) || return 0
	kill "-${1:-KILL}" "$pid" 2>/dev/null || true
	eventually -t 20 gone "$pid"
	rm "$SCRATCH/guardian.pid"
}

stop_guardian() {
	[ ! -e "$SCRATCH/guardian.pid" ] || kill_guardian TERM
}

# restart_guardian [FLAGS...]: after SIGKILL.
restart_guardian() {
	kill_guardian
	start_guardian "$@"
}

# guardian_end: for teardown_file. What the daemon said is shown when something stayed.
guardian_end() {
	local status=0

	stop_guardian || status=1
	[ -z "${KEEP_LOG:-}" ] || cp "$SCRATCH/guardian.log" "$KEEP_LOG"
	depot_end || status=1
	return $status
}

# api METHOD PATH [BODY]: a request; leaves $code, $body (without its last newline) and $headers.
api() {
	local arguments=(-sg --path-as-is --max-time 30 --unix-socket "$SOCKET" -X "$1" -D "$BATS_TEST_TMPDIR/headers"
		-o "$BATS_TEST_TMPDIR/body" -w '%{http_code}')

	[ $# -lt 3 ] || arguments+=(--data-binary "$3" -H 'Content-Type: application/json')
	: >"$BATS_TEST_TMPDIR/body"
	code=$(curl "${arguments[@]}" "http://api$2") || true
	body=$(tr -d '\0' <"$BATS_TEST_TMPDIR/body")
	# shellcheck disable=SC2034 # for the caller
	headers=$(tr -d '\r' <"$BATS_TEST_TMPDIR/headers")
}

# expect CODE [BODY]: what the last api gave.
expect() {
	if [ "$code" != "$1" ] || { [ $# -gt 1 ] && [ "$body" != "$2" ]; }; then
		printf 'expected: %s %s\ngot:      %s %s\n' "$1" "${2:-}" "$code" "$body" >&2
		return 1
	fi
}

# expect_failure TEXT [TYPE]: an error envelope with status 500 and that very text.
expect_failure() {
	expect 500 "{\"Type\":\"${2:-}\",\"Message\":$(jq -cn --arg text "$1" '$text'),\"Handle\":\"\",\"ProcessID\":\"\",\"Binary\":\"\"}"
}

# new [MEMBERS]: a container with a name of its own in $handle; MEMBERS are more of its JSON.
new() {
	handle=guard-test-$GDN_TEST_RUN-$BATS_TEST_NUMBER-$RANDOM
	api POST /containers "{\"handle\":\"$handle\",\"rootfs\":\"raw://$ROOTFS\"${1:+,$1}}"
	expect 200 "{\"Handle\":\"$handle\"}"
}

# garden VERB ARGUMENTS...: the client for streams, test/tools/garden.c.
garden() {
	"$TOOLS/garden" -s "$SOCKET" "$@" 3>&- 4>&-
}

# await PID: waits for a client in the background; how it ended is in $status.
await() {
	status=0
	wait "$1" || status=$?
}

# sh_json SCRIPT [MEMBERS]: the body of a run request for a script.
sh_json() {
	jq -cn --arg script "$1" "{path: \"sh\", args: [\"-c\", \$script]${2:+, $2}}"
}

# raw [OPTIONS...]: sends standard input as it is; what comes back, with \r shown and dates made equal.
raw() {
	garden raw "$@" | sed -e 's/\r$/\\r/' -e 's/^Date: ..., .. ... .... ..:..:.. GMT/Date: now/'
	return "${PIPESTATUS[0]}"
}

# has_ended ID: there is an exit status.
has_ended() {
	[ -e "$DEPOT/$handle/processes/$1/exitcode" ]
}

# resident: the daemon's own memory in KiB; nothing in the flavour for the sanitizers, which use memory as they please.
resident() {
	[ -z "${SANITIZER_REPORTS:-}" ] || { echo 0 && return; }
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(guardian_pid)/status"
}

descriptors() {
	find "/proc/$(guardian_pid)/fd" -mindepth 1 | wc -l
}
