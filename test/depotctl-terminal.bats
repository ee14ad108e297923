#!/usr/bin/env bats
# depotctl run and attach with a terminal: the process's, and our own.

load helpers
load depotctl.bash

setup_file() { depotctl_setup_file; }
teardown_file() { depot_end; }
setup() { handle=$SHARED; }
teardown() { depotctl stop --kill "$SHARED"; }

# on_terminal SIZE [OPTIONS OF pty]... -- ARGS...: depotctl ARGS on a terminal of its own.
on_terminal() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$TOOLS/pty" "${options[@]}" -- "$BIN/depotctl" --depot "$DEPOT" "$@" </dev/null 3>&- 4>&-
}

# around [OPTIONS OF pty]... -- ARGS...: the same, with the state of the terminal printed before and after.
around() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$TOOLS/pty" 80x24 "${options[@]}" -- sh -c 'echo "before $(stty -g)"; "$@"; echo "status $?"; echo "after $(stty -g)"' \
		sh "$BIN/depotctl" --depot "$DEPOT" "$@" </dev/null 3>&- 4>&-
}

# The terminal was given back as it was, and the status was that.
assert_restored() {
	local before after

	assert_line "status $1"$'\r'
	before=$(sed -n 's/^.*before //p' <<<"$output")
	after=$(sed -n 's/^.*after //p' <<<"$output")
	[ -n "$before" ]
	assert_equal "$after" "$before"
}

@test "run -t: the process has a terminal of our size, which follows ours" {
	run on_terminal 100x30 -e 'ready' -r 120x40 -e 'size' -s 'q' -- run -t "$handle" \
		sh -c 'tty; stty size; trap "stty size; echo resized" WINCH; echo ready; stty raw -echo
			while [ "$(stty size)" != "40 120" ]; do sleep 0.02; done; echo size; head -c 1; stty size'
	assert_success
	assert_line --index 0 --partial /dev/pts/
	assert_line --index 1 $'30 100\r'
	assert_output --partial '40 120'
}

@test "run -t: --window sets a size that stays" {
	run on_terminal 100x30 -e ready -r 120x40 -s $'\n' -- run -t --window 33x11 "$handle" \
		sh -c 'stty size; echo ready; read line; stty size'
	assert_success
	assert_equal "$(grep -c '11 33' <<<"$output")" 2
}

@test "run -t: without a terminal of our own there is a size all the same" {
	run depotctl run -t "$handle" stty size </dev/null
	assert_output $'24 80\r'
	run depotctl run -t --window 40x20 "$handle" stty size </dev/null
	assert_output $'20 40\r'
	run depotctl run -t "$handle" sh -c 'read word; echo "got $word"' <<<parcel
	assert_output --partial 'got parcel'
}

@test "run -t: the end of an input that is no terminal is the end key" {
	for words in 'whole line\n' 'half a line'; do
		run timeout 20 bash -c "printf '$words' | '$BIN/depotctl' --depot '$DEPOT' run -t '$handle' sh -c 'cat; echo end'"
		assert_success
		assert_output --partial end
	done
}

@test "run -t: keys are bytes for the process, the interrupt key too" {
	run around -e ready -s $'\x03' -- run -t "$handle" sh -c 'trap "echo interrupted; exit 7" INT; echo ready
		while :; do sleep 0.02; done'
	assert_output --partial interrupted
	assert_restored 7
	run around -e ready -s $'\x1a' -- run -t "$handle" sh -c 'stty raw -echo; echo ready; head -c 1 | od -An -tx1; stty -raw'
	assert_output --partial 1a
	assert_restored 0
}

@test "run: without -t the interrupt key ends the process by its signal, through us" {
	run on_terminal 80x24 -e ready -s $'\x03' -- run "$handle" sh -c 'trap "echo interrupted; exit 7" INT; echo ready
		while :; do sleep 0.02; done'
	assert_failure 7
	assert_output --partial interrupted
}

@test "run: without -t lines come from our terminal, and its end key ends the input" {
	run around -e ready -s $'one\n' -e 'one' -s $'\x04' -- run "$handle" sh -c 'echo ready; cat; echo end'
	assert_output --partial end
	assert_restored 0
}

@test "run -t: the terminal is restored when the process ends, or could not be started" {
	run around -- run -t "$handle" sh -c 'exit 5'
	assert_restored 5
	run around -- run -t "$handle" no-such-program
	assert_restored 127
	run around -- run -t --user nobody-knows "$handle" true
	assert_restored 125
}

