#!/usr/bin/env bats
# The command line of depotctl, and the commands that make, show and end things.

load helpers
load depotctl.bash

setup_file() { depotctl_setup_file; }
teardown_file() { depot_end; }
setup() { handle=$SHARED; }

COMMANDS='create list info run attach wait signal ps stop destroy stream-in stream-out completion help'

# --- help ---

@test "help: names every command and every exit code of ours" {
	run depotctl help
	assert_success
	for command in $COMMANDS; do
		assert_line --regexp "^  $command +[A-Z]"
	done
	for code in 0 125 126 127; do
		assert_line --regexp "^  $code +"
	done
}

@test "help: there is one for each command, by 'help' and by --help" {
	for command in $COMMANDS; do
		run depotctl help "$command"
		assert_success
		assert_line --index 0 --regexp "^usage: depotctl $command \[flags\]"
		assert_equal "$(depotctl "$command" --help)" "$output"
		assert_equal "$(depotctl --help "$command")" "$output"
		assert_equal "$(depotctl "$command" -h)" "$output"
	done
}

@test "help: needs no depot" {
	run "$BIN/depotctl" --depot /nowhere help
	assert_success
	run "$BIN/depotctl" --depot /nowhere completion bash
	assert_success
}

@test "help: --version prints the version" {
	for arguments in --version 'list --version' '--version list'; do
		# shellcheck disable=SC2086
		run depotctl $arguments
		assert_success
		assert_output --regexp '^depotctl [^ ]+$'
	done
}

# --- bad command lines ---

@test "command line: nothing at all is a mistake" {
	refuse 'no command'
	assert_line "depotctl: try 'depotctl help'"
}

@test "command line: an unknown command is named, and a near one offered" {
	refuse "unknown command 'lst'; did you mean 'list'?" lst
	refuse "unknown command 'destory'; did you mean 'destroy'?" destory x
	refuse "unknown command 'steam-in'; did you mean 'stream-in'?" steam-in
	refuse "unknown command 'frobnicate'" frobnicate
	refuse "unknown command ''" ''
	refuse "help: unknown command 'lst'" help lst
}

@test "command line: an unknown flag is named, and a near one offered" {
	refuse 'list: unknown flag --dept; did you mean --depot?' list --dept x
	refuse 'unknown flag --dept; did you mean --depot?' --dept x list
	refuse 'list: unknown flag --frobnicate' list --frobnicate
	refuse 'list: unknown flag --frobnicate' list --frobnicate=1
	refuse 'info: unknown flag --frobnicate' info "$handle" --frobnicate
	refuse 'signal: unknown flag -9' signal "$handle" x -9
	refuse 'list: unknown flag -x' list -x
	refuse 'list: unknown flag -x' list -qx
}

@test "command line: a flag of another command is refused" {
	refuse 'list: --rootfs is not for this command' list --rootfs /
	refuse 'destroy: --kill is not for this command' destroy --kill "$handle"
	refuse '--rootfs stands behind the command it is for' --rootfs / create
	refuse 'attach: --json is not for this command' attach --json "$handle" x
	refuse 'stop: --json is not for this command' --json stop "$handle"
}

@test "command line: a flag's value is there when it needs one, and only then" {
	refuse '--depot needs a value, DIR' --depot
	refuse 'wait: --timeout needs a value, SECONDS' wait "$handle" x --timeout
	refuse 'list: --json takes no value' list --json=yes
	refuse '--depot: the path is empty' --depot '' list
	refuse 'create: --rootfs: the path is empty' create --rootfs ''
}

