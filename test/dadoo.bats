#!/usr/bin/env bats
# dadoo, with nothing around it: the tests are its caller and its clients. Where it is about the runtime or the process it is
# the real thing in a real container; test/fakes/dadoo-runtime does what a real runtime rarely does.

load helpers
load dadoo

setup_file() {
	depot_begin
	container_begin runc
	container_begin crun
}

teardown_file() {
	container_end runc
	container_end crun
	depot_end
}

teardown() {
	end_processes
}

# Command line -----------------------------------------------------------------------------------------------------------

@test "dadoo: a command line that it does not understand is refused with status 2" {
	new_process
	run "$BIN/dadoo" exec runc "$P"
	assert_equal "$status" 2
	run "$BIN/dadoo" -nonsense exec runc "$P" box
	assert_equal "$status" 2
	run "$BIN/dadoo" start runc "$P" box
	assert_equal "$status" 2
	run "$BIN/dadoo" -runc-root
	assert_equal "$status" 2
	assert_output --partial usage:
}

@test "dadoo: options are taken with one dash or two, with = or without" {
	local form

	for form in "-runc-root /r" "-runc-root=/r" "--runc-root /r" "--runc-root=/r"; do
		new_process
		attach
		fake_runtime 'exit 1'
		# shellcheck disable=SC2086  # words
		start_dadoo $form exec "$fake" "$P" box
		await_dadoo
		drop_input
		assert_equal "$(head -n 2 "$FAKE/argv" | xargs)" "--root /r"
	done
}

# The argv that the runtime got, on one line, with what varies replaced.
runtime_argv() {
	xargs <"$FAKE/argv" | sed -e "s,/proc/$dadoo,/proc/DADOO,g" -e "s,$P,DIR,g" -e 's,/dadoo\.[^/]*/,/dadoo.X/,g'
}

@test "dadoo: the runtime gets exactly the arguments of the protocol, for exec" {
	new_process
	attach
	fake_runtime 'exit 1'
	start_dadoo -runc-root /run/root exec "$fake" "$P" box
	await_dadoo
	assert_equal "$(runtime_argv)" "--root /run/root --debug --log /proc/DADOO/fd/4 --log-format json exec --detach\
 --pid-file DIR/pidfile -p /proc/DADOO/fd/0 box"
}

@test "dadoo: the runtime gets exactly the arguments of the protocol, for exec on a terminal" {
	new_process
	attach
	fake_runtime 'exit 1'
	mkdir "$P.tmp"
	TMPDIR=$P.tmp start_dadoo -runc-root /run/root -tty exec "$fake" "$P" box
	await_dadoo
	assert_equal "$(runtime_argv)" "--root /run/root --debug --log /proc/DADOO/fd/4 --log-format json exec --detach\
 --pid-file DIR/pidfile -p /proc/DADOO/fd/0 --tty --console-socket DIR.tmp/dadoo.X/tty.sock box"
}

@test "dadoo: the runtime gets exactly the arguments of the protocol, for run" {
	new_process
	attach
	fake_runtime 'exit 1'
	start_dadoo -runc-root "" run "$fake" "$P" pea
	await_dadoo
	assert_equal "$(runtime_argv)" "--debug --log /proc/DADOO/fd/4 --log-format json run --detach\
 --pid-file DIR/pidfile --no-new-keyring --bundle DIR pea"
}

@test "dadoo: the runtime gets exactly the arguments of the protocol, for run on a terminal" {
	new_process
	attach
	fake_runtime 'exit 1'
	mkdir "$P.tmp"
	start_dadoo -tty -socket-dir-path "$P.tmp" run "$fake" "$P" pea
	await_dadoo
	assert_equal "$(runtime_argv)" "--debug --log /proc/DADOO/fd/4 --log-format json run --detach\
 --pid-file DIR/pidfile --no-new-keyring --bundle DIR --console-socket DIR.tmp/dadoo.X/tty.sock pea"
}

# What the runtime inherits ----------------------------------------------------------------------------------------------

@test "dadoo: the runtime has the FIFOs as 0, 1 and 2, blocking, and no other descriptor" {
	new_process
	attach
	exec 77<>"$P/stdin" # a careless caller
	fake_runtime 'exit 1'
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	exec 77>&-
	# The output ends are open for reading too: whoever writes to them never meets SIGPIPE, whatever dies.
	assert_equal "$(sed "s,$P,DIR," "$FAKE/descriptors")" "0 DIR/stdin 00
1 DIR/stdout 02
2 DIR/stderr 02"
}

@test "dadoo: the runtime of a process with a terminal has /dev/null as 0, 1 and 2, and no other descriptor" {
	new_process
	attach
	fake_runtime 'exit 1'
	start_dadoo -tty exec "$fake" "$P" box
	await_dadoo
	assert_equal "$(sed "s,$P,DIR," "$FAKE/descriptors")" "0 /dev/null 02
1 /dev/null 02
2 /dev/null 02"
}

@test "dadoo: the runtime starts with default signals, whatever dadoo's caller ignored" {
	new_process
	attach
	fake_runtime 'exit 1'
	(
		trap '' HUP INT PIPE USR1 TERM CHLD
		start_dadoo exec "$fake" "$P" box
		wait "$dadoo" || true
	)
	assert_equal "$(grep ^Sig "$FAKE/state" | cut -f2 | xargs)" "0000000000000000 0000000000000000"
}

