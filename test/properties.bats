# What is kept on a container: properties as the operations set, find and save them (test/unit/properties.c).

bats_require_minimum_version 1.5.0
load helpers

UNITS=${UNITS:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/unit")}

setup_file() { depot_begin; }
teardown_file() { depot_end; }
teardown() { destroy_all; }

properties() { "$UNITS/properties" "$@"; }

# fake STATE [INIT]: a container as far as its files tell, in that state; its handle is in $handle.
fake() {
	handle=$GDN_TEST_RUN-$BATS_TEST_NUMBER-$RANDOM
	mkdir "$DEPOT/$handle"
	jq -nc --arg state "$1" --argjson pid "${2:-0}" '{state: $state, boot_id: "x", runtime: "runc", runtime_root: "/run/runc",
		init: {pid: $pid, start: 1}}' >"$DEPOT/$handle/record.json"
}

@test "properties: a container that was created has the state to show for it, and stop adds another" {
	create
	run -0 properties all "$handle"
	assert_output '{"garden.state":"created"}'
	run -0 properties get "$handle" garden.state
	assert_output created
	run -1 properties get "$handle" rundmc.state
	depotctl stop --kill "$handle"
	run -0 properties all "$handle"
	assert_output '{"garden.state":"created","rundmc.state":"stopped"}'
	run -0 properties get "$handle" rundmc.state
	assert_output stopped
}

@test "properties: what was set is there, also after it was set anew, until it is removed" {
	fake created
	properties set "$handle" a 1
	properties set "$handle" 'b c' ''
	properties set "$handle" a $'q"\\ \t\n\xc3\xa9 <&>'
	run -0 properties get "$handle" a
	assert_output $'q"\\ \t\n\xc3\xa9 <&>'
	run -0 properties get "$handle" 'b c'
	assert_output ''
	properties remove "$handle" a
	run -1 --separate-stderr properties get "$handle" a
	assert_equal "$stderr" 'property does not exist: a'
	properties remove "$handle" a
	run -0 properties all "$handle"
	assert_output '{"b c":"","garden.state":"created"}'
}

@test "properties: a property of a name that the record tells goes first" {
	fake created
	properties set "$handle" garden.state other
	run -0 properties get "$handle" garden.state
	assert_output other
	properties remove "$handle" garden.state
	run -0 properties get "$handle" garden.state
	assert_output created
}

@test "properties: replaced as a whole" {
	fake created
	properties set "$handle" a 1
	properties replace "$handle" '{"b":"2","c":"\u0000"}'
	run -0 cat "$DEPOT/$handle/properties.json"
	assert_output '{"b":"2","c":"\u0000"}'
	run -0 properties get "$handle" c
	assert_output $'\xc0\x80'
}

@test "properties: an unknown handle has none, and setting some is no error and makes nothing" {
	local handle

	for handle in nope . .. '' 'a b' a/b; do
		run -0 properties all "$handle"
		assert_output null
		properties set "$handle" a 1
		properties remove "$handle" a
		run -1 --separate-stderr properties get "$handle" a
		assert_equal "$stderr" 'property does not exist: a'
	done
	run -4 properties replace nope '{}'
	assert_equal "$(ls -A "$DEPOT")" ''
}

@test "properties: what is not UTF-8 is refused, and changes nothing" {
	fake created
	properties set "$handle" a 1
	run -1 properties set "$handle" a $'\xff'
	assert_output --partial 'not UTF-8'
	run -1 properties set "$handle" $'\xff' 1
	run -0 cat "$DEPOT/$handle/properties.json"
	assert_output '{"a":"1"}'
	assert [ ! -e "$DEPOT/$handle/.properties.json" ]
}

@test "properties: a file that cannot be read is an error, not none" {
	fake created
	echo '{"a":' >"$DEPOT/$handle/properties.json"
	run -1 properties all "$handle"
	assert_output --partial 'parse properties.json'
	run -1 properties set "$handle" b 1
	run -0 cat "$DEPOT/$handle/properties.json"
	assert_output '{"a":'
	assert [ ! -e "$DEPOT/$handle/.properties.json" ]
}