@test "command line: arguments are neither missing nor too many" {
	refuse "create: unexpected argument 'x'" create --rootfs "$ROOTFS" x
	refuse "list: unexpected argument 'x'" list x
	refuse 'info: HANDLE... is missing' info
	refuse 'run: HANDLE is missing' run
	refuse 'run: COMMAND is missing' run "$handle"
	refuse 'run: COMMAND is missing' run "$handle" --
	refuse 'run: COMMAND is missing' run --rm --rootfs "$ROOTFS"
	refuse 'run: COMMAND is missing' run --rm --rootfs "$ROOTFS" --
	refuse 'attach: HANDLE is missing' attach
	refuse 'attach: ID is missing' attach "$handle"
	refuse "attach: unexpected argument 'x'" attach "$handle" id x
	refuse 'wait: ID is missing' wait "$handle"
	refuse "wait: unexpected argument 'x'" wait "$handle" id x
	refuse 'signal: ID is missing' signal "$handle"
	refuse 'signal: SIGNAL is missing' signal "$handle" id
	refuse "signal: unexpected argument 'x'" signal "$handle" id TERM x
	refuse "ps: unexpected argument 'x'" ps "$handle" x
	refuse 'stop: HANDLE... is missing' stop
	refuse 'destroy: HANDLE... or --all is missing' destroy
	refuse 'destroy: --all leaves nothing to name' destroy --all "$handle"
	refuse 'stream-in: PATH is missing' stream-in "$handle"
	refuse "stream-in: unexpected argument 'x'" stream-in "$handle" /tmp x
	refuse 'stream-out: PATH is missing' stream-out "$handle"
	refuse "stream-out: unexpected argument 'x'" stream-out "$handle" /tmp x
	refuse 'completion: SHELL is missing' completion
	refuse "completion: no completion for 'tcsh', only for bash" completion tcsh
	refuse "help: unexpected argument 'list'" help run list
}

@test "command line: the flags of every command stand before or behind it" {
	run "$BIN/depotctl" --depot "$DEPOT" --json list --quiet
	assert_output "[\"$handle\"]"
	run "$BIN/depotctl" list -q --json --depot="$DEPOT"
	assert_output "[\"$handle\"]"
	run "$BIN/depotctl" info "$handle" --depot "$DEPOT"
	assert_success
}

@test "command line: numbers are numbers" {
	refuse "wait: --timeout: 'soon' is not a whole number from 0 to 2147483" wait --timeout soon "$handle" x
	refuse "wait: --timeout: '-1' is not a whole number from 0 to 2147483" wait --timeout -1 "$handle" x
	refuse "wait: --timeout: '' is not a whole number from 0 to 2147483" wait --timeout= "$handle" x
	refuse "list: --step-timeout: '0' is not a whole number from 1 to 2147483" list --step-timeout 0
	refuse "list: --lock-timeout: '2147484' is not a whole number from 0 to 2147483" list --lock-timeout 2147484
	refuse "create: --pids: '1.5' is not a whole number from 0 to 18446744073709551615" create --pids 1.5
	refuse "create: --pids: '18446744073709551616' is not a whole number from 0 to 18446744073709551615" \
		create --pids 18446744073709551616
	refuse "create: --cpu-shares: ' 1' is not a whole number from 0 to 18446744073709551615" create --cpu-shares ' 1'
	for flag in uid-map-start uid-map-length gid-map-start gid-map-length; do
		refuse "create: --$flag: '4294967296' is not a whole number from 0 to 4294967295" create --$flag 4294967296
	done
	for size in M 1X 1MB 1MM -1 16777216T ''; do
		refuse "create: --memory: '$size' is not a size: bytes, or a number followed by K, M, G or T" create --memory "$size"
	done
}

