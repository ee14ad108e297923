#!/usr/bin/env bats
# depotctl stream-in and stream-out: archives into and out of a container.

load helpers
load depotctl.bash

setup_file() {
	depotctl_setup_file
	mkdir "$SCRATCH/files" "$SCRATCH/files/folder"
	echo one >"$SCRATCH/files/one"
	echo two >"$SCRATCH/files/folder/two"
}
teardown_file() { depot_end; }
setup() { handle=$SHARED; }

@test "stream-in: unpacks, makes the directory, and root owns it" {
	tar -C "$SCRATCH/files" -cf - . | depotctl stream-in "$handle" /new/place
	run depotctl run "$handle" sh -c 'cat /new/place/one /new/place/folder/two; stat -c %u:%g /new/place/one'
	assert_output "$(printf '%s\n' one two 0:0)"
}

@test "stream-in: --user owns what comes" {
	tar -C "$SCRATCH/files" -cf - one | depotctl stream-in --user alice "$handle" /home/alice/in
	run depotctl run "$handle" stat -c %U:%G /home/alice/in/one
	assert_output alice:alice
	tar -C "$SCRATCH/files" -cf - one | depotctl stream-in -u alice "$handle" inbox
	run depotctl run "$handle" cat /home/alice/inbox/one
	assert_output one
}

@test "stream-out: a directory, its contents, a file" {
	depotctl run "$handle" sh -c 'mkdir -p /out/sub && echo x >/out/sub/x'
	assert_equal "$(depotctl stream-out "$handle" /out | tar -tf - | sort)" "$(printf '%s\n' out/ out/sub/ out/sub/x)"
	assert_equal "$(depotctl stream-out "$handle" /out/ | tar -tf - | sort)" "$(printf '%s\n' ./ ./sub/ ./sub/x)"
	assert_equal "$(depotctl stream-out "$handle" /out/sub/x | tar -xOf -)" x
}

@test "stream-out: --user reads with its own rights" {
	depotctl run "$handle" sh -c 'mkdir -p /private && echo x >/private/x && chmod 700 /private'
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' stream-out -u alice '$handle' /private/x >/dev/null"
	assert_failure 125
	assert_output --partial 'depotctl: stream-out: '
}

@test "stream-in, stream-out: what goes in comes out the same" {
	head -c 5000000 /dev/urandom >"$SCRATCH/noise"
	tar -C "$SCRATCH" -cf - noise | depotctl stream-in "$handle" /tmp/big
	depotctl stream-out "$handle" /tmp/big/noise | tar -xOf - | cmp "$SCRATCH/noise" -
}

@test "stream-in, stream-out: failures are said once, and exit with 125" {
	for words in 'stream-in nobody /tmp' 'stream-out nobody /tmp'; do
		# shellcheck disable=SC2086
		refuse "${words%% *}: unknown handle: nobody" $words
	done
	run bash -c "echo 'this is no archive, but long enough to look at' | '$BIN/depotctl' --depot '$DEPOT' stream-in '$handle' /tmp"
	assert_failure 125
	assert_output --regexp '^depotctl: stream-in: [^:]*nstar'
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' stream-out '$handle' /no/such/path 2>&1 >/dev/null"
	assert_failure 125
	assert_output --regexp '^depotctl: stream-out: [^:]*nstar'
	run depotctl stream-in --user nobody-knows "$handle" /tmp </dev/null
	assert_failure 125
}