@test "dadoo: the runtime has the caller's umask, directory and environment" {
	new_process
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime 'echo "$CALLER" >"$FAKE/caller"; exit 1'
	(
		umask 027
		cd /usr
		CALLER=me start_dadoo exec "$fake" "$P" box
		wait "$dadoo" || true
	)
	assert_equal "$(head -n 2 "$FAKE/state" | xargs) $(cat "$FAKE/caller")" "umask 0027 cwd /usr me"
}

@test "dadoo: the runtime is in dadoo's process group, and dies with it" {
	new_process
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime 'echo $$ >"$FAKE/pid"; exec sleep 1000'
	start_dadoo exec "$fake" "$P" box
	eventually test -s "$FAKE/pid"
	assert_equal "$(ps -o pgid= "$(cat "$FAKE/pid")" | xargs)" "$dadoo"
	kill -KILL -- "-$dadoo"
	eventually ended "$(cat "$FAKE/pid")"
	eventually ended "$dadoo"
	[ ! -e "$P/exitcode" ]
}

@test "dadoo: a process of a container is in a session of its own" {
	new_process
	attach
	start_process sleep 1000
	assert_equal "$(ps -o sid= "$(pid_of_process)" | xargs)" "$(pid_of_process)"
	assert_equal "$(ps -o ppid= "$(pid_of_process)" | xargs)" "$dadoo"
}

# Bytes and order --------------------------------------------------------------------------------------------------------

@test "dadoo: tells the caller with a byte 0 that it has its ends, and with another that the runtime succeeded" {
	run_process true
	assert_equal "$(byte "$P.ready") $(byte "$P.status")" "00 00"
}

@test "dadoo: opens its ends in order, each as soon as somebody has the other one, and then says so" {
	new_process
	fake_runtime 'exit 1'
	start_dadoo exec "$fake" "$P" box
	eventually test -e "$P/shim"
	exec {input}<>"$P/stdin"
	eventually has_open "$P/stdin"
	exit_released
	[ ! -s "$P.ready" ]
	cat "$P/stdout" >/dev/null 3>&- 4>&- &
	readers=$!
	eventually has_open "$P/stdout"
	exit_released
	[ ! -s "$P.ready" ]
	cat "$P/stderr" >/dev/null 3>&- 4>&- &
	readers+=" $!"
	await_dadoo
	drop_input
	assert_equal "$(byte "$P.ready") $(byte "$P.status")" "00 01"
}

@test "dadoo: leaves who it is before its first open, so that a stuck one can be found" {
	new_process
	start_dadoo exec false "$P" box
	eventually test -e "$P/shim"
	assert_equal "$(cat "$P/shim")" "$(identity "$dadoo")"
	assert_equal "$(stat -c %a "$P/shim")" 600
}

@test "dadoo: waits for its caller's ends as long as there is a caller, and starts nothing when it is gone" {
	new_process
	fake_runtime 'exit 1'
	mkfifo "$P.pipe"
	exec {caller}<>"$P.pipe" {ready_end}>"$P.pipe"
	ready="&$ready_end" start_dadoo exec "$fake" "$P" box
	exec {ready_end}>&-
	eventually test -e "$P/shim"
	sleep 0.6 # more than one look at the caller
	alive "$dadoo"
	exec {caller}>&-
	await_dadoo
	assert_equal "$exited" 2
	assert_equal "$(cat "$P.log")" "open $P/stdin: the caller is gone"
	[ ! -e "$FAKE/argv" ]
}

@test "dadoo: closes the runtime's log before it tells how the runtime ended" {
	new_process
	attach
	fake_runtime 'exit 5'
	mkfifo "$P.status-pipe" "$P.log-pipe"
	exec {status_end}<>"$P.status-pipe"
	head -c 65536 /dev/zero >&"$status_end" # full: the byte has to wait
	cat "$P.log-pipe" >/dev/null 3>&- 4>&- &
	log_reader=$!
	status=$P.status-pipe runtime_log=$P.log-pipe start_dadoo exec "$fake" "$P" box
	eventually ended "$log_reader"
	alive "$dadoo"
	head -c 65536 "$P.status-pipe" >/dev/null
	await_dadoo
	assert_equal "$(head -c 1 <&"$status_end" | od -An -tx1 | xargs) $exited" "05 3"
	exec {status_end}>&-
}

@test "dadoo: goes on when its caller is gone, and says on its descriptor 2 what it could not tell" {
	new_process
	attach
	mkfifo "$P.pipe"
	exec {reader}<>"$P.pipe" {broken}>"$P.pipe" {reader}>&-
	exec_spec sh -c 'echo done; exit 9'
	status="&$broken" ready="&$broken" spec=$P.spec start_dadoo exec runc "$P" "$(container runc)"
	exec {broken}>&-
	await_dadoo
	drop_input
	assert_equal "$(cat "$P.out" "$P/exitcode")" $'done\n9'
	assert_equal "$(cat "$P.warnings")" "Failed to write to sync pipe: broken pipe
Failed to write exit code to pipe: broken pipe"
}

@test "dadoo: does without descriptors that it was not given" {
	new_process
	attach
	fake_runtime 'start sh -c "echo out; exit 6"'
	status='&-' ready='&-' runtime_log='&-' start_dadoo exec "$fake" "$P" box
	await_dadoo
	drop_input
	assert_equal "$exited$(cat "$P.log" "$P.warnings")" 6
	assert_equal "$(cat "$P.out")" out
}

# How a start can end ----------------------------------------------------------------------------------------------------

