#!/usr/bin/env bats
# dadoo, with nothing around it: the tests are its caller and its clients. Where it is about the runtime or the process it is
# the real thing in a real container; test/fakes/dadoo-runtime does what a real runtime rarely does.

# shellcheck disable=SC2154,SC2034 # variables are shared with dadoo.bash

load helpers
load dadoo

setup_file() { dadoo_setup_file runc crun; }
teardown_file() { dadoo_teardown_file; }
teardown() { end_processes; }

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
		# shellcheck disable=SC2086 # words
		start_dadoo $form exec "$fake" "$P" box
		await_dadoo
		drop_input
		assert_equal "$(head -n 2 "$FAKE/argv" | xargs)" "--root /r"
	done
}

# The argv that the runtime got, on one line, with what varies replaced.
runtime_argv() {
	xargs <"$FAKE/argv" | sed -e "s,/proc/$dadoo,/proc/DADOO,g" -e "s,$P,DIR,g" -e "s,/fd/[0-9]*/tty,/fd/N/tty," -e 's,/dadoo\.[^/]*/,/dadoo.X/,g'
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
	start_dadoo -runc-root /run/root -tty exec "$fake" "$P" box
	await_dadoo
	assert_equal "$(runtime_argv)" "--root /run/root --debug --log /proc/DADOO/fd/4 --log-format json exec --detach\
 --pid-file DIR/pidfile -p /proc/DADOO/fd/0 --tty --console-socket /proc/DADOO/fd/N/tty.sock box"
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
		await_dadoo
	)
	assert_equal "$(grep ^Sig "$FAKE/state" | cut -f2 | xargs)" "0000000000000000 0000000000000000"
}

@test "dadoo: the runtime has the caller's umask, directory and environment" {
	new_process
	attach
	# shellcheck disable=SC2016 # for the fake to expand
	fake_runtime 'echo "$CALLER" >"$FAKE/caller"; exit 1'
	(
		umask 027
		cd /usr
		CALLER=me start_dadoo exec "$fake" "$P" box
		await_dadoo
	)
	assert_equal "$(head -n 2 "$FAKE/state" | xargs) $(cat "$FAKE/caller")" "umask 0027 cwd /usr me"
}

@test "dadoo: the runtime is in dadoo's process group, and dies with it" {
	new_process
	attach
	# shellcheck disable=SC2016 # for the fake to expand
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
	# shellcheck disable=SC2016 # for the fake to expand
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
		await_dadoo
	)
	eventually test -e "$P/exitcode"
	assert_equal "$(cat "$P/exitcode")" 5
}

@test "dadoo: reaps whatever becomes its child" {
	new_process
	attach
	# shellcheck disable=SC2016 # for the fake to expand
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
	# shellcheck disable=SC2046 # words
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
		take "$waiter" 1
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
		[ "$(take "$output")" = x ]
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
		# shellcheck disable=SC2086 # a word or none
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
	put stdin 'two\n'
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
	# shellcheck disable=SC2016 # for the fake to expand
	fake_runtime 'rm "${pid_file%/*}/stdin.hold"; start cat'
	start_dadoo exec "$fake" "$P" box
	eventually test -s "$P.status"
	drop_input
	await_dadoo
	assert_equal "$exited" 0
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
	# shellcheck disable=SC2086 # words
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