@test "run -t: the terminal is restored when a signal ends the process or us" {
	for name in HUP INT QUIT USR1 ALRM TERM; do
		signal_when_ready "raw-$name" -$name &
		run around -- run -t --id "raw-$name" "$handle" sh -c 'echo ready; exec sleep 1000'
		wait $!
		assert_restored $((128 + $(kill -l $name)))
	done
	# Faults, and signals that are not passed on.
	for name in SEGV BUS ABRT FPE ILL XCPU RTMIN+1; do
		signal_when_ready "fault-${name%+1}" "-$name" &
		run around -- run -t --id "fault-${name%+1}" "$handle" sh -c 'echo ready; exec sleep 1000'
		wait $!
		assert_restored $((128 + $(kill -l $name)))
	done
}

# signal_when_ready ID SIGNAL: to the depotctl that runs it, once its terminal is raw.
signal_when_ready() {
	eventually terminal_is_raw "$1"
	kill "$2" "$(client_of "$1")"
}

client_of() {
	pgrep -f "^$BIN/depotctl --depot $DEPOT run -t --id $1 "
}

terminal_is_raw() {
	local client

	client=$(client_of "$1") && stty -a <"/proc/$client/fd/0" | grep -q -- -icanon
}

@test "run -t: the terminal is restored when the shim or the container dies" {
	eventually_running() { eventually terminal_is_raw "$1"; }
	(eventually_running shimless && kill -KILL "$(depotctl --json ps "$handle" | jq '.[] | select(.id == "shimless") | .shim_pid')") &
	run around -- run -t --id shimless "$handle" sh -c 'echo ready; exec sleep 1000'
	wait $!
	assert_line --regexp $'^status [0-9]+\r$'
	assert_restored "$(sed -n 's/^status \([0-9]*\).*/\1/p' <<<"$output")"
	create
	(eventually_running doomed && depotctl destroy "$handle") &
	run around -- run -t --id doomed "$handle" sleep 1000
	wait $!
	assert_restored "$(sed -n 's/^status \([0-9]*\).*/\1/p' <<<"$output")"
}

@test "run -t: stopped and continued, it gives the terminal back meanwhile" {
	stop_and_go() {
		eventually terminal_is_raw paused
		client=$(client_of paused)
		kill -TSTP "$client"
		eventually grep -q '^State:.T' "/proc/$client/status"
		stty -a <"/proc/$client/fd/0" | grep -qw -- icanon || echo 'still raw'
		kill -CONT "$client"
		eventually terminal_is_raw paused
		depotctl signal "$handle" paused TERM
	}
	stop_and_go >"$SCRATCH/complaints" 2>&1 3>&- 4>&- &
	run around -- run -t --id paused "$handle" sleep 1000
	wait $!
	assert_equal "$(cat "$SCRATCH/complaints")" ''
	assert_restored 143
}

@test "run -t: ^P^Q leaves the process running, and attach comes back to it" {
	run around -e ready -s $'\x10\x11' -- run -t --id kept "$handle" sh -c 'echo ready; read word; echo "got $word"; exit 6'
	assert_restored 0
	state_is kept running
	run around -s $'parcel\n' -- attach "$handle" kept
	assert_output --partial 'got'
	assert_output --partial 'parcel'
	assert_restored 6
}

@test "attach: ^P^Q leaves, other keys with ^P do not" {
	depotctl run -d -t --window 44x22 --id keys "$handle" sh -c 'stty raw -echo; echo ready; head -c 4 | od -An -tx1; sleep 1000'
	run around -e ready -s $'\x10a\x10\x10' -e '10 61 10 10' -s $'\x11' -- attach "$handle" keys
	assert_restored 0
	state_is keys running
}

@test "attach: the process's terminal takes our size, unless we only look" {
	depotctl run -d -t --window 44x22 --id sized "$handle" \
		sh -c 'echo ready; while [ "$(stty size)" = "22 44" ]; do sleep 0.02; done; stty size; sleep 1000'
	run on_terminal 100x30 -e ready -s $'\x10\x11' -- attach --no-stdin "$handle" sized &
	eventually reader_of sized
	kill -HUP "$(reader_of sized)"
	wait
	state_is sized running
	run on_terminal 99x31 -e '31 99' -s $'\x10\x11' -- attach "$handle" sized
	assert_success
}

reader_of() {
	pgrep -f "^$BIN/depotctl --depot $DEPOT attach --no-stdin .* $1\$"
}

@test "run: standard output on a terminal that is not read makes only the process wait" {
	# ^S stops the terminal, ^Q lets it go on; the interrupt key reaches us meanwhile.
	run on_terminal 80x24 -e ready -s $'\x13' -s $'\x03' -- run "$handle" \
		sh -c 'echo ready; trap "" PIPE; while :; do echo 0123456789; done'
	assert_failure 130
}

@test "stream-in, stream-out: a terminal is refused" {
	run on_terminal 80x24 -- stream-out "$handle" /etc
	assert_failure 125
	assert_output --partial 'the archive goes to standard output, which is a terminal; redirect it'
	run on_terminal 80x24 -- stream-in "$handle" /tmp
	assert_failure 125
	assert_output --partial 'the archive is read from standard input, which is a terminal; redirect it'
}
