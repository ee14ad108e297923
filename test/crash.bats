#!/usr/bin/env bats
# What is left when a program is killed, and that it can be cleaned up. The first half kills depotctl, dadoo and nstar before
# each of their steps in turn (test/tools/crash.c says what a step is; FULL=1 takes every system call for one) and then
# expects that destroy returns the machine to where it was. The second half is about processes that outlive their shim.

load helpers

setup_file() {
	depot_begin
	echo input >"$SCRATCH/input"
	mkdir "$SCRATCH/files" "$SCRATCH/tmp"
	echo content >"$SCRATCH/files/a"
	ln -s a "$SCRATCH/files/b"
	tar -C "$SCRATCH/files" -cf "$SCRATCH/tar" .
}

teardown_file() {
	depot_end
}

setup() {
	: >"$SCRATCH/complaints"
	: >"$SCRATCH/pids"
	# A short PATH, or each try of execvp to find the runtime is a step.
	PATH=$(dirname "$(command -v runc)"):/usr/sbin:/usr/bin:/sbin:/bin
}

teardown() {
	destroy_all
	rm -f "$ROOTFS"/tmp/*
}

complain() {
	echo "$*" >>"$SCRATCH/complaints"
}

# Every process that belongs to the container, with its start time, so that it is known again.
remember_processes() {
	local path line

	while read -r path; do
		{ read -r line <"${path%/*}/stat"; } 2>/dev/null || continue # it has ended meanwhile
		echo "${line%% *} $(cut -d' ' -f22 <<<"$line")"
	done < <(grep -lsF -f <(echo "$handle") /proc/[0-9]*/{cgroup,cmdline}) >>"$SCRATCH/pids"
}

# Looks where things of a container could be left; zombies are looked for in the end, for their reaper may take its time.
complain_of_leftovers() {
	local path

	shopt -s nullglob dotglob
	for path in "$DEPOT"/*"$handle"* "$SCRATCH"/tmp/* /run/runc/*"$handle"*; do
		complain "$1: $path is left"
	done
	rm -rf "$SCRATCH"/tmp/*
	shopt -u nullglob dotglob
	while read -r path; do
		complain "$1: $path is left"
	done < <(grep -F "$handle" /proc/self/mountinfo; find /sys/fs/cgroup -type d -path "*$handle*" 2>/dev/null)
	while read -r path; do
		if alive "$(cut -d/ -f3 <<<"$path")"; then
			complain "$1: ${path%/*} lives: $(tr '\0' ' ' 2>/dev/null <"${path%/*}/cmdline" || true)"
		fi
	done < <(grep -lsF -f <(echo "$handle") /proc/[0-9]*/{cgroup,cmdline})
}

complain_of_remembered_processes() {
	local pid start now deadline=$((SECONDS + 10))

	while read -r pid start; do
		while now=$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null) && [ "$now" = "$start" ]; do
			if [ "$SECONDS" -ge "$deadline" ]; then
				complain "process $pid is still there: $(cut -d' ' -f2,3 "/proc/$pid/stat")"
				break
			fi
			sleep 0.05
		done
	done < <(sort -u "$SCRATCH/pids")
}

complain_of_destroy() {
	local status=0

	timeout 60 "$BIN/depotctl" --depot "$DEPOT" destroy "$handle" 2>"$SCRATCH/destroy.err" 3>&- 4>&- || status=$?
	[ "$status" -eq 0 ] || grep -qx 'depotctl: destroy: unknown handle: .*' "$SCRATCH/destroy.err" ||
		complain "$1: destroy: status $status: $(cat "$SCRATCH/destroy.err")"
}

# What must work on a container whatever happened to an operation on one of its processes.
complain_of_use() {
	local command

	for command in info ps; do
		depotctl "$command" "$handle" >/dev/null 2>"$SCRATCH/use.err" || complain "$1: $command: $(cat "$SCRATCH/use.err")"
	done
	depotctl run "$handle" true >/dev/null 2>"$SCRATCH/use.err" || complain "$1: run: $(cat "$SCRATCH/use.err")"
}

