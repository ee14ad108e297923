#!/usr/bin/env bats
# depotctl run and attach: streams, signals, exit codes.

bats_require_minimum_version 1.5.0
load helpers
load depotctl.bash

setup_file() { depotctl_setup_file; }
teardown_file() { depot_end; }
setup() { handle=$SHARED; }
teardown() { end_all; }

# Nothing runs on into the next test.
end_all() {
	depotctl stop --kill "$SHARED"
}

# --- exit codes ---

@test "run: exits as the process does" {
	for code in 0 1 2 3 42 124 125 126 127 128 255; do
		run -"$code" depotctl run "$handle" sh -c "exit $code"
		assert_output ''
	done
	run depotctl run "$handle" sh -c 'kill -KILL $$'
	assert_failure 137
	run depotctl run "$handle" sh -c 'kill -TERM $$'
	assert_failure 143
}

@test "run: a program that is not there is 127, one that cannot be executed is 126" {
	for program in no-such-program /bin/no-such /no/such/dir/program ''; do
		run -127 depotctl run "$handle" "$program"
		assert_output --regexp '^depotctl: run: .'
	done
	for program in /etc/passwd /etc /tmp; do
		run depotctl run "$handle" "$program"
		assert_failure 126
		assert_output --regexp '^depotctl: run: .'
	done
}

@test "run: a failed run leaves no process" {
	before=$(depotctl ps -q "$handle")
	run -127 depotctl run "$handle" no-such-program
	run depotctl run --user nobody-knows "$handle" true
	assert_failure 125
	assert_output --partial nobody-knows
	run depotctl run --dir relative "$handle" true
	assert_failure 125
	assert_equal "$(depotctl ps -q "$handle")" "$before"
}

@test "run: an id is taken once" {
	depotctl run --id once "$handle" true
	run depotctl run --id once "$handle" true
	assert_failure 125
	assert_output --partial "process ID 'once' already in use"
}

# --- the process ---

@test "run: user, directory, environment and limits are the process's" {
	run depotctl run -u alice -w /tmp/new/dir -e COLOUR=green --env 'WORDS=two words' --rlimit nofile=77 --rlimit core=0 \
		--rlimit cpu=unlimited "$handle" sh -c 'id -un; pwd; echo $COLOUR $WORDS; ulimit -n; ulimit -c; ulimit -t'
	assert_success
	assert_output "$(printf '%s\n' alice /tmp/new/dir 'green two words' 77 0 unlimited)"
	run depotctl run --user 1001:1011 "$handle" id -g
	assert_output 1011
}

@test "run: arguments reach the process as they are" {
	run depotctl run "$handle" printf '%s|' --json -t 'two words' '' "it's" '*' --
	assert_output "--json|-t|two words||it's|*|--|"
	run depotctl run "$handle" -- echo -n x
	assert_output x
	run depotctl run --id dashes "$handle" -- echo -- x
	assert_output -- '-- x'
}

@test "run: the process directory stays until it is forgotten" {
	depotctl run --id stays "$handle" true
	[ -d "$(process_dir stays)" ]
	run depotctl run --id goes --forget "$handle" sh -c 'exit 4'
	assert_failure 4
	[ ! -e "$(process_dir goes)" ]
}

# --- streams ---

@test "run: output and errors stay apart" {
	depotctl run "$handle" sh -c 'echo out; echo err >&2' >"$SCRATCH/out" 2>"$SCRATCH/err"
	assert_equal "$(cat "$SCRATCH/out")" out
	assert_equal "$(cat "$SCRATCH/err")" err
}

# noise BYTES: a file of random bytes.
noise() {
	head -c "$1" /dev/urandom >"$SCRATCH/noise"
}