@test "command line: values with parts have all of them" {
	for words in NAME =value ''; do
		refuse "create: --env: '$words' is not of the form NAME=VALUE" create --env "$words"
		refuse "run: --env: '$words' is not of the form NAME=VALUE" run --env "$words" "$handle" true
	done
	for words in /tmp :/tmp /tmp: /tmp:relative ''; do
		refuse "create: --bind-mount: '$words' is not of the form SOURCE:/DESTINATION[:ro|:rw]" create --bind-mount "$words"
	done
	refuse "create: --bind-mount: '/tmp:/tmp:wr': the mode is ro or rw, not 'wr'" create --bind-mount /tmp:/tmp:wr
	for words in 80 80x x24 0x24 80x0 80x65536 80x24x1 80X24; do
		refuse "run: --window: '$words' is not a size of the form COLUMNSxROWS, each from 1 to 65535" \
			run -t --window "$words" "$handle" true
	done
	refuse "run: --rlimit: 'nofile' is not of the form NAME=NUMBER" run --rlimit nofile "$handle" true
	refuse "run: --rlimit: 'many' is neither a number nor 'unlimited'" run --rlimit nofile=many "$handle" true
	run depotctl run --rlimit files=1 "$handle" true
	assert_failure 125
	assert_line --partial "run: --rlimit: 'files' is not the name of a limit; those are as core cpu"
}

@test "command line: flags that contradict each other are refused" {
	refuse 'run: --rm and --detach contradict each other' run --rm -d --rootfs "$ROOTFS" true
	refuse 'run: --rm needs --rootfs' run --rm true
	refuse 'run: --memory describes a new container, and needs --rm' run --memory 1G "$handle" true
	refuse 'run: --rootfs describes a new container, and needs --rm' run --rootfs "$ROOTFS" "$handle" true
	refuse "run: --json is for --detach; otherwise standard output is the process's" run --json "$handle" true
	refuse 'run: --window needs --tty' run --window 80x24 "$handle" true
	refuse 'run: --forget is of no use with --detach; wait has one too' run --forget -d "$handle" true
}

@test "command line: what every command needs is checked before anything is done" {
	refuse 'list: invalid depot directory /nowhere: open /nowhere: no such file or directory' --depot /nowhere list
	refuse 'create: --rootfs is missing' create
	for helper in dadoo init nstar; do
		refuse "create: $helper: stat /nowhere: no such file or directory" \
			create --rootfs "$ROOTFS" --$helper-bin /nowhere
		refuse "create: $helper: path '/tmp' is a directory, not a file" create --rootfs "$ROOTFS" --$helper-bin /tmp
	done
	refuse 'create: empty runtime' create --rootfs "$ROOTFS" --runtime-plugin ''
}

@test "command line: depot and runtime come from flag, environment or default, in that order" {
	GDN_DEPOT=$DEPOT run "$BIN/depotctl" list -q
	assert_output "$handle"
	GDN_DEPOT=/nowhere run "$BIN/depotctl" --depot "$DEPOT" list -q
	assert_output "$handle"
	(cd "$SCRATCH" && "$BIN/depotctl" --depot depot list -q) | assert_output "$handle"
	GDN_RUNTIME=/nowhere/runtime refuse 'list: runtime: stat /nowhere/runtime: no such file or directory' list
	GDN_RUNTIME=/nowhere/runtime run depotctl list --runtime-plugin runc
	assert_success
	GDN_DEPOT='' run "$BIN/depotctl" list
	[ -e /var/run/gdn/depot ] || assert_output --partial /var/run/gdn/depot
}

@test "command line: a handle or id that cannot be one is refused by every command" {
	for name in . .. a/b 'a b' "$(printf 'a%.0s' {1..300})"; do
		for command in info 'run :' 'attach : x' 'wait : x' 'signal : x TERM' ps stop destroy 'stream-in : /' 'stream-out : /'; do
			words=()
			for word in $command; do
				[ "$word" = : ] && word=$name
				words+=("$word")
			done
			case $command in
			*:*) ;;
			*) words+=("$name") ;;
			esac
			[ "${words[0]}" = run ] && words+=(true)
			run depotctl "${words[@]}" </dev/null
			assert_failure 125
			assert_output --partial "depotctl: ${words[0]}: "
		done
		for command in attach wait; do
			run depotctl "$command" "$handle" "$name" </dev/null
			assert_failure 125
		done
		run depotctl signal "$handle" "$name" TERM
		assert_failure 125
		run depotctl run --id "$name" "$handle" true
		assert_failure 125
		run depotctl create --handle "$name" --rootfs "$ROOTFS"
		assert_failure 125
	done
	assert_equal "$(depotctl list -q)" "$handle"
	assert_equal "$(ls "$SCRATCH")" "$(printf '%s\n' depot machine rootfs)"
}

