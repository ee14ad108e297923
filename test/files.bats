#!/usr/bin/env bats
# Files into and out of a container, as an operation on the depot.

load helpers
load depotctl.bash

bats_require_minimum_version 1.5.0

setup_file() { depotctl_setup_file; }
teardown_file() { depot_end; }

setup() {
	handle=$SHARED
	D=/tmp/$BATS_TEST_NUMBER     # in the container
	W=$SCRATCH/$BATS_TEST_NUMBER # on the host
	mkdir "$W"
}

init_pid() {
	depotctl --json info "$handle" | jq '.[0].init_pid'
}

inside() {
	depotctl run "$handle" "$@" </dev/null
}

# assert_words EXPECTED [ACTUAL]: of depotctl's standard error, but for how it shows the line's end in what nstar said.
assert_words() {
	local actual=${2:-$stderr}

	assert_equal "${actual%%[? ]}" "$1"
}

# fake_nstar COMMANDS: what depotctl starts in place of nstar; its arguments are in $W/argv.
fake_nstar() {
	printf '#!/bin/bash\nprintf "%%s\\n" "$@" >%s/argv\n%s\n' "$W" "$1" >"$W/nstar"
	chmod 755 "$W/nstar"
}

# arguments VERB ARGS...: how nstar is called for it, the pid as PID.
arguments() {
	fake_nstar :
	depotctl --nstar-bin "$W/nstar" "$1" "$handle" "${@:2}" </dev/null
	sed "2s/^$(init_pid)\$/PID/" "$W/argv" | paste -sd' '
}

@test "files: what goes in comes out, as root and as another user" {
	echo text >"$W/file"
	for user in root alice; do
		tar -C "$W" -c file | depotctl stream-in --user $user "$handle" "$D/$user/sub"
		assert_equal "$(inside stat -c %U "$D/$user/sub/file")" $user
		assert_equal "$(depotctl stream-out --user $user "$handle" "$D/$user" | tar -t)" "$user/
$user/sub/
$user/sub/file"
		assert_equal "$(depotctl stream-out --user $user "$handle" "$D/$user/sub/file" | tar -xO)" text
	done
}

@test "files: nstar is told the tar, init's pid, the user and the place" {
	run -0 arguments stream-in /a/b
	assert_output 'tar PID root /a/b'
	run -0 arguments stream-in --user alice rel/
	assert_output 'tar PID alice rel/'
	run -0 arguments stream-in --user '' ''
	assert_output 'tar PID root .'
}

@test "files: a path to be packed is a directory and a name in it, or all that is in it" {
	while read -r path expected; do
		run -0 arguments stream-out "${path//\'/}"
		assert_output "tar PID root $expected"
	done <<-'END'
		/a/b /a b
		/a/b/ /a/b/ .
		/a / a
		/ / .
		a . a
		a/b a b
		a/ a/ .
		'' . .
		/a/.. /a ..
		/a/-b /a -b
	END
}

@test "files: a failure tells nstar's status and words" {
	run -125 depotctl stream-in --user nobody-there "$handle" /tmp </dev/null
	assert_output --partial 'depotctl: stream-in: nstar: error streaming in: exit status 1. Output: getpwnam: Success'
	run -125 depotctl stream-in "$handle" "$D" < <(yes | head -c 2000)
	assert_output --regexp '^depotctl: stream-in: nstar: error streaming in: exit status 2. Output: nstar: archive: '
	run -125 --separate-stderr depotctl stream-out "$handle" /not/there
	assert_output ''
	assert_words 'depotctl: stream-out: nstar: error streaming out: exit status 1. Output: open container destination: No such file or directory'
	run -125 --separate-stderr depotctl stream-out "$handle" /etc/not-there
	assert_output ''
	assert_words 'depotctl: stream-out: nstar: error streaming out: exit status 2. Output: nstar: not-there: Cannot stat: No such file or directory'
}