@test "run: every byte passes through, from and to files, pipes and sockets" {
	noise 3000001
	depotctl run "$handle" cat <"$SCRATCH/noise" >"$SCRATCH/copy"
	cmp "$SCRATCH/noise" "$SCRATCH/copy"
	# shellcheck disable=SC2002
	cat "$SCRATCH/noise" | depotctl run "$handle" cat | cmp "$SCRATCH/noise" -
	depotctl run "$handle" sh -c 'cat >&2' <"$SCRATCH/noise" 2>"$SCRATCH/copy"
	cmp "$SCRATCH/noise" "$SCRATCH/copy"
	# Appending: splice does not do that.
	echo first >"$SCRATCH/copy"
	depotctl run "$handle" cat <"$SCRATCH/noise" >>"$SCRATCH/copy"
	(echo first && cat "$SCRATCH/noise") | cmp - "$SCRATCH/copy"
	socat -u "SYSTEM:'$BIN/depotctl' --depot '$DEPOT' run '$handle' cat <'$SCRATCH/noise'" "CREATE:$SCRATCH/copy" 3>&- 4>&-
	cmp "$SCRATCH/noise" "$SCRATCH/copy"
	socat -u "OPEN:$SCRATCH/noise" "SYSTEM:'$BIN/depotctl' --depot '$DEPOT' run '$handle' cat >'$SCRATCH/copy'" 3>&- 4>&-
	cmp "$SCRATCH/noise" "$SCRATCH/copy"
}

@test "run: the end of input is the end of the process's input" {
	run timeout 20 bash -c "printf abc | '$BIN/depotctl' --depot '$DEPOT' run '$handle' sh -c 'cat; echo end'"
	assert_output abcend
	run timeout 20 "$BIN/depotctl" --depot "$DEPOT" run "$handle" cat </dev/null
	assert_success
	run timeout 20 bash -c "'$BIN/depotctl' --depot '$DEPOT' run '$handle' cat <&-"
	assert_success
}

@test "run: a process that reads nothing does not keep us" {
	run timeout 20 bash -c "yes | '$BIN/depotctl' --depot '$DEPOT' run '$handle' sh -c 'sleep 0.3; exit 5'"
	assert_failure 5
	mkfifo "$SCRATCH/silent"
	exec 5<>"$SCRATCH/silent"
	run timeout 20 "$BIN/depotctl" --depot "$DEPOT" run "$handle" sh -c 'exit 6' <&5
	exec 5>&-
	assert_failure 6
}

@test "run: children that keep the output open do not keep us" {
	run timeout 20 "$BIN/depotctl" --depot "$DEPOT" run "$handle" sh -c 'sleep 1000 & echo done'
	assert_success
	assert_output 'done'
	run timeout 20 "$BIN/depotctl" --depot "$DEPOT" run "$handle" sh -c '(while :; do echo noise; done) & sleep 0.2; exit 9'
	assert_failure 9
}

@test "run: the output of a process that has ended is whole, however slow its reader" {
	depotctl run "$handle" head -c 60000 /dev/zero | (
		sleep 1
		wc -c
	) >"$SCRATCH/count"
	assert_equal "$(cat "$SCRATCH/count")" 60000
}

@test "run: a full output makes the process wait, while signals still pass" {
	mkfifo "$SCRATCH/full"
	"$BIN/depotctl" --depot "$DEPOT" run --id flood "$handle" \
		sh -c 'while :; do echo 0123456789; done' >"$SCRATCH/full" </dev/null 3>&- 4>&- &
	pid=$!
	exec 5<"$SCRATCH/full"
	eventually test -s "$(process_dir flood)/pidfile"
	eventually waits_in_write "$(cat "$(process_dir flood)/pidfile")"
	kill -TERM $pid # for the process
	eventually state_is flood ended
	alive $pid      # it waits for us to read the rest
	kill -TERM $pid # for depotctl itself
	ended $pid
	exec 5<&-
	assert_equal "$status" 143
}

waits_in_write() {
	[ "$(cut -d' ' -f1 "/proc/$1/syscall")" = 1 ]
}

@test "run: when nobody takes the output the process is left waiting, and its output for the next" {
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' run --id left '$handle' sh -c 'seq 100000; exit 8' | head -n 1
		exit \${PIPESTATUS[0]}"
	assert_failure 141
	assert_output 1
	state_is left running
	run depotctl attach "$handle" left
	assert_failure 8
	assert_line --index -1 100000
}

@test "run: an output that cannot be written is said, and is our failure" {
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' run '$handle' echo x >/dev/full"
	assert_failure 125
	assert_output 'depotctl: run: write standard output: no space left on device'
}

@test "run: the flags of our own open files stay as they are" {
	# O_NONBLOCK set on a pipe or terminal would reach everybody else who has it.
	mkfifo "$SCRATCH/in" "$SCRATCH/flags"
	exec 6<>"$SCRATCH/in"
	"$BIN/depotctl" --depot "$DEPOT" run --id flags "$handle" sh -c 'echo ready; read line' \
		<&6 >"$SCRATCH/out" 2>"$SCRATCH/err" 3>&- 4>&- &
	pid=$!
	eventually said ready
	assert_equal "$(awk '/flags/ { print substr($2, length($2) - 3, 1) }' /proc/$pid/fdinfo/0)" \
		"$(awk '/flags/ { print substr($2, length($2) - 3, 1) }' /proc/self/fdinfo/6 6<&6)"
	echo go >&6
	ended $pid
	exec 6<&-
	assert_equal "$status" 0
}

