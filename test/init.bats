#!/usr/bin/env bats
# init, as pid 1 of a container made with nothing but the plain runtime.

# shellcheck disable=SC2154,SC2034 # variables are shared with dadoo.bash

load helpers
load dadoo

setup_file() { dadoo_setup_file; }
teardown_file() { dadoo_teardown_file; }

setup() {
	container_begin runc
	init=$(init_pid runc)
}

teardown() {
	end_processes
	container_end runc
	rm -rf "$SCRATCH/runc"
}

inside() {
	runc exec "$(container runc)" "$@" </dev/null 3>&- 4>&-
}

@test "init: needs nothing in the root filesystem" {
	assert_equal "$(readlink "/proc/$init/exe")" /tmp/garden-init
	run readelf --program-headers --dynamic "$BIN/init"
	refute_output --partial INTERP
	refute_output --partial NEEDED
}

@test "init: is the first process, waits, and has nothing open but what it was given" {
	assert_equal "$(status_field "$init" NSpid | xargs -n1 | tail -n 1)" 1
	eventually grep -q 'State:.S' "/proc/$init/status"
	assert_equal "$(status_field "$init" Threads) $(status_field "$init" SigCgt)" "1 0000000000000000"
	# What whoever runs the tests had ignored may come along with the runtime; init itself ignores nothing more.
	assert_equal $((0x$(status_field "$init" SigIgn) & ~0x$(status_field self SigIgn))) 0
	assert_equal "$(find "/proc/$init/fd" -mindepth 1 -printf '%f\n' | sort | xargs)" "0 1 2"
}

@test "init: survives every signal from outside that can be survived" {
	local number

	for number in $(seq 1 64); do
		[ "$number" = 9 ] || [ "$number" = 19 ] || kill -"$number" "$init"
	done
	inside true
	alive "$init"
	kill -STOP "$init"
	eventually grep -q 'State:.T' "/proc/$init/status"
	kill -CONT "$init"
	eventually grep -q 'State:.S' "/proc/$init/status"
}

@test "init: survives every signal from inside, SIGKILL too" {
	# shellcheck disable=SC2016 # for the shell inside to expand
	inside sh -c 'for number in $(seq 1 31); do kill -$number 1; done'
	inside true
	eventually grep -q 'State:.S' "/proc/$init/status"
}

zombies() {
	inside ps -o pid,stat | awk '$2 ~ /^Z/'
}

@test "init: what is left to it never becomes a zombie, not in a storm of forks either" {
	# shellcheck disable=SC2016 # for the shell inside to expand
	inside sh -c 'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); (sleep 0.0$((i % 10)) &); done'
	eventually sh -c "! pgrep --ns $init --nslist pid sleep"
	# The kernel collects them at their end, so there is no moment at which there may be one.
	run zombies
	assert_output ""
	assert_equal "$(pgrep --ns "$init" --nslist pid | xargs)" "$init"
}

@test "init: when it dies, so does every process of the container, and is recorded so" {
	new_process
	attach
	start_process sleep 1000
	kill -KILL "$init"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "137 137"
	eventually gone "$init"
}