@test "dadoo: a FIFO that is missing is named, before anybody is told that it is ready" {
	local name

	for name in stdin stdout stderr exit; do
		new_process
		rm "$P/$name"
		case $name in
		stdout) exec {input}<>"$P/stdin" ;;
		stderr) exec {input}<>"$P/stdin" {output}<>"$P/stdout" ;;
		exit) hold_streams ;;
		esac
		start_dadoo exec runc "$P" box
		await_dadoo
		assert_equal "$exited $(cat "$P.log")" "2 open $P/$name: no such file or directory"
		assert_equal "$(cat "$P.ready" "$P.status" "$P.warnings")" ""
	done
	drop_streams
}

@test "dadoo: a missing winsz matters to a terminal only, and is told after the byte" {
	new_process
	rm "$P/winsz"
	attach
	start_dadoo -tty exec runc "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.ready")$(byte "$P.status") $(cat "$P.log")" \
		"2 00 open $P/winsz: no such file or directory"
}

@test "dadoo: a process directory that is missing is named" {
	P=$SCRATCH/nowhere
	start_dadoo exec runc "$P" box
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 open $P: no such file or directory"
}

@test "dadoo: a runtime that cannot be started is byte 2, with the reason, and status 2" {
	new_process
	attach
	start_dadoo exec /nonsense/runtime "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.status") $(cat "$P.log")" "2 02 exec /nonsense/runtime: no such file or directory"
	[ ! -e "$P/exitcode" ]
}

@test "dadoo: a runtime that fails is a byte with its status, and status 3" {
	local code

	for code in 1 2 254 255; do
		new_process
		attach
		fake_runtime "exit $code"
		start_dadoo exec "$fake" "$P" box
		await_dadoo
		drop_input
		assert_equal "$exited $(byte "$P.status")$(cat "$P.log" "$P.warnings")" "3 $(printf %02x $code)"
		[ ! -e "$P/exitcode" ]
	done
}

@test "dadoo: a runtime that is killed is byte 255, and status 3" {
	new_process
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime 'kill -KILL $$'
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.status")$(cat "$P.log")" "3 ff"
}

@test "dadoo: a runtime that succeeds without a pid file, or with one that makes no sense, is status 2 with the reason" {
	new_process
	attach
	fake_runtime 'exit 0'
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	drop_input
	assert_equal "$exited $(byte "$P.status") $(cat "$P.log")" "2 00 open $P/pidfile: no such file or directory"
	new_process
	attach
	fake_runtime 'leave_pid nonsense'
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.status") $(cat "$P.log")" "2 00 parse $P/pidfile: not a process id"
}

@test "dadoo: what the real runtime has to say is in its log and, without a terminal, in stderr" {
	new_process
	attach
	exec_spec /nonsense
	spec=$P.spec start_dadoo -runc-root "" exec runc "$P" "$(container runc)"
	await_dadoo
	eventually contains "$P.err" "exec failed"
	assert_equal "$exited $(byte "$P.status")" "3 ff"
	jq -es '.[-1] | .level == "error" and (.msg | contains("/nonsense"))' "$P.runtime-log"
}

# The process's end ------------------------------------------------------------------------------------------------------

@test "dadoo: every exit status of a process is recorded, in decimal, for root alone" {
	local code exited

	new_process
	hold_streams
	cat >"$P.runtime" <<-'END'
		#!/bin/sh
		setsid --fork sh -c 'printf %s $$ >"$0.new" && mv "$0.new" "$0"; exit $CODE' "$9"
		until [ -e "$9" ]; do :; done
	END
	chmod +x "$P.runtime"
	for code in $(seq 0 255); do
		rm -f "$P/exitcode" "$P/pidfile"
		exited=0
		CODE=$code timeout 10 "$BIN/dadoo" exec "$P.runtime" "$P" box </dev/null >"$P.log" 2>&1 3>&- 4>&- || exited=$?
		[ "$exited $(<"$P/exitcode")" = "$code $code" ] || fail "$code: $exited $(cat "$P/exitcode" "$P.log")"
	done
	drop_streams
	assert_equal "$(stat -c '%a %s' "$P/exitcode")" "600 3"
}

@test "dadoo: death by a signal leaves 128 plus its number" {
	local number

	ulimit -c 0
	new_process
	hold_streams
	for number in 1 2 3 6 9 11 13 15 31 34 64; do
		rm -f "$P/exitcode" "$P/pidfile"
		fake_runtime "start sh -c 'kill -$number \$\$'"
		start_dadoo exec "$fake" "$P" box
		await_dadoo
		assert_equal "$number $exited $(cat "$P/exitcode")" "$number $((128 + number)) $((128 + number))"
	done
	drop_streams
}

@test "dadoo: runs a process in a container of either runtime, with its streams and its exit status" {
	local runtime

	for runtime in runc crun; do
		run_process --with $runtime sh -c 'echo out; echo err >&2; exit 24'
		assert_equal "$runtime $exited $(cat "$P/exitcode" "$P.out" "$P.err" | xargs)" "$runtime 24 24out err"
	done
}

@test "dadoo: a process that has ended before the runtime has is not missed" {
	new_process
	attach
	fake_runtime <<-'END'
		start sh -c "exit 77"
		until grep -q "State:.*Z" "/proc/$(cat "$pid_file")/status"; do :; done
	END
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "77 77"
}

@test "dadoo: a status is not lost when the caller ignored SIGCHLD" {
	new_process
	attach
	fake_runtime 'start sh -c "exit 5"'
	(
		trap '' CHLD
		start_dadoo exec "$fake" "$P" box
		wait "$dadoo" || true
	)
	eventually test -e "$P/exitcode"
	assert_equal "$(cat "$P/exitcode")" 5
}