@test "files: what nstar says is kept from its beginning, as much as is reasonable, and nstar never waits" {
	fake_nstar 'echo begin >&2; yes | head -c 3000000 >&2; exit 2'
	run -125 timeout 20 "$BIN/depotctl" --depot "$DEPOT" --nstar-bin "$W/nstar" stream-in "$handle" /tmp </dev/null
	assert_output --partial 'Output: begin'
	assert [ ${#output} -lt 5000 ]
}

@test "files: what nstar says on its standard output counts for stream in only" {
	fake_nstar 'echo words; exit 2'
	run -125 --separate-stderr depotctl --nstar-bin "$W/nstar" stream-in "$handle" /tmp </dev/null
	assert_words 'depotctl: stream-in: nstar: error streaming in: exit status 2. Output: words'
	run -125 --separate-stderr depotctl --nstar-bin "$W/nstar" stream-out "$handle" /tmp
	assert_output words
	assert_words 'depotctl: stream-out: nstar: error streaming out: exit status 2. Output:'
}

@test "files: a file that changed while it was packed is no failure, a start that failed is one" {
	fake_nstar 'echo archive; echo "nstar: f: file changed as we read it" >&2; exit 1'
	run -0 --separate-stderr depotctl --nstar-bin "$W/nstar" stream-out "$handle" /tmp
	assert_output archive
	run -125 depotctl --nstar-bin "$W/nstar" stream-in "$handle" /tmp </dev/null
	fake_nstar 'echo "setns: Operation not permitted" >&2; exit 1'
	run -125 depotctl --nstar-bin "$W/nstar" stream-out "$handle" /tmp
}

@test "files: a killed nstar is told" {
	fake_nstar 'kill -KILL $$'
	run -125 --separate-stderr depotctl --nstar-bin "$W/nstar" stream-out "$handle" /tmp
	assert_words 'depotctl: stream-out: nstar: error streaming out: signal: killed. Output:'
	run -125 --separate-stderr depotctl --nstar-bin "$W/nstar" stream-in "$handle" /tmp </dev/null
	assert_words 'depotctl: stream-in: nstar: error streaming in: signal: killed. Output:'
}

@test "files: an nstar that cannot be started is told" {
	echo '#!/not/there' >"$W/nstar" && chmod 755 "$W/nstar"
	run -125 depotctl --nstar-bin "$W/nstar" stream-out "$handle" /tmp
	assert_words 'depotctl: stream-out: nstar: error streaming out: no such file or directory. Output:' "$output"
}

@test "files: a reader that leaves early is nobody's death but nstar's" {
	inside sh -c "head -c 4000000 /dev/urandom >$D"
	run -0 bash -c "trap '' PIPE; '$BIN/depotctl' --depot '$DEPOT' stream-out '$handle' $D 2>'$W/said' | head -c 10 | wc -c"
	assert_output 10
	eventually grep -q 'signal: broken pipe' "$W/said"
}

@test "files: a dead container is told" {
	create
	kill -KILL "$(init_pid)"
	eventually state_dead
	run -125 depotctl stream-in "$handle" /tmp </dev/null
	assert_output --regexp '^depotctl: stream-in: container is dead: '
	depotctl destroy "$handle"
}

state_dead() {
	[ "$(depotctl --json info "$handle" | jq -r '.[0].state')" = dead ]
}

@test "files: a container that dies ends a transfer that waits" {
	create
	mkfifo "$W/archive"
	"$BIN/depotctl" --depot "$DEPOT" stream-in "$handle" /tmp <"$W/archive" 2>"$W/said" 3>&- 4>&- &
	transfer=$!
	exec {archive}>"$W/archive"
	eventually pgrep -P $transfer nstar
	depotctl destroy "$handle"
	eventually grep -q 'the container is gone' "$W/said"
	exec {archive}>&-
	status=0
	wait $transfer || status=$?
	assert_equal "$status" 125
}