# --- signals ---

@test "run: passes signals on to the process" {
	for name in HUP INT QUIT USR1 USR2 ALRM TERM; do
		background run --id "passes-$name" "$handle" \
			sh -c "trap 'echo got $name; exit 9' $name; echo ready; while :; do sleep 0.02; done"
		eventually said ready
		kill -$name $pid
		ended $pid
		assert_equal "$name $status" "$name 9"
		said "got $name"
	done
}

@test "run: a signal that ends the process ends us with its code" {
	background run --id killed "$handle" sh -c 'echo ready; exec sleep 1000'
	eventually said ready
	kill -TERM $pid
	ended $pid
	assert_equal "$status" 143
}

@test "run: a signal that comes while the process is being started is not lost" {
	background run --id early "$handle" sleep 1000
	eventually test -e "$(process_dir early)"
	kill -INT $pid
	ended $pid
	assert_equal "$status" 130
}

@test "run: killed, it leaves the process running and its output waiting" {
	background run --id survivor "$handle" sh -c 'echo one; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo two; exit 3'
	eventually said one
	kill -KILL $pid
	ended $pid
	touch "$ROOTFS/tmp/go"
	run depotctl attach "$handle" survivor
	rm "$ROOTFS/tmp/go"
	assert_failure 3
	assert_output two
}

# --- detached ---

@test "run -d: prints the id and leaves the process running" {
	run depotctl run -d "$handle" sleep 1000
	assert_success
	assert_output --regexp '^[0-9a-f-]{36}$'
	state_is "$output" running
	run depotctl run --json --detach --id named "$handle" sleep 1000
	assert_output "{\"handle\":\"$handle\",\"id\":\"named\"}"
}

@test "run -d: input is at its end, unless -i keeps it for an attach" {
	depotctl run -d --id without "$handle" sh -c 'cat; exit 3'
	run depotctl wait --timeout 10 "$handle" without
	assert_failure 3
	depotctl run -d -i --id with "$handle" sh -c 'read word; echo "got $word"; exit 4'
	run depotctl wait --timeout 1 "$handle" with
	assert_failure 125
	run depotctl attach "$handle" with <<<parcel
	assert_failure 4
	assert_output 'got parcel'
}

# --- attach ---

@test "attach: output that waits comes first, then what follows, and the exit code" {
	depotctl run -d --id later "$handle" sh -c 'echo early; echo error >&2; while [ ! -e /tmp/later ]; do sleep 0.02; done
		echo late; exit 7'
	background attach "$handle" later
	eventually said early
	touch "$ROOTFS/tmp/later"
	ended $pid
	rm "$ROOTFS/tmp/later"
	assert_equal "$status" 7
	assert_equal "$(cat "$SCRATCH/out")" "$(printf '%s\n' early late)"
	assert_equal "$(cat "$SCRATCH/err")" error
}

@test "attach: what a process left when it ended can be had, once" {
	depotctl run -d --id past "$handle" sh -c 'echo last words; exit 5'
	run depotctl wait "$handle" past
	run depotctl attach "$handle" past
	assert_failure 5
	assert_output 'last words'
	run depotctl attach "$handle" past
	assert_failure 5
	assert_output ''
}

@test "attach: one at a time has the output" {
	depotctl run -d --id wanted "$handle" sh -c 'echo ready; sleep 1000'
	background attach "$handle" wanted
	eventually said ready
	run depotctl attach "$handle" wanted
	assert_failure 125
	assert_output --partial 'somebody else is attached'
	kill -HUP $pid
	ended $pid
	background attach "$handle" wanted
	eventually reads_output_of wanted
	state_is wanted running
	kill -HUP $pid
	ended $pid
}

# reads_output_of ID: $pid is attached to it.
reads_output_of() {
	find "/proc/$pid/fd" -lname "*/processes/$1/stderr" | grep -q .
}