@test "command line: an unknown handle or process is said to be unknown" {
	for command in 'info nobody' 'run nobody true' 'attach nobody x' 'wait nobody x' 'signal nobody x 9' 'ps nobody' \
		'stop nobody' 'destroy nobody' 'stream-in nobody /' 'stream-out nobody /'; do
		# shellcheck disable=SC2086
		refuse "${command%% *}: unknown handle: nobody" $command
	done
	refuse 'attach: unknown process: nobody' attach "$handle" nobody
	refuse 'wait: unknown process: nobody' wait "$handle" nobody
	refuse 'signal: unknown process: nobody' signal "$handle" nobody TERM
}

@test "command line: an output that cannot be written is a failure, but not a reader that left" {
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' list >/dev/full"
	assert_failure 125
	assert_output 'depotctl: unable to write standard output'
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' list | true; exit \${PIPESTATUS[0]}"
	assert_output ''
	[ "$status" -eq 0 ] || [ "$status" -eq 141 ]
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' list >&-"
	assert_success
}

# --- create ---

@test "create: prints the handle, random unless given" {
	run depotctl create --rootfs "$ROOTFS"
	assert_success
	assert_output --regexp '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
	depotctl destroy "$output"
	run depotctl create --rootfs "$ROOTFS" --handle "$SHARED-given"
	assert_output "$SHARED-given"
	depotctl destroy "$SHARED-given"
	run depotctl --json create --rootfs "$ROOTFS" --handle "$SHARED-given"
	assert_output "{\"handle\":\"$SHARED-given\"}"
	depotctl destroy "$SHARED-given"
}

@test "create: a handle that is taken is refused, and its container untouched" {
	refuse "create: Handle '$handle' already in use" create --rootfs "$ROOTFS" --handle "$handle"
	assert_equal "$(depotctl run "$handle" echo alive)" alive
}

@test "create: a root filesystem that will not do is refused" {
	run depotctl create --rootfs /nowhere
	assert_failure 125
	assert_output --partial /nowhere
	run depotctl create --rootfs /etc/passwd
	assert_failure 125
	assert_output --partial 'not a directory'
	assert_equal "$(depotctl list -q)" "$handle"
}

@test "create: everything that can be said about a container reaches it" {
	mkdir -p "$SCRATCH/shared"
	echo from the host >"$SCRATCH/shared/file"
	chown -R 4294967294:4294967294 "$SCRATCH/shared"
	(cd "$SCRATCH" && depotctl create --rootfs rootfs --handle "$SHARED-all" --hostname box --env COLOUR=blue -e SIZE=big \
		--bind-mount shared:/read --bind-mount "$SCRATCH/shared:/write:rw" --memory 64M --cpu-shares 512 --pids 77 >/dev/null)
	run depotctl run "$SHARED-all" sh -c 'hostname; echo $COLOUR $SIZE; cat /read/file; echo x >/read/x || echo read-only
		echo back >/write/back; cat /read/back'
	assert_line --index 0 box
	assert_line --index 1 'blue big'
	assert_line --index 2 'from the host'
	assert_line read-only
	assert_line back
	run jq -c '[.linux.resources.memory.limit, .linux.resources.cpu.shares, .linux.resources.pids.limit]' \
		"$DEPOT/$SHARED-all/config.json"
	assert_output '[67108864,512,77]'
	run depotctl info "$SHARED-all"
	assert_line --regexp '^env +COLOUR=blue$'
	assert_line --regexp '^ +SIZE=big$'
	depotctl destroy "$SHARED-all"
}