@test "properties: a file with anything but strings is refused, not passed on" {
	fake created
	for value in 5 NaN null '{"b":"c"}'; do
		echo "{\"a\":$value}" >"$DEPOT/$handle/properties.json"
		run -1 properties all "$handle"
		assert_output 'parse properties.json: the property a is no string'
	done
}

@test "properties: of many changes at once none is lost, and nothing is left beside the file" {
	local writer

	fake created
	for writer in a b c d e f; do
		properties many "$handle" "$writer" 50 3>&- &
	done
	wait
	assert_equal "$(jq -r 'length' "$DEPOT/$handle/properties.json")" 300
	assert [ ! -e "$DEPOT/$handle/.properties.json" ]
}

@test "properties: a change whose maker was killed at any step was made or not, and holds up no other" {
	local step=0 before=0

	fake created
	properties set "$handle" a 0
	while :; do
		step=$((step + 1))
		"$TOOLS/crash" -o "$SCRATCH/result" $step properties -- "$UNITS/properties" set "$handle" a $step || true
		run -0 properties get "$handle" a
		[ "$output" = $before ] || [ "$output" = $step ] || fail "$(cat "$SCRATCH/result"): $output"
		before=$output
		! grep -q ^finished "$SCRATCH/result" || break
	done
	assert [ $step -gt 5 ]
	assert_equal "$before" $step
	assert [ ! -e "$DEPOT/$handle/.properties.json" ]
}

@test "properties: a change waits for no operation on the container" {
	fake created
	exec 9<"$DEPOT/$handle"
	flock -x 9
	run -0 timeout 5 "$UNITS/properties" set "$handle" a 1
	exec 9<&-
	run -0 properties get "$handle" a
	assert_output 1
}

@test "find: containers whose properties equal all that is wanted, where a missing one equals the empty string" {
	local first second

	fake created && first=$handle
	fake created && second=$handle
	properties set "$first" owner team-a
	properties set "$first" color red
	properties set "$second" owner team-a
	assert_equal "$(properties find)" "$(printf '%s\n' "$first" "$second" | sort)"
	assert_equal "$(properties find owner team-a)" "$(printf '%s\n' "$first" "$second" | sort)"
	assert_equal "$(properties find owner team-a color red)" "$first"
	assert_equal "$(properties find owner team-a color '')" "$second"
	assert_equal "$(properties find owner team)" ''
	assert_equal "$(properties find nothing '')" "$(printf '%s\n' "$first" "$second" | sort)"
}

@test "find: only what was created and is not gone counts, unless all is asked for" {
	local creating undone created failing

	fake creating && creating=$handle
	fake destroying && undone=$handle
	fake created && created=$handle
	fake destroying 12 && failing=$handle
	mkdir "$DEPOT/$GDN_TEST_RUN~gone"
	assert_equal "$(properties find)" "$(printf '%s\n' "$created" "$failing" | sort)"
	assert_equal "$(properties find garden.state created)" "$(printf '%s\n' "$created" "$failing" | sort)"
	assert_equal "$(properties find garden.state all)" "$(printf '%s\n' "$creating" "$undone" "$created" "$failing" | sort)"
	assert_equal "$(properties find garden.state '')" "$(printf '%s\n' "$creating" "$undone" | sort)"
	properties set "$created" garden.state kept
	assert_equal "$(properties find garden.state kept)" "$created"
	assert_equal "$(properties find)" "$failing"
	rmdir "$DEPOT/$GDN_TEST_RUN~gone"
}

@test "find: a container of another tool counts while its init lives" {
	create
	rm "$DEPOT/$handle/record.json"
	run -0 properties find
	assert_output "$handle"
	run -0 properties all "$handle"
	assert_output '{"garden.state":"created"}'
}