@test "dadoo: reaps whatever becomes its child" {
	new_process
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime <<-'END'
		start sleep 1000
		for number in 1 2 3; do
			sh -c 'echo $$ >>"$FAKE/others"; until [ -e "$FAKE/go" ]; do sleep 0.01; done' &
		done
		until [ "$(wc -l <"$FAKE/others")" = 3 ]; do :; done
	END
	start_dadoo exec "$fake" "$P" box
	eventually test -s "$P.status"
	touch "$FAKE/go"
	eventually gone $(cat "$FAKE/others")
	alive "$dadoo"
	[ ! -e "$P/exitcode" ]
}

@test "dadoo: follows a process that is not its child too" {
	new_process
	attach
	sh -c 'read line; exit 42' <"$P/stdin" 3>&- 4>&- &
	stranger=$!
	fake_runtime "leave_pid $stranger"
	start_dadoo exec "$fake" "$P" box
	eventually test -e "$P/started"
	echo go >&"$input"
	eventually test -e "$P/exitcode"
	assert_equal "$(cat "$P/exitcode")" 42
}

@test "dadoo: exit ends only when exitcode is there" {
	local round

	for round in $(seq 8); do
		new_process
		attach
		fake_runtime 'start sh -c "read line; exit 8"'
		start_dadoo exec "$fake" "$P" box
		eventually test -s "$P.status"
		exit_held
		exec {waiter}<"$P/exit"
		echo go >&"$input"
		head -c 1 <&"$waiter"
		[ "$(cat "$P/exitcode")" = 8 ] || fail "round $round: no exitcode"
		exec {waiter}<&-
		drop_input
	done
}

@test "dadoo: the outputs end only when exitcode is there" {
	local round

	for round in $(seq 8); do
		new_process
		hold_streams
		fake_runtime 'start sh -c "echo x; read line; exit 8"'
		start_dadoo exec "$fake" "$P" box
		eventually test -s "$P.status"
		echo go >&"$input"
		[ "$(cat <&"$output")" = x ]
		[ "$(cat "$P/exitcode")" = 8 ] || fail "round $round: no exitcode"
		drop_streams
	done
}

@test "dadoo: a directory that went away under it is status 2, with the reason" {
	new_process
	attach
	start_process sh -c 'read line'
	rm -rf "$P"
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 open $P/exitcode: no such file or directory"
}

@test "dadoo: SIGTERM ends it at once, without a status, and not the process" {
	new_process
	attach
	start_process sleep 1000
	kill -TERM "$dadoo"
	await_dadoo
	assert_equal "$exited" 143
	alive "$(pid_of_process)"
	[ ! -e "$P/exitcode" ]
	exit_released
}

@test "dadoo: survives being stopped and continued" {
	new_process
	attach
	start_process sh -c 'read line; exit 3'
	kill -STOP "$dadoo"
	eventually grep -q 'State:.T' "/proc/$dadoo/status"
	kill -CONT "$dadoo"
	eventually grep -q 'State:.S' "/proc/$dadoo/status"
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "3 3"
}

# Life in the directory --------------------------------------------------------------------------------------------------

@test "dadoo: a second one on the same directory refuses" {
	new_process
	attach
	start_process sleep 1000
	first=$dadoo
	start_dadoo exec runc "$P" "$(container runc)"
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 lock $P: another dadoo holds it"
	assert_equal "$(cat "$P/shim")" "$(identity "$first")"
	alive "$first"
}

@test "dadoo: somebody who only looks whether there is a dadoo does not keep it from starting" {
	new_process
	attach
	fake_runtime 'exit 1'
	flock --shared "$P" sleep 0.3 3>&- 4>&- &
	eventually flock_taken
	start_dadoo exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited$(cat "$P.log")" 3
}

flock_taken() {
	! flock --exclusive --nonblock "$P" true
}

@test "dadoo: its lock is held until it is gone, by nobody else" {
	new_process
	attach
	start_process sleep 1000
	flock_taken
	kill -KILL "$dadoo"
	eventually ended "$dadoo"
	flock --exclusive --nonblock "$P" true
	alive "$(pid_of_process)"
}

@test "dadoo: leaves who the process is" {
	new_process
	attach
	start_process sleep 1000
	eventually test -e "$P/started"
	assert_equal "$(cat "$P/started")" "$(identity "$(pid_of_process)")"
}

@test "dadoo: lets go of the process's spec once the process runs" {
	new_process
	attach
	start_process sleep 1000
	eventually has_open /dev/null
	! has_open "$P.spec"
}

@test "dadoo: has no privileges and few system calls while it waits" {
	local options

	for options in "" --tty; do
		new_process
		attach
		# shellcheck disable=SC2086  # a word or none
		start_process $options sleep 1000
		eventually test "$(status_field "$dadoo" Seccomp)" = 2
		assert_equal "$(for name in NoNewPrivs CapInh CapPrm CapEff CapBnd CapAmb; do status_field "$dadoo" $name; done | xargs)" \
			"1 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		drop_input
	done
}

# Streams ----------------------------------------------------------------------------------------------------------------

@test "dadoo: output waits for a reader when there is none, and none of it is lost" {
	new_process
	hold_streams
	start_process sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo "line $i"; done; exit 4'
	drop_streams # 64 KiB fit, and the process waits
	[ ! -e "$P/exitcode" ]
	read_output
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "4 4"
	seq -f 'line %g' 20000 | cmp - "$P.out"
}