# kill_at_every_step PROGRAM INPUT STATUS ARGS...: runs depotctl with ARGS, in which HANDLE stands for the container's handle,
# and kills PROGRAM at its first step, on another container at its second, and so on until one comes through: that one must
# end with STATUS. Is told by `prepare` and `use` what to do before it and between the kill and the destroy.
kill_at_every_step() {
	local program=$1 input=$2 expected=$3 step status result

	shift 3
	for ((step = 1; ; step++)); do
		handle=$GDN_TEST_RUN-$BATS_TEST_NUMBER-$step
		prepare
		status=0
		TMPDIR=$SCRATCH/tmp timeout 60 "$TOOLS/crash" ${FULL:+-a} -o "$SCRATCH/result" "$step" "$program" -- \
			"$BIN/depotctl" --depot "$DEPOT" "${@//HANDLE/$handle}" <"$input" >/dev/null 2>"$SCRATCH/err" 3>&- 4>&- ||
			status=$?
		result=$(cat "$SCRATCH/result")
		remember_processes
		use "$program $result"
		complain_of_destroy "$program $result"
		complain_of_leftovers "$program $result"
		[[ $result != finished* ]] || break
		[[ $result == killed* ]] || complain "step $step: status $status, $(cat "$SCRATCH/err")"
	done
	[ "$status" -eq "$expected" ] || complain "undisturbed: status $status: $(cat "$SCRATCH/err")"
	complain_of_remembered_processes
	echo "# $program $1: $((step - 1)) steps" >&3
	assert_equal "$(head -n 30 "$SCRATCH/complaints")" ""
}

prepare() {
	depotctl create --handle "$handle" --rootfs "$ROOTFS" >/dev/null
}

use() {
	complain_of_use "$1"
}

@test "crash: depotctl at every step of create" {
	prepare() { :; }
	use() { depotctl list >/dev/null || complain "$1: list"; }
	kill_at_every_step depotctl /dev/null 0 create --handle HANDLE --rootfs "$ROOTFS"
}

@test "crash: depotctl at every step of run" {
	kill_at_every_step depotctl "$SCRATCH/input" 3 run -i --id p HANDLE sh -c 'cat; echo error >&2; exit 3'
}

@test "crash: dadoo at every step of run" {
	kill_at_every_step dadoo "$SCRATCH/input" 3 run -i --id p HANDLE sh -c 'cat; echo error >&2; exit 3'
}

@test "crash: dadoo at every step of run with a terminal" {
	kill_at_every_step dadoo /dev/null 0 run -t -d --id p HANDLE sh -c 'exit 3'
}

@test "crash: depotctl at every step of stream-in" {
	kill_at_every_step depotctl "$SCRATCH/tar" 0 stream-in --user alice HANDLE /home/alice/new
}

@test "crash: nstar at every step of stream-in" {
	kill_at_every_step nstar "$SCRATCH/tar" 0 stream-in --user alice HANDLE /home/alice/new
}

@test "crash: depotctl at every step of stream-out" {
	kill_at_every_step depotctl /dev/null 0 stream-out HANDLE /etc/
}

@test "crash: nstar at every step of stream-out" {
	kill_at_every_step nstar /dev/null 0 stream-out HANDLE /etc/
}

@test "crash: depotctl at every step of destroy" {
	prepare() {
		depotctl create --handle "$handle" --rootfs "$ROOTFS" >/dev/null
		depotctl run -d --id p "$handle" sleep 1000 >/dev/null
		depotctl run -d -t --id t "$handle" sleep 1000 >/dev/null
		remember_processes
	}
	use() { depotctl list >/dev/null || complain "$1: list"; }
	kill_at_every_step depotctl /dev/null 0 destroy HANDLE
}

# kill_shim ID: with SIGKILL, and returns when it is dead.
kill_shim() {
	local pid

	read -r pid _ <"$(process_dir "$1")/shim"
	kill -KILL "$pid"
	eventually dead "$pid"
}

process_pid() {
	cat "$(process_dir "$1")/pidfile"
}

@test "orphan: a process whose shim was killed runs on and is reported as it is" {
	create
	depotctl run -d --id p "$handle" sh -c 'while :; do echo tick >/tmp/tick; sleep 0.05; done'
	assert_equal "$(process_state p)" running
	kill_shim p
	assert_equal "$(process_state p)" orphan
	rm -f "$ROOTFS/tmp/tick"
	eventually test -e "$ROOTFS/tmp/tick"
	run depotctl info "$handle"
	assert_success
	assert_line --regexp '^state +active$'
}

@test "orphan: it writes on without a reader, does not die of it, and nothing of that is lost" {
	create
	depotctl run -d --id p "$handle" sh -c 'while [ ! -e /tmp/write ]; do sleep 0.05; done
		seq 100; touch /tmp/written; while [ ! -e /tmp/end ]; do sleep 0.05; done; exit 4'
	kill_shim p
	touch "$ROOTFS/tmp/write"
	eventually test -e "$ROOTFS/tmp/written"
	depotctl attach "$handle" p >"$SCRATCH/shown" &
	attacher=$!
	eventually process_is p running
	touch "$ROOTFS/tmp/end"
	wait $attacher || status=$?
	assert_equal "$status" 4
	assert_equal "$(cat "$SCRATCH/shown")" "$(seq 100)"
}