@test "create: sizes take units" {
	for size in 8388608 8192K 8192k 8M; do
		depotctl create --rootfs "$ROOTFS" --handle "$SHARED-size" --memory $size >/dev/null
		assert_equal "$(jq .linux.resources.memory.limit "$DEPOT/$SHARED-size/config.json")" 8388608
		depotctl destroy "$SHARED-size"
	done
}

@test "create: the ids of its users can be mapped elsewhere" {
	depotctl create --rootfs "$ROOTFS" --handle "$SHARED-ids" --uid-map-start 5000 --uid-map-length 2000 \
		--gid-map-start 6000 --gid-map-length 3000 >/dev/null
	run jq -c '[.linux.uidMappings[1], .linux.gidMappings[1]] | map([.containerID, .hostID, .size])' \
		"$DEPOT/$SHARED-ids/config.json"
	assert_output '[[1,5000,2000],[1,6000,3000]]'
	depotctl destroy "$SHARED-ids"
}

@test "create: a privileged container is one, and says so" {
	depotctl create --rootfs "$ROOTFS" --handle "$SHARED-root" --privileged >/dev/null
	run depotctl info "$SHARED-root"
	assert_line --regexp '^privileged +yes$'
	run depotctl run "$SHARED-root" cat /proc/self/uid_map
	assert_output --regexp '^ +0 +0 +4294967295$'
	depotctl destroy "$SHARED-root"
}

@test "create: --no-new-privileges and --apparmor are in the bundle" {
	depotctl create --rootfs "$ROOTFS" --handle "$SHARED-nnp" --no-new-privileges >/dev/null
	assert_equal "$(depotctl run "$SHARED-nnp" grep NoNewPrivs /proc/self/status)" "$(printf 'NoNewPrivs:\t1')"
	depotctl destroy "$SHARED-nnp"
	# Whether this kernel has AppArmor or not: the runtime keeps a copy of the bundle, and fails.
	runtime_whose_run_is "cp '$DEPOT/$SHARED-aa/config.json' '$SCRATCH/asked'; exit 1"
	run depotctl create --rootfs "$ROOTFS" --handle "$SHARED-aa" --apparmor garden --runtime-plugin "$SCRATCH/runtime"
	assert_failure 125
	assert_equal "$(jq -r .process.apparmorProfile "$SCRATCH/asked")" garden
	assert_equal "$(depotctl list -q)" "$handle"
}

@test "create: the runtime and its root can be chosen" {
	runtime_whose_run_is "touch '$SCRATCH/chosen'"
	depotctl create --rootfs "$ROOTFS" --handle "$SHARED-rt" --runtime-plugin "$SCRATCH/runtime" \
		--runtime-root "$SCRATCH/state" >/dev/null
	[ -e "$SCRATCH/chosen" ]
	[ -e "$SCRATCH/state/$SHARED-rt" ]
	assert_equal "$(depotctl run "$SHARED-rt" echo hello)" hello
	depotctl destroy "$SHARED-rt"
}

@test "create: a runtime that hangs is given up after --step-timeout" {
	runtime_whose_run_is 'exec sleep 1000'
	run timeout 30 "$BIN/depotctl" --depot "$DEPOT" create --rootfs "$ROOTFS" --handle "$SHARED-hang" \
		--runtime-plugin "$SCRATCH/runtime" --step-timeout 1
	assert_failure 125
	assert_output --partial 'depotctl: create: '
	assert_equal "$(depotctl list -q)" "$handle"
}

# runtime_whose_run_is SHELL: runc as $SCRATCH/runtime, which does something before it runs a container.
runtime_whose_run_is() {
	printf '#!/bin/sh\ncase " $* " in\n*" run "*)\n\t%s\n\t;;\nesac\nexec runc "$@"\n' "$1" >"$SCRATCH/runtime"
	chmod 755 "$SCRATCH/runtime"
}