@test "dadoo: a process outlives a dadoo that is killed, and nothing it writes ends it" {
	new_process
	hold_streams
	start_process sh -c 'read line; echo one; echo two >&2; read line; exit 0'
	kill -KILL "$dadoo"
	eventually ended "$dadoo"
	exec {output}<&- {errors}<&-
	echo go >&"$input"
	read_output
	eventually contains "$P.out" one
	eventually contains "$P.err" two
	alive "$(pid_of_process)"
}

@test "dadoo: without a hold stdin ends when the last client closes it" {
	new_process
	attach
	start_process cat
	echo hello >&"$input"
	drop_input
	await_dadoo
	assert_equal "$exited $(cat "$P.out")" "0 hello"
}

@test "dadoo: with a hold stdin stays when clients come and go, and ends when the hold is removed" {
	new_process
	touch "$P/stdin.hold"
	attach
	start_process cat
	echo one >&"$input"
	drop_input
	eventually contains "$P.out" one
	echo two >"$P/stdin"
	eventually contains "$P.out" two
	alive "$(pid_of_process)"
	rm "$P/stdin.hold"
	await_dadoo
	assert_equal "$exited $(cat "$P.out")" "0 one
two"
}

@test "dadoo: a hold that is moved away ends too" {
	new_process
	touch "$P/stdin.hold"
	attach
	start_process cat
	drop_input
	alive "$(pid_of_process)"
	mv "$P/stdin.hold" "$P.elsewhere"
	await_dadoo
	assert_equal "$exited" 0
}

@test "dadoo: a hold that was removed during the start is noticed" {
	new_process
	touch "$P/stdin.hold"
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime 'rm "${pid_file%/*}/stdin.hold"; start cat'
	start_dadoo exec "$fake" "$P" box
	eventually test -s "$P.status"
	drop_input
	await_dadoo
	assert_equal "$exited" 0
}

# late_output NAME: what a client finds that comes when nobody writes any more.
late_output() {
	local both end

	exec {both}<>"$P/$1" {end}<"$P/$1" {both}>&-
	cat <&"$end"
	exec {end}<&-
}

@test "dadoo: an ended process's output stays until it was read, and then dadoo goes" {
	new_process
	hold_streams
	start_process sh -c 'echo out; echo err >&2; exit 6'
	drop_streams
	eventually test -e "$P/exitcode"
	eventually exit_released
	alive "$dadoo"
	assert_equal "$(late_output stdout)" out
	alive "$dadoo"
	assert_equal "$(late_output stderr)" err
	await_dadoo
	assert_equal "$exited" 6
}

@test "dadoo: an ended process's output goes with its directory" {
	new_process
	hold_streams
	start_process sh -c 'echo out'
	drop_streams
	eventually exit_released
	eventually test -e "$P/exitcode"
	alive "$dadoo"
	mv "$P" "$P.aside"
	alive "$dadoo"
	rm -r "$P.aside"
	await_dadoo
	assert_equal "$exited" 0
}

@test "dadoo: does not stay for an output that nobody has written to" {
	new_process
	hold_streams
	start_process true
	await_dadoo
	drop_streams
	assert_equal "$exited" 0
}

@test "dadoo: a child that the process leaves behind keeps the output, but not dadoo and not exit" {
	new_process
	attach
	start_process sh -c 'sleep 1000 & exit 2'
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "2 2"
	# shellcheck disable=SC2086  # words
	alive ${readers%% *}
}

# Side containers --------------------------------------------------------------------------------------------------------

@test "dadoo: runs a side container, whose bundle is the process directory" {
	new_process
	attach
	jq --arg id "${P##*/}" --arg run "/$(container runc)-pea" '.process = {
		args: ["sh", "-c", "echo pea; exit 11"], cwd: "/", env: ["PATH=/bin"], user: { uid: 0, gid: 0 }
	} | .linux.cgroupsPath = $run' "$SCRATCH/runc/config.json" >"$P/config.json"
	start_dadoo -runc-root "" run runc "$P" "$(container runc)-pea"
	await_dadoo
	runc delete --force "$(container runc)-pea"
	assert_equal "$exited $(cat "$P/exitcode" "$P.out")" "11 11pea"
}

# Terminals --------------------------------------------------------------------------------------------------------------

@test "dadoo: a terminal's output is stdout, with carriage returns; stderr stays silent" {
	local runtime

	for runtime in runc crun; do
		run_process --with $runtime --tty sh -c 'echo out; echo err >&2; exit 12'
		assert_equal "$runtime $exited $(cat "$P/exitcode")" "$runtime 12 12"
		assert_equal "$(od -An -c "$P.out" | xargs)" "$(printf 'out\r\nerr\r\n' | od -An -c | xargs)"
		[ ! -s "$P.err" ]
	done
}

@test "dadoo: a terminal's input comes from whichever client, and a client's end is not its end" {
	new_process
	attach
	start_process --tty sh -c 'stty -echo; echo ready; read a; read b; echo "$a-$b"; exit 1'
	eventually contains "$P.out" ready
	echo one >&"$input"
	drop_input
	sleep 0.1
	echo two >"$P/stdin"
	await_dadoo
	assert_equal "$(tail -n 1 "$P.out")" $'one-two\r'
}

@test "dadoo: a terminal has the size of the spec until it is told another" {
	run_process --tty stty size
	assert_equal "$(cat "$P.out")" $'30 100\r'
}