@test "orphan: attach adopts it, feeds it, shows what it says, and ends as it does" {
	create
	# shellcheck disable=SC2016 # expanded inside
	depotctl run -d -i --id p "$handle" \
		sh -c 'while [ ! -e /tmp/ask ]; do sleep 0.05; done; read word; echo "got $word"; exit 9'
	kill_shim p
	depotctl attach "$handle" p <<<parcel >"$SCRATCH/shown" &
	attacher=$!
	eventually process_is p running
	touch "$ROOTFS/tmp/ask"
	wait $attacher || status=$?
	assert_equal "$status" 9
	assert_equal "$(cat "$SCRATCH/shown")" "got parcel"
	run depotctl wait "$handle" p
	assert_failure 9
}

@test "orphan: wait adopts it, and a second wait gets the same" {
	create
	depotctl run -d --id p "$handle" sleep 1000
	kill_shim p
	depotctl wait "$handle" p 3>&- 4>&- &
	waiter=$!
	eventually process_is p running
	depotctl signal "$handle" p TERM
	wait $waiter || status=$?
	assert_equal "$status" 143
	run depotctl wait "$handle" p
	assert_failure 143
}

@test "orphan: it can be adopted again when the one that adopted it is killed too" {
	create
	depotctl run -d --id p "$handle" sleep 1000
	kill_shim p
	depotctl wait "$handle" p 2>/dev/null 3>&- 4>&- &
	first=$!
	eventually process_is p running
	kill_shim p
	depotctl wait "$handle" p 3>&- 4>&- &
	second=$!
	eventually process_is p running
	depotctl signal "$handle" p TERM
	wait $second || status=$?
	assert_equal "$status" 143
	wait $first && fail "the first wait said that all went well"
	run depotctl wait "$handle" p
	assert_failure 143
}

@test "orphan: a signal reaches it" {
	create
	depotctl run -d --id p "$handle" sleep 1000
	pid=$(process_pid p)
	kill_shim p
	depotctl signal "$handle" p KILL
	eventually gone "$pid"
	assert_equal "$(process_state p)" lost
}

@test "orphan: one that ended with nobody there is lost, and never a success" {
	create
	depotctl run -d -i --id p "$handle" sh -c 'while [ ! -e /tmp/end ]; do sleep 0.05; done; exit 0'
	pid=$(process_pid p)
	kill_shim p
	touch "$ROOTFS/tmp/end"
	eventually gone "$pid"
	assert_equal "$(process_state p)" lost
	run depotctl wait "$handle" p
	assert_failure 125
	assert_output --partial lost
	run depotctl attach "$handle" p </dev/null
	assert_failure 125
}

@test "orphan: a process that lived on its terminal goes with it" {
	create
	depotctl run -d -t --id p "$handle" sleep 1000
	pid=$(process_pid p)
	kill_shim p
	eventually gone "$pid"
	assert_equal "$(process_state p)" lost
}

@test "orphan: a process that survives its terminal is reported to have lost it" {
	create
	depotctl run -d -t --id p "$handle" sh -c 'trap "" HUP; while :; do sleep 0.1; done'
	eventually grep -q 'SigIgn:.*[13579bdf]$' "/proc/$(process_pid p)/status"
	kill_shim p
	assert_equal "$(process_state p)" orphan
	run depotctl ps "$handle"
	assert_success
	assert_output --partial lost
}

@test "orphan: its container can still be destroyed" {
	create
	depotctl run -d --id p "$handle" sleep 1000
	kill_shim p
	depotctl destroy "$handle"
	run depotctl list -q
	refute_output --partial "$handle"
}

@test "crash: the runtime killed while it starts a process fails that run alone" {
	# A runtime that dies in the middle of an exec while it is asked to, and does everything else as it should.
	cat >"$SCRATCH/runtime" <<-SCRIPT
		#!/bin/sh
		case " \$* " in *" exec "*) [ ! -e "$SCRATCH/die" ] || kill -KILL \$\$ ;; esac
		exec runc "\$@"
	SCRIPT
	chmod 755 "$SCRATCH/runtime"
	create --runtime-plugin "$SCRATCH/runtime"
	touch "$SCRATCH/die"
	run depotctl run --id p "$handle" true
	rm "$SCRATCH/die"
	assert_failure 125
	[ ! -e "$(process_dir p)" ]
	run depotctl run --id p "$handle" echo again
	assert_success
	assert_output again
}