@test "attach: --no-stdin passes no input on, and no end of it" {
	depotctl run -d -i --id reads "$handle" sh -c 'read word; echo "got $word"'
	"$BIN/depotctl" --depot "$DEPOT" attach --no-stdin "$handle" reads <<<lost 3>&- 4>&- &
	pid=$!
	eventually reads_output_of reads
	kill -HUP $pid
	ended $pid
	assert_equal "$status" 129
	state_is reads running
	run depotctl attach "$handle" reads <<<found
	assert_success
	assert_output 'got found'
}

@test "attach: signals reach the process, but a hang-up only ends the attachment" {
	depotctl run -d -i --id handler "$handle" \
		sh -c 'trap "echo got INT; exit 9" INT; trap "echo got HUP" HUP; echo ready; while :; do sleep 0.02; done'
	background attach --no-stdin "$handle" handler
	eventually said ready
	kill -HUP $pid
	ended $pid
	assert_equal "$status" 129
	background attach --no-stdin "$handle" handler
	eventually reads_output_of handler
	kill -INT $pid
	ended $pid
	assert_equal "$status" 9
	assert_equal "$(cat "$SCRATCH/out")" 'got INT'
}

@test "attach: when nobody takes its output the process goes on" {
	depotctl run -d --id chatter "$handle" sh -c 'while :; do echo chatter; sleep 0.02; done'
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' attach '$handle' chatter </dev/null | head -n 1; exit \${PIPESTATUS[0]}"
	assert_failure 141
	assert_output chatter
	state_is chatter running
}

@test "attach: --forget removes the process's directory after its end, not after a hang-up" {
	depotctl run -d --id forgotten "$handle" sh -c 'echo words; sleep 1000'
	background attach --forget --no-stdin "$handle" forgotten
	eventually said words
	kill -HUP $pid
	ended $pid
	[ -d "$(process_dir forgotten)" ]
	depotctl signal "$handle" forgotten KILL
	run depotctl attach --forget "$handle" forgotten
	assert_failure 137
	[ ! -e "$(process_dir forgotten)" ]
}

@test "attach: the death of the shim does not end it" {
	depotctl run -d --id adopted "$handle" sh -c 'echo one; while [ ! -e /tmp/adopted ]; do sleep 0.02; done; echo two; exit 6'
	background attach --no-stdin "$handle" adopted
	eventually said one
	kill -KILL "$(depotctl --json ps "$handle" | jq '.[] | select(.id == "adopted") | .shim_pid')"
	eventually state_is adopted running
	touch "$ROOTFS/tmp/adopted"
	ended $pid
	rm "$ROOTFS/tmp/adopted"
	assert_equal "$(cat "$SCRATCH/out")" "$(printf '%s\n' one two)"
	# The kernel keeps the status of a process that is not the new shim's child only on recent versions.
	[ "$status" -eq 6 ] || grep -q 'exit status is lost' "$SCRATCH/err"
}

# --- a container of its own ---

@test "run --rm: makes a container for the command and destroys it" {
	run depotctl run --rm --rootfs "$ROOTFS" --hostname box --pids 50 sh -c 'hostname; cat; exit 12' <<<input
	assert_failure 12
	assert_output "$(printf '%s\n' box input)"
	run depotctl run --rm --rootfs "$ROOTFS" --handle "$SHARED-rm" -- echo x
	assert_output x
	assert_equal "$(depotctl list -q)" "$SHARED"
}

@test "run --rm: the container goes whatever happens" {
	run -127 depotctl run --rm --rootfs "$ROOTFS" no-such-program
	run depotctl run --rm --rootfs "$ROOTFS" --user nobody-knows true
	assert_failure 125
	run depotctl run --rm --rootfs /nowhere true
	assert_failure 125
	for name in INT TERM HUP; do
		background run --rm --handle "$SHARED-rm" --rootfs "$ROOTFS" sh -c 'echo ready; exec sleep 1000'
		eventually said ready
		kill -$name $pid
		ended $pid
		assert_equal "$name $status" "$name $((128 + $(kill -l $name)))"
	done
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' run --rm --rootfs '$ROOTFS' yes | head -n 1; exit \${PIPESTATUS[0]}"
	assert_failure 141
	assert_output y
	assert_equal "$(depotctl list -q)" "$SHARED"
}

@test "run --rm: a handle that is taken is refused, and its container stays" {
	run depotctl run --rm --handle "$SHARED" --rootfs "$ROOTFS" true
	assert_failure 125
	assert_equal "$(depotctl run "$SHARED" echo alive)" alive
}
