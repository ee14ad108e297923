#!/usr/bin/env bats
# dadoo adopt: a process whose dadoo has died gets another one.

# shellcheck disable=SC2154,SC2034 # variables are shared with dadoo.bash

load helpers
load dadoo

setup_file() { dadoo_setup_file runc; }
teardown_file() { dadoo_teardown_file; }
teardown() { end_processes; }

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
	sleep 0.5 # it must not be busy, in clock ticks of user and system mode
	[ "$(sed 's/.*) //' "/proc/$dadoo/stat" | awk '{ print $12 + $13 }')" -lt 10 ]
	kill -USR1 "$reaper"
	await_dadoo
	assert_equal "$exited $(cat "$P/exitcode")" "36 36"
}

@test "dadoo adopt: the outputs and exit end only when exitcode is there" {
	start_orphan sh -c 'read line; exit 36'
	adopted
	echo go >&"$input"
	take "$output"
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
	put stdin 'still\n'
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
