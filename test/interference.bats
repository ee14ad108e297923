#!/usr/bin/env bats
# What an operator does to a container behind our back, with the runtime, the kernel or an editor: it is noticed, answered
# clearly, and never in the way of a destroy.

load helpers

setup_file() {
	depot_begin
}

teardown_file() {
	depot_end
}

setup() {
	create
}

teardown() {
	destroy_all
}

state() {
	depotctl --json info "$handle" | jq -r '.[0].state'
}

state_is() {
	[ "$(state)" = "$1" ]
}

init_pid() {
	cat "$DEPOT/$handle/pidfile"
}

# The container is dead: it is said, nothing can be run in it, and destroy still works.
assert_dead_and_destroyable() {
	eventually state_is dead
	run depotctl run "$handle" true
	assert_failure 125
	assert_output --partial 'container is dead'
	run depotctl stream-out "$handle" /etc/passwd
	assert_failure 125
	assert_output --partial 'container is dead'
	run depotctl destroy "$handle"
	assert_success
	assert_output ""
}

@test "interference: the runtime's kill ends the container and every run in it" {
	depotctl run --id p "$handle" sleep 1000 3>&- 4>&- &
	eventually process_is p running
	runc kill "$handle" KILL
	wait $! || status=$?
	assert_equal "$status" 137
	assert_equal "$(process_state p)" ended
	assert_dead_and_destroyable
}

@test "interference: a SIGTERM by the runtime does not move the container's init" {
	runc kill "$handle" TERM
	run depotctl run "$handle" echo alive
	assert_output alive
	assert_equal "$(state)" active
}

@test "interference: its init killed from the host ends the container" {
	kill -KILL "$(init_pid)"
	assert_dead_and_destroyable
}

@test "interference: a pause by the runtime is shown, and a run refused until it is resumed" {
	runc pause "$handle"
	assert_equal "$(state)" paused
	run timeout 20 "$BIN/depotctl" --depot "$DEPOT" run "$handle" true
	assert_failure 125
	assert_output --partial paused
	runc resume "$handle"
	assert_equal "$(state)" active
	depotctl run "$handle" true
}

@test "interference: a paused container can be destroyed" {
	depotctl run -d "$handle" sleep 1000
	runc pause "$handle"
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: the runtime's forced delete leaves a container that only destroy helps" {
	depotctl run -d --id p "$handle" sleep 1000
	runc delete -f "$handle"
	eventually process_is p ended
	assert_dead_and_destroyable
}

@test "interference: the runtime's delete of a container whose init was killed changes nothing" {
	kill -KILL "$(init_pid)"
	eventually runc delete "$handle"
	assert_dead_and_destroyable
}

@test "interference: a bundle that is no JSON any more is named, and does not stop destroy" {
	echo '{ "ociVersion": ' >"$DEPOT/$handle/config.json"
	assert_equal "$(state)" broken
	run depotctl run "$handle" true
	assert_failure 125
	assert_output --partial "Failed to load bundle"
	depotctl destroy "$handle"
}

@test "interference: a bundle that was deleted is named, and does not stop destroy" {
	rm "$DEPOT/$handle/config.json"
	assert_equal "$(state)" broken
	run depotctl run "$handle" true
	assert_failure 125
	assert_output --partial config.json
	depotctl destroy "$handle"
}

@test "interference: a bundle that was edited counts from the next run on" {
	jq -c '.process.env += ["EDITED=yes"]' "$DEPOT/$handle/config.json" >"$SCRATCH/edited"
	cp "$SCRATCH/edited" "$DEPOT/$handle/config.json"
	# shellcheck disable=SC2016 # expanded inside
	run depotctl run "$handle" sh -c 'echo $EDITED'
	assert_output yes
}

@test "interference: without its record a live container is taken for what it is" {
	rm "$DEPOT/$handle/record.json"
	assert_equal "$(state)" active
	run depotctl run "$handle" echo alive
	assert_success
	assert_output alive
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: without its record a dead container can be destroyed" {
	rm "$DEPOT/$handle/record.json"
	kill -KILL "$(init_pid)"
	eventually gone "$(init_pid)"
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: a record full of nonsense is named, and does not stop destroy" {
	echo nonsense >"$DEPOT/$handle/record.json"
	assert_equal "$(state)" broken
	run depotctl info "$handle"
	assert_output --partial record.json
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: without processes/ a container forgets its processes and goes on" {
	depotctl run -d --id p "$handle" sleep 1000
	rm -rf "$DEPOT/$handle/processes"
	run depotctl --json ps "$handle"
	assert_success
	assert_equal "$(jq length <<<"$output")" 0
	run depotctl run "$handle" echo alive
	assert_output alive
	run depotctl wait "$handle" p
	assert_failure 125
	assert_output --partial 'unknown process: p'
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: a process directory removed while somebody waits for the process ends the wait with an error" {
	depotctl run -d --id p "$handle" sleep 1000
	pid=$(cat "$(process_dir p)/pidfile")
	"$BIN/depotctl" --depot "$DEPOT" wait "$handle" p 2>"$SCRATCH/err" 3>&- 4>&- &
	waiter=$!
	eventually waits_for_exit $waiter
	rm -rf "$(process_dir p)"
	kill -KILL "$pid"
	wait $waiter || status=$?
	assert_equal "$status" 125
	[ -s "$SCRATCH/err" ]
}

waits_for_exit() {
	find "/proc/$1/fd" -lname '*/processes/p/exit' | grep -q .
}

@test "interference: a FIFO replaced by a file is an error, not a hang" {
	depotctl run -d -i --id p "$handle" cat
	rm "$(process_dir p)/stdout"
	: >"$(process_dir p)/stdout"
	run timeout 10 "$BIN/depotctl" --depot "$DEPOT" attach "$handle" p </dev/null
	assert_failure 125
	assert_output --partial stdout
}

@test "interference: a container of the same name made by hand is not touched" {
	runc delete -f "$handle"
	mkdir "$SCRATCH/other"
	jq -c '.linux.cgroupsPath = "garden/'"$handle"'-other"' "$DEPOT/$handle/config.json" >"$SCRATCH/other/config.json"
	runc run -d --bundle "$SCRATCH/other" "$handle" </dev/null >/dev/null 2>&1 3>&- 4>&-
	run depotctl destroy "$handle"
	assert_success
	run runc state "$handle"
	assert_success
	assert_equal "$(jq -r .status <<<"$output")" running
	runc delete -f "$handle"
	rm -rf "$SCRATCH/other"
}

@test "interference: the runtime's exec works in it, and destroy ends what it started" {
	run runc exec "$handle" /bin/echo by hand
	assert_output "by hand"
	runc exec -d "$handle" /bin/sleep 1000 </dev/null >/dev/null 2>&1 3>&- 4>&-
	depotctl destroy "$handle"
	refute_leaks
}

@test "interference: the runtime lists it, and tells its statistics" {
	run runc list
	assert_output --regexp "$handle +[0-9]+ +running +$DEPOT/$handle"
	run runc events --stats "$handle"
	assert_success
	assert_equal "$(jq -r .id <<<"$output")" "$handle"
}

@test "interference: a stray file in the depot is no container, and hides none" {
	: >"$DEPOT/stray"
	run depotctl list -q
	rm "$DEPOT/stray"
	assert_success
	assert_line "$handle"
}