# resized_to ROWS COLUMNS: the terminal of the process has that size, seen from the kernel's side.
resized_to() {
	assert_equal "$(nsenter -t "$(pid_of_process)" -m -p stty -F "/proc/$(pid_of_process)/fd/0" size 2>/dev/null ||
		stty -F "/proc/$(pid_of_process)/fd/0" size)" "$1 $2"
}

start_terminal() {
	new_process
	attach
	start_process --tty sleep 1000
	eventually has_open /dev/pts/ptmx
}

@test "dadoo: window sizes are applied, with the defaults for what is missing" {
	start_terminal
	echo '{"columns":60,"rows":53}' >"$P/winsz"
	eventually resized_to 53 60
	echo '{"rows":10}' >"$P/winsz"
	eventually resized_to 10 80
	echo '{"columns":0,"rows":0}' >"$P/winsz"
	eventually resized_to 24 80
	echo '{"columns":1,"rows":1}' >"$P/winsz"
	eventually resized_to 1 1
	printf '{}' >"$P/winsz"
	eventually resized_to 24 80
	echo '{"COLUMNS":7,"Rows":8,"unknown":{"columns":[1,"}\"",{}],"rows":null},"columns":9}' >"$P/winsz"
	eventually resized_to 8 9
	echo null >"$P/winsz"
	eventually resized_to 24 80
	printf '{"columns":65535,"rows":65535}' >"$P/winsz"
	eventually resized_to 65535 65535
	assert_equal "$(cat "$P.log")" ""
}

@test "dadoo: window sizes may arrive split or joined, and the newest counts" {
	start_terminal
	exec {winsz}<>"$P/winsz"
	printf '{"colu' >&"$winsz"
	sleep 0.05
	printf 'mns":61,"rows":' >&"$winsz"
	sleep 0.05
	printf '6' >&"$winsz"
	sleep 0.05
	printf '2}\n' >&"$winsz"
	eventually resized_to 62 61
	printf '{"columns":1,"rows":1}\n{"columns":2,"rows":2}{"columns":3,"rows":3}\n\n' >&"$winsz"
	eventually resized_to 3 3
	exec {winsz}>&-
	assert_equal "$(cat "$P.log")" ""
}

@test "dadoo: what is no window size is reported, and sense begins again at the next line" {
	start_terminal
	printf 'garbage {"columns":5}\n{"columns":6,"rows":6}\n' >"$P/winsz"
	eventually resized_to 6 6
	assert_equal "$(cat "$P.log")" "invalid winsz event: invalid character 'g'"
	: >"$P.log"
	printf '{"columns":70000,"rows":1}{"columns":7,"rows":7}\n' >"$P/winsz"
	eventually resized_to 7 7
	assert_equal "$(tr -d '\0' <"$P.log")" "invalid winsz event: json: cannot unmarshal number 70000 into Go struct field \
WindowSize.columns of type uint16"
	: >"$P.log"
	printf '{"colu\n{"columns":8,"rows":8}\n' >"$P/winsz"
	eventually resized_to 8 8
	head -c 3000 /dev/zero | tr '\0' ' ' | sed 's/^/{/' >"$P/winsz"
	printf '\n{"columns":9,"rows":9}\n' >"$P/winsz"
	eventually resized_to 9 9
	head -c 5000 /dev/urandom | tr '\n' x >"$P/winsz"
	printf '\n{"columns":10,"rows":10}\n' >"$P/winsz"
	eventually resized_to 10 10
	alive "$dadoo"
}

@test "dadoo: the console socket is in a directory for root alone, and gone when the process runs" {
	new_process
	attach
	mkdir "$P.tmp"
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime 'stat -c %a "$(dirname "$console_socket")" >"$FAKE/mode"; console master sleep 1000'
	start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
	eventually test -s "$P.status"
	assert_equal "$(byte "$P.status") $(cat "$FAKE/mode") $(ls "$P.tmp")" "00 700 "
}

@test "dadoo: a directory for the console socket that is too long or not there is refused" {
	local long

	long=/$(head -c 80 /dev/zero | tr '\0' x)
	new_process
	attach
	start_dadoo -tty -socket-dir-path "$long" exec runc "$P" box
	await_dadoo
	drop_input
	assert_equal "$exited $(byte "$P.ready") $(cat "$P.log")" \
		"2 00 value for --socket-dir-path cannot exceed 80 characters in length"
	new_process
	attach
	start_dadoo -tty -socket-dir-path /nonsense exec runc "$P" box
	await_dadoo
	assert_equal "$exited $(byte "$P.ready") $(cat "$P.log")" "2 00 stat /nonsense: no such file or directory"
}