@test "destroy: does not wait longer than --lock-timeout for another operation" {
	create
	exec 7<"$DEPOT/$handle"
	flock -x 7
	run depotctl destroy --lock-timeout 1 "$handle" 7<&-
	assert_failure 125
	assert_output "depotctl: destroy: container $handle is held by another operation, waited 1 s"
	run timeout 1 "$BIN/depotctl" --depot "$DEPOT" destroy --lock-timeout=0 "$handle" 7<&-
	assert_failure 125
	exec 7<&-
	depotctl destroy "$handle"
}

@test "command line: --verbose tells what is done, on standard error" {
	assert_equal "$(depotctl -v run "$handle" echo hello 2>"$SCRATCH/said")" hello
	grep -qx "depotctl: depot $DEPOT, runtime runc with its state in /run/runc" "$SCRATCH/said"
	assert_equal "$(depotctl run "$handle" echo hello 2>&1)" hello
}

# --- list, info, ps ---

@test "list: a line for each container" {
	run depotctl list
	assert_success
	assert_line --index 0 --regexp '^HANDLE +STATE +PROCESSES +AGE +ROOTFS$'
	assert_line --index 1 --regexp "^$handle +active +[0-9]+ +[0-9]+[smhd] +$ROOTFS\$"
}

@test "list: --quiet has the handles alone" {
	create
	run depotctl list -q
	assert_output "$(printf '%s\n' "$SHARED" "$handle" | sort)"
	run depotctl list --quiet --json
	assert_equal "$(jq -r '.[]' <<<"$output")" "$(printf '%s\n' "$SHARED" "$handle" | sort)"
	depotctl destroy "$handle"
}

@test "list: an entry that is broken is shown and hides no other" {
	mkdir "$DEPOT/$SHARED-broken"
	echo '{' >"$DEPOT/$SHARED-broken/record.json"
	run depotctl list
	assert_line --regexp "^$SHARED +active "
	assert_line --regexp "^$SHARED-broken +broken "
	run depotctl info "$SHARED-broken"
	assert_success
	assert_line --regexp '^note +.'
	assert_equal "$(depotctl --json info "$SHARED-broken" | jq -r '.[0].state')" broken
	depotctl destroy "$SHARED-broken"
}

@test "list: names from elsewhere cannot talk to the terminal" {
	mkdir "$DEPOT/$(printf 'a\033[31mb')"
	run depotctl list
	rmdir "$DEPOT/$(printf 'a\033[31mb')"
	refute_output --partial $'\033'
	assert_equal "$(printf '%s' "$output" | tr -d '\n' | tr -d '[:print:]')" ''
}

@test "list, info: JSON has the documented keys" {
	keys='["cgroups","created","env","handle","init_pid","note","path","privileged","processes","rootfs","state"]'
	for command in list "info $handle"; do
		# shellcheck disable=SC2086
		run depotctl --json $command
		assert_success
		assert_equal "$(jq -c '.[0] | keys' <<<"$output")" "$keys"
		assert_equal "$(jq -r '.[0] | .handle, .state, .rootfs, .path' <<<"$output")" \
			"$(printf '%s\n' "$handle" active "$ROOTFS" "$DEPOT/$handle")"
		assert_equal "$(jq '.[0].init_pid' <<<"$output")" "$(cat "$DEPOT/$handle/pidfile")"
		jq -e '.[0].created | test("^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{3}Z$")' <<<"$output"
	done
}

@test "info: several containers, and the failure of one does not hide the others" {
	create
	run depotctl info "$SHARED" nobody "$handle"
	assert_failure 125
	assert_line --regexp "^handle +$SHARED\$"
	assert_line --regexp "^handle +$handle\$"
	assert_line 'depotctl: info: unknown handle: nobody'
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' --json info '$SHARED' nobody '$handle' 2>/dev/null"
	assert_equal "$(jq -r '.[].handle' <<<"$output")" "$(printf '%s\n' "$SHARED" "$handle")"
	depotctl destroy "$handle"
}

@test "info: a container without its init is dead, and why is noted" {
	create
	kill -KILL "$(cat "$DEPOT/$handle/pidfile")"
	eventually container_is dead
	run depotctl info "$handle"
	assert_line --regexp '^note +.'
	run depotctl run "$handle" true
	assert_failure 125
	depotctl destroy "$handle"
}

container_is() {
	[ "$(depotctl --json info "$handle" | jq -r '.[0].state')" = "$1" ]
}

@test "ps: a line for each process, of one container or of all" {
	create
	depotctl run -d --id sleeper "$handle" sleep 1234
	depotctl run -d -t --id shell "$SHARED" sleep 4321
	depotctl run --id gone "$handle" sh -c 'exit 3' || true
	run depotctl ps "$handle"
	assert_success
	assert_line --index 0 --regexp '^HANDLE +ID +STATE +PID +EXIT +TTY +AGE +COMMAND$'
	assert_line --regexp "^$handle +gone +ended +- +3 +no +[0-9]+s +-\$"
	assert_line --regexp "^$handle +sleeper +running +[0-9]+ +- +no +[0-9]+s +sleep 1234\$"
	refute_output --partial shell
	run depotctl ps
	assert_line --regexp "^$handle +sleeper +running "
	assert_line --regexp "^$SHARED +shell +running +[0-9]+ +- +yes "
	assert_equal "$(depotctl ps -q "$handle")" "$(printf '%s\n' gone sleeper)"
	assert_equal "$(depotctl ps -q --json "$handle")" '["gone","sleeper"]'
	depotctl signal "$SHARED" shell KILL
	depotctl destroy "$handle"
}

@test "ps: JSON has the documented keys" {
	depotctl run -d --id keys "$handle" sleep 1000
	run depotctl --json ps "$handle"
	process=$(jq -c '.[] | select(.id == "keys")' <<<"$output")
	assert_equal "$(jq -c keys <<<"$process")" '["exit_code","handle","id","pid","shim_pid","started","state","terminal","terminal_lost"]'
	assert_equal "$(jq -c '[.handle, .state, .terminal, .exit_code]' <<<"$process")" "[\"$handle\",\"running\",false,null]"
	assert_equal "$(jq .pid <<<"$process")" "$(cat "$(process_dir keys)/pidfile")"
	depotctl signal "$handle" keys KILL
	run depotctl wait "$handle" keys
	assert_equal "$(depotctl --json ps "$handle" | jq -c '.[] | select(.id == "keys") | .exit_code')" 137
}

# --- wait, signal ---

@test "wait: prints nothing and exits as the process did, again and again" {
	depotctl run -d --id coded "$handle" sh -c 'exit 17'
	for _ in 1 2 3; do
		run depotctl wait "$handle" coded
		assert_failure 17
		assert_output ''
	done
	run depotctl wait --json "$handle" coded
	assert_failure 17
	assert_output "{\"handle\":\"$handle\",\"id\":\"coded\",\"exit_code\":17}"
}

@test "wait: several can wait at once" {
	depotctl run -d --id waited "$handle" sleep 1000
	waiters=()
	for _ in 1 2 3; do
		"$BIN/depotctl" --depot "$DEPOT" wait "$handle" waited 3>&- 4>&- &
		waiters+=($!)
	done
	depotctl signal "$handle" waited TERM
	for waiter in "${waiters[@]}"; do
		ended "$waiter"
		assert_equal "$status" 143
	done
}

@test "wait: --timeout ends the waiting, not the process" {
	depotctl run -d --id slow "$handle" sleep 1000
	run depotctl wait --timeout 0 "$handle" slow
	assert_failure 125
	assert_output --partial 'process slow is still running'
	run depotctl wait "$handle" slow --timeout 1
	assert_failure 125
	state_is slow running
	depotctl signal "$handle" slow KILL
	run depotctl wait --timeout 10 "$handle" slow
	assert_failure 137
}