@test "dadoo: a console directory of 80 characters works" {
	local parent=$SCRATCH/

	parent+=$(head -c $((80 - ${#parent})) /dev/zero | tr '\0' x)
	mkdir "$parent"
	new_process
	attach
	exec_spec --tty sh -c 'echo fits'
	spec=$P.spec start_dadoo -runc-root "" -tty -socket-dir-path "$parent" exec runc "$P" "$(container runc)"
	await_dadoo
	assert_equal "$exited$(cat "$P.log") $(cat "$P.out") $(ls "$parent")" $'0 fits\r '
	rmdir "$parent"
}

@test "dadoo: a handover that is none ends the process, leaves the reason and no exit code" {
	local mode reason

	while read -r mode reason; do
		new_process
		attach
		mkdir "$P.tmp"
		fake_runtime "console $mode sh -c 'trap \"\" HUP; while :; do sleep 0.1; done'"
		start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
		await_dadoo
		drop_input
		assert_equal "$mode: $exited $(cat "$P.log")" "$mode: 2 $reason"
		eventually ended "$(pid_of_process)"
		assert_equal "$(byte "$P.status")$(ls "$P.tmp")" ""
		[ ! -e "$P/exitcode" ]
	done <<-'END'
		nothing recvfile: incorrect number of bytes read (n=13 oobn=0)
		two recvfile: incorrect number of bytes read (n=8 oobn=24)
		long recvfile: incorrect number of bytes read (n=4096 oobn=24)
		close recvfile: incorrect number of bytes read (n=0 oobn=0)
		pipe console: inappropriate ioctl for device
	END
}

@test "dadoo: a runtime that succeeds without sending a console is a handover that is none" {
	new_process
	attach
	mkdir "$P.tmp"
	fake_runtime 'start sleep 1000'
	start_dadoo -tty -socket-dir-path "$P.tmp" exec "$fake" "$P" box
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 recvfile: the runtime has ended without sending the console"
	eventually ended "$(pid_of_process)"
	assert_equal "$(ls "$P.tmp")" ""
}

@test "dadoo: a runtime that fails before it sends a console leaves no socket behind" {
	new_process
	attach
	mkdir "$P.tmp"
	start_dadoo -tty -socket-dir-path "$P.tmp" exec runc "$P" nonsense
	await_dadoo
	assert_equal "$exited $(byte "$P.status") $(cat "$P.log")$(ls "$P.tmp")" "3 ff "
}

@test "dadoo: a terminal's exit code does not wait for a reader, exit only for a moment, and its output is kept" {
	new_process
	hold_streams
	start_process --tty seq 100000
	# What does not fit the FIFO makes the process wait.
	eventually grep -q wait_woken "/proc/$(pid_of_process)/wchan"
	kill -KILL "$(pid_of_process)"
	eventually test -e "$P/exitcode"
	assert_equal "$(cat "$P/exitcode")" 137
	eventually exit_released
	alive "$dadoo"
	cat <&"$output" >"$P.out"
	await_dadoo
	drop_streams
	# No line is missing and none is torn but the last, and it is more than the FIFO holds.
	seq 100000 | sed 's/$/\r/' | head -c "$(stat -c %s "$P.out")" | cmp - "$P.out"
	[ "$(stat -c %s "$P.out")" -gt 65536 ]
}

@test "dadoo: a terminal's last output comes whole to a reader that comes late, and then ends" {
	new_process
	hold_streams
	start_process --tty sh -c 'seq 3000; exit 5'
	drop_streams
	eventually test -e "$P/exitcode"
	alive "$dadoo"
	assert_equal "$(late_output stdout | tr -d '\r')" "$(seq 3000)"
	await_dadoo
	assert_equal "$exited" 5
}

@test "dadoo: a terminal that everybody has closed does not keep dadoo busy, and may be opened again" {
	new_process
	attach
	start_process --tty sh -c 'exec </dev/null >/dev/null 2>&1; sleep 0.5; echo again >/dev/tty
		until [ -e /tmp/go ]; do sleep 0.1; done; exit 3'
	eventually contains "$P.out" again
	# Clock ticks in user and in system mode.
	[ "$(sed 's/.*) //' "/proc/$dadoo/stat" | awk '{ print $12 + $13 }')" -lt 20 ]
	touch "$ROOTFS/tmp/go"
	await_dadoo
	rm "$ROOTFS/tmp/go"
	assert_equal "$exited" 3
}

@test "dadoo: a terminal that others keep open does not keep exit, nor dadoo, for long" {
	new_process
	attach
	# shellcheck disable=SC2016  # for the fake to expand
	fake_runtime '"$TOOLS/console" "$console_socket" master sh -c "echo other; sleep 1000" >/dev/null; start sh -c "exit 4"'
	start_dadoo -tty exec "$fake" "$P" box
	await_dadoo
	exit_released
	assert_equal "$exited $(cat "$P/exitcode" "$P.out")" $'4 4other\r'
}

@test "dadoo: a process that does not read its terminal's input does not keep dadoo from anything" {
	new_process
	hold_streams
	start_process --tty sh -c 'stty raw -echo; echo ready; sleep 1000'
	assert_equal "$(head -c 6 <&"$output")" ready
	timeout 1 cat /dev/zero >&"$input" || true # fills terminal and FIFO
	kill -KILL "$(pid_of_process)"
	eventually test -e "$P/exitcode"
	drop_streams
	await_dadoo
	assert_equal "$exited" 137
}

@test "dadoo: waits with little memory, with a terminal too" {
	local options

	[[ $BIN != *sanitize* ]] || skip "the sanitizers take more"
	for options in "" --tty; do
		new_process
		attach
		# shellcheck disable=SC2086  # a word or none
		start_process $options sleep 1000
		eventually test "$(status_field "$dadoo" Seccomp)" = 2
		[ "$(awk '/^Private_Dirty/ { print $2 }' "/proc/$dadoo/smaps_rollup")" -le 32 ]
		drop_input
	done
}

# Adoption ---------------------------------------------------------------------------------------------------------------

# start_orphan COMMAND...: a process whose dadoo was killed; $dadoo is the dead one.
start_orphan() {
	new_process
	hold_streams
	start_process "$@"
	eventually test -e "$P/started"
	kill -KILL "$dadoo"
	eventually ended "$dadoo"
}

adopt() {
	rm -f "$P.ready"
	start_dadoo -runc-root "" adopt runc "$P" "$(container runc)"
}

adopted() {
	adopt
	eventually test -s "$P.ready"
}

@test "dadoo adopt: takes over the process, and says so as a start does" {
	start_orphan sleep 1000
	adopted
	assert_equal "$(byte "$P.ready")$(cat "$P.log" "$P.warnings")" 00
	assert_equal "$(cat "$P/shim")" "$(identity "$dadoo")"
	exit_held
	flock_taken
	eventually test "$(status_field "$dadoo" Seccomp)" = 2
	# CAP_SYS_PTRACE, which a zombie's status is told to.
	assert_equal "$(for name in NoNewPrivs CapPrm CapEff CapBnd; do status_field "$dadoo" $name; done | xargs)" \
		"1 0000000000080000 0000000000080000 0000000000000000"
}

@test "dadoo adopt: needs none of the descriptors 3, 4 and 5" {
	start_orphan sh -c 'read line; exit 5'
	status='&-' runtime_log='&-' ready='&-' start_dadoo adopt runc "$P" "$(container runc)"
	eventually exit_held
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited$(cat "$P.log" "$P.warnings") $(cat "$P/exitcode")" "5 5"
}

@test "dadoo adopt: records how the process ends, by exit" {
	start_orphan sh -c 'read line; exit 33'
	adopted
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "33 33"
	exit_released
}

@test "dadoo adopt: records how the process ends, by a signal" {
	start_orphan sleep 1000
	adopted
	kill -TERM "$(pid_of_process)"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "143 143"
}

@test "dadoo adopt: records how the process ends without the capability to see a zombie's status" {
	start_orphan sh -c 'read line; exit 34'
	wrapper=(setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace)
	adopted
	assert_equal "$(status_field "$dadoo" CapPrm)" 0000000000000000
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "34 34"
}

# start_zombie COMMAND...: an orphan that has ended, and whose parent, $reaper, has not reaped it.
start_zombie() {
	new_process
	hold_streams
	wrapper=("$TOOLS/subreaper")
	start_process "$@"
	wrapper=()
	reaper=$dadoo
	eventually test -e "$P/started"
	kill -KILL "$(cut -d' ' -f1 "$P/shim")"
	eventually test "$(ps -o ppid= "$(pid_of_process)" | xargs)" = "$reaper"
	echo go >&"$input"
	eventually ended "$(pid_of_process)"
	[ -e "/proc/$(pid_of_process)" ]
}

@test "dadoo adopt: finds a process that has ended and was not reaped yet, and knows how" {
	start_zombie sh -c 'read line; exit 35'
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "35 35"
}

@test "dadoo adopt: waits until such a process is reaped when it must not look at the zombie" {
	start_zombie sh -c 'read line; exit 36'
	wrapper=(setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace)
	adopted
	[ ! -e "$P/exitcode" ]
	[ "$(sed 's/.*) //' "/proc/$dadoo/stat" | awk '{ print $12 + $13 }')" -lt 20 ]
	kill -USR1 "$reaper"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "36 36"
}

@test "dadoo adopt: the outputs and exit end only when exitcode is there" {
	start_orphan sh -c 'read line; exit 36'
	adopted
	echo go >&"$input"
	cat <&"$output"
	assert_equal "$(cat "$P/exitcode")" 36
	await_dadoo
}

@test "dadoo adopt: output that nobody has read stays" {
	start_orphan sh -c 'read line; echo last; exit 0'
	adopted
	echo go >&"$input"
	eventually test -e "$P/exitcode"
	drop_streams
	alive "$dadoo"
	assert_equal "$(late_output stdout)" last
	await_dadoo
}

@test "dadoo adopt: a hold on stdin is kept, and its end noticed" {
	new_process
	touch "$P/stdin.hold"
	attach
	start_process cat
	kill -KILL "$dadoo"
	eventually ended "$dadoo"
	adopted
	drop_input
	echo still >"$P/stdin"
	eventually contains "$P.out" still
	rm "$P/stdin.hold"
	await_dadoo
	assert_equal "$exited" 0
}

@test "dadoo adopt: refuses while another dadoo lives" {
	new_process
	attach
	start_process sleep 1000
	first=$dadoo
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 lock $P: another dadoo holds it"
	[ ! -s "$P.ready" ]
	assert_equal "$(cat "$P/shim")" "$(identity "$first")"
}

@test "dadoo adopt: refuses a process whose exit code is known" {
	run_process sh -c 'exit 4'
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 adopt $P: the process has ended, and its exit code is known"
	assert_equal "$(cat "$P/exitcode")" 4
}

@test "dadoo adopt: refuses a process that is gone, or whose number is somebody else's now" {
	start_orphan sleep 1000
	pid=$(pid_of_process)
	kill -KILL "$pid"
	eventually gone "$pid"
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 adopt $P: process $pid is gone"
	echo "$$ 1" >"$P/started"
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 adopt $P: process $$ is gone"
	[ ! -e "$P/exitcode" ]
}

@test "dadoo adopt: makes do with the pid file alone, if it can be that process" {
	start_orphan sh -c 'read line; exit 9'
	rm "$P/started"
	touch -d '10 minutes ago' "$P/pidfile"
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 adopt $P: no process: no such process"
	touch "$P/pidfile"
	adopted
	echo go >&"$input"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "9 9"
}

@test "dadoo adopt: a process that never was is refused" {
	new_process
	adopt
	await_dadoo
	assert_equal "$exited $(cat "$P.log")" "2 adopt $P: no process: no such file or directory"
}