@test "wait: --forget removes the process's directory" {
	depotctl run -d --id brief "$handle" true
	run depotctl wait --forget "$handle" brief
	assert_success
	[ ! -e "$(process_dir brief)" ]
	refuse 'wait: unknown process: brief' wait "$handle" brief
}

@test "signal: a name, a name with SIG, in small letters, or a number" {
	for word in USR1 SIGUSR1 usr1 sigusr1 10; do
		depotctl run -d --id "sig-$word" "$handle" sh -c 'trap "exit 5" USR1; touch /tmp/trapped; while :; do sleep 0.02; done'
		eventually test -e "$ROOTFS/tmp/trapped"
		depotctl signal "$handle" "sig-$word" "$word"
		run depotctl wait --timeout 10 "$handle" "sig-$word"
		assert_failure 5
		rm "$ROOTFS/tmp/trapped"
	done
}

@test "signal: words that are no signal are refused" {
	depotctl run -d --id hard "$handle" sleep 1000
	for word in FOO SIG 0 65 -1x 9x '' SIGSIGTERM 99999999999999999999; do
		refuse "signal: '$word' is not a signal: a name such as TERM, or a number from 1 to 64" \
			signal -- "$handle" hard "$word"
	done
	state_is hard running
	depotctl signal "$handle" hard KILL
	run depotctl wait "$handle" hard
	refuse 'signal: os: process already finished' signal "$handle" hard TERM
}

# --- stop, destroy ---

@test "stop: ends what runs but not the container, gently or with --kill" {
	create
	depotctl run -d --id gentle "$handle" sh -c 'trap "exit 6" TERM; while :; do sleep 0.02; done'
	eventually state_is gentle running
	depotctl stop "$handle"
	run depotctl wait --timeout 10 "$handle" gentle
	[ "$status" -eq 6 ] || [ "$status" -eq 143 ]
	container_is stopped
	depotctl run -d --id stubborn "$handle" sh -c 'trap "" TERM; while :; do sleep 0.02; done'
	depotctl stop --kill "$handle"
	run depotctl wait --timeout 10 "$handle" stubborn
	assert_failure 137
	assert_equal "$(depotctl run "$handle" echo alive)" alive
	run depotctl stop --kill "$handle" nobody "$SHARED"
	assert_failure 125
	assert_output 'depotctl: stop: unknown handle: nobody'
	depotctl destroy "$handle"
}

@test "destroy: several at once, and the failure of one does not save the others" {
	create
	first=$handle
	create
	run depotctl destroy "$first" nobody "$handle"
	assert_failure 125
	assert_output 'depotctl: destroy: unknown handle: nobody'
	assert_equal "$(depotctl list -q)" "$SHARED"
	create
	run bash -c "'$BIN/depotctl' --depot '$DEPOT' --json destroy '$handle' nobody 2>/dev/null"
	assert_failure 125
	assert_equal "$(jq -c '.[0]' <<<"$output")" "{\"handle\":\"$handle\",\"destroyed\":true,\"error\":null}"
	assert_equal "$(jq -c '.[1]' <<<"$output")" \
		'{"handle":"nobody","destroyed":false,"error":"unknown handle: nobody"}'
}

@test "destroy: --all leaves an empty depot, and is content with one" {
	mkdir "$SCRATCH/second"
	for name in one two three; do
		"$BIN/depotctl" --depot "$SCRATCH/second" create --rootfs "$ROOTFS" --handle "$SHARED-$name" >/dev/null 3>&- 4>&-
	done
	run "$BIN/depotctl" --depot "$SCRATCH/second" destroy --all
	assert_success
	assert_output ''
	assert_equal "$(ls -A "$SCRATCH/second")" ''
	run "$BIN/depotctl" --depot "$SCRATCH/second" destroy -a --json
	assert_success
	assert_output '[]'
	rmdir "$SCRATCH/second"
	assert_equal "$(depotctl list -q)" "$SHARED"
}
