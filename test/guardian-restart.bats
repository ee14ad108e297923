# The daemon may die at any moment, and be told to stop, to hand over, to reopen its log: what stays, what goes on, who is told.

bats_require_minimum_version 1.5.0
load helpers
load guardian

setup_file() {
	depot_begin
	# A runtime that takes its time when told to.
	cat >"$SCRATCH/runtime" <<-END
		#!/bin/sh
		[ ! -e $SCRATCH/slow ] || sleep 2
		exec runc "\$@"
	END
	chmod +x "$SCRATCH/runtime"
}
teardown_file() { guardian_end; }
teardown() {
	rm -f "$SCRATCH/slow"
	[ ! -e "$SCRATCH/notifier" ] || kill "$(cat "$SCRATCH/notifier")" || true
	rm -f "$SCRATCH/notifier"
	stop_guardian
	destroy_all
}

is_listed() {
	curl -s --unix-socket "$SOCKET" 'http://api/containers?garden.state=all' | jq -e --arg handle "$1" '.Handles | index($handle)'
}

is_gone() {
	[ ! -e "$DEPOT/$1" ] && ! runc state "$1"
}

logged() {
	grep -q "$1" "$LOG"
}

# create_slowly HANDLE: in the background ($client), and its runtime is at work when this returns. The reply in $SCRATCH/reply.
create_slowly() {
	touch "$SCRATCH/slow"
	curl -s --unix-socket "$SOCKET" http://api/containers -d "{\"handle\":\"$1\",\"rootfs\":\"raw://$ROOTFS\"}" >"$SCRATCH/reply" 3>&- 4>&- &
	client=$!
	eventually pgrep -f "$SCRATCH/runtime .* $1"
	rm "$SCRATCH/slow"
}

workers() {
	pgrep -P "$(guardian_pid)"
}

no_workers() {
	! workers
}

# --- SIGKILL ---

@test "killed while a process prints: what came before and what comes after is the output, and stdin stays open" {
	start_guardian
	new
	garden run "$handle" "$(sh_json 'i=0; while [ $i -lt 150000 ]; do echo $i; i=$((i+1)); done; cat; exit 21' 'id: "p"')" >"$BATS_TEST_TMPDIR/before" &
	client=$!
	eventually test -s "$BATS_TEST_TMPDIR/before"
	kill_guardian
	await "$client"
	assert_equal "$status" 122
	start_guardian
	status=0
	garden attach "$handle" p --send-after '500:{"source":0,"data":"input\n"}' --send-after '600:{"source":0}' \
		>"$BATS_TEST_TMPDIR/after" || status=$?
	assert_equal "$status" 21
	[ -s "$BATS_TEST_TMPDIR/before" ]
	cat "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" | cmp - <(seq 0 149999; echo input)
}

@test "killed, and the process ends meanwhile: its last bytes and its exit status are there for who comes" {
	start_guardian
	new
	garden run "$handle" "$(sh_json 'sleep 0.5; echo last words; echo and errors >&2; exit 22' 'id: "p"')" >/dev/null 2>&1 &
	client=$!
	eventually test -e "$DEPOT/$handle/processes/p/pidfile"
	kill_guardian
	await "$client"
	eventually has_ended p
	start_guardian
	run --separate-stderr garden attach "$handle" p
	assert_equal "$status" 22
	assert_equal "$output" 'last words'
	assert_equal "$stderr" 'and errors'
}

@test "killed with a shim: the process is adopted by who comes" {
	start_guardian
	new
	garden run "$handle" "$(sh_json 'sleep 1.5; exit 23' 'id: "p"')" >/dev/null 2>&1 &
	client=$!
	eventually test -e "$DEPOT/$handle/processes/p/pidfile"
	kill_guardian
	await "$client"
	kill -KILL "$(cut -d' ' -f1 "$DEPOT/$handle/processes/p/shim")"
	start_guardian
	run garden attach "$handle" p --deadline 10
	[ "$status" -eq 23 ] || [ "$status" -eq 123 ] # on kernels that tell no exit status it is said to be lost
}

@test "killed: containers, properties and limits are as before, stream ids begin again" {
	start_guardian
	new '"properties":{"a":"b"},"limits":{"memory_limits":{"limit_in_bytes":67108864}}'
	restart_guardian
	is_listed "$handle"
	api GET "/containers/$handle/properties/a"
	expect 200 '{"value":"b"}'
	api GET "/containers/$handle/limits/memory"
	expect 200 '{"limit_in_bytes":67108864}'
	run raw < <(printf 'POST /containers/%s/processes HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{"path":"true"}' "$handle")
	assert_line --partial '"stream_id":"1"'
}

@test "killed with its worker in the middle of a create: the next one finishes it off" {
	handle=guard-test-$GDN_TEST_RUN-half-$RANDOM
	start_guardian --runtime-plugin "$SCRATCH/runtime"
	create_slowly "$handle"
	workers | xargs kill -KILL "$(guardian_pid)"
	kill_guardian
	await "$client"
	start_guardian
	eventually logged "clean-up-container: $handle: cleaned-up"
	eventually is_gone "$handle"
}

@test "killed in the middle of a create: the worker finishes, and the container is there" {
	handle=guard-test-$GDN_TEST_RUN-finished-$RANDOM
	start_guardian --runtime-plugin "$SCRATCH/runtime"
	create_slowly "$handle"
	kill_guardian
	await "$client"
	start_guardian
	eventually is_active "$handle"
}

is_active() {
	[ "$(curl -s --unix-socket "$SOCKET" "http://api/containers/$1/info" | jq -r .State)" = active ]
}

@test "killed with its worker in the middle of a destroy: the next one finishes it" {
	start_guardian --runtime-plugin "$SCRATCH/runtime"
	new
	touch "$SCRATCH/slow"
	curl -s -X DELETE --unix-socket "$SOCKET" "http://api/containers/$handle" >/dev/null 3>&- 4>&- &
	client=$!
	eventually grep -q destroying "$DEPOT/$handle/record.json"
	workers | xargs kill -KILL "$(guardian_pid)"
	kill_guardian
	await "$client"
	rm "$SCRATCH/slow"
	start_guardian
	eventually is_gone "$handle"
}

@test "grace times run again after a restart" {
	start_guardian
	new '"grace_time":3000000000'
	restart_guardian
	eventually is_gone "$handle"
}

@test "a worker that is killed costs one request, which says at what step, and what it left is cleaned up" {
	handle=guard-test-$GDN_TEST_RUN-worker-$RANDOM
	start_guardian --runtime-plugin "$SCRATCH/runtime"
	create_slowly "$handle"
	workers | xargs kill -KILL
	await "$client"
	jq -e '.Type == "" and (.Message | test("^create: .+: the worker died: .*(signal 9|[Kk]illed)"))' "$SCRATCH/reply"
	api GET /ping
	expect 200 '{}'
	eventually is_gone "$handle"
}

# hang VERB: from now on the runtime never ends where that is its verb.
hang() {
	cp "$BATS_TEST_DIRNAME/fakes/hanging-runtime" "$SCRATCH/hanging"
	echo "$1" >"$SCRATCH/hanging.hangs"
}

@test "--step-timeout: a runtime that hangs is an error that names the step, and nothing of the container stays" {
	hang run
	start_guardian --runtime-plugin "$SCRATCH/hanging" --step-timeout 1s
	handle=guard-test-$GDN_TEST_RUN-hang-$RANDOM
	api POST /containers "{\"handle\":\"$handle\",\"rootfs\":\"raw://$ROOTFS\"}"
	[ "$code" = 500 ]
	jq -e '.Type == "" and (.Message | test("run.*1 s"))' <<<"$body"
	eventually is_gone "$handle"
	no_workers
	eventually dead "$(cat "$SCRATCH/hanging.pid")"
}

@test "--step-timeout: a process whose start hangs is an error that names it, and its container goes on" {
	start_guardian --runtime-plugin "$SCRATCH/hanging" --step-timeout 1s
	rm -f "$SCRATCH/hanging.hangs"
	new
	hang exec
	api POST "/containers/$handle/processes" '{"path":"true","id":"p"}'
	[ "$code" = 500 ]
	jq -e '.Message | test("1 s")' <<<"$body"
	[ ! -e "$DEPOT/$handle/processes/p" ]
	rm "$SCRATCH/hanging.hangs"
	garden run "$handle" '{"path":"true","id":"p"}'
}

@test "--step-timeout: a worker that is stuck itself is killed a quarter of a minute later, and says at what step" {
	handle=guard-test-$GDN_TEST_RUN-stuck-$RANDOM
	start_guardian --runtime-plugin "$SCRATCH/runtime" --step-timeout 3s
	create_slowly "$handle"
	workers | xargs kill -STOP
	eventually -t 30 dead "$client"
	await "$client"
	jq -e '.Message | test("^create: .+: no end within 3 s, killed")' "$SCRATCH/reply"
	eventually is_gone "$handle"
}

@test "killed a hundred times at random under load: every container is whole or goes" {
	local round began=$SECONDS loads=() i

	start_guardian
	touch "$BATS_TEST_TMPDIR/go"
	for i in 1 2 3; do
		load_daemon "guard-test-$GDN_TEST_RUN-load-$i" >/dev/null 2>&1 3>&- 4>&- &
		loads+=($!)
	done
	for ((round = 0; round < 100 && SECONDS - began < 40; round++)); do
		sleep "0.$((RANDOM % 20 + 10))"
		kill_guardian
		look_at_depot
		launch_guardian
	done
	echo "$round rounds"
	[ "$round" -ge 15 ] # as many as a busy machine comes to
	rm "$BATS_TEST_TMPDIR/go"
	for i in "${loads[@]}"; do
		wait "$i" || true
	done
	eventually answers
	eventually -t 20 nothing_half_done
	for handle in $(curl -s --unix-socket "$SOCKET" 'http://api/containers?garden.state=all' | jq -r '.Handles[]'); do
		is_active "$handle"
		run garden run "$handle" '{"path":"echo","args":["fine"]}'
		assert_output fine
		api DELETE "/containers/$handle"
		expect 200 '{}'
	done
	[ -z "$(ls -A "$DEPOT")" ]
}

# load_daemon HANDLE: creates, uses and destroys a container until told to stop, whatever comes of it.
load_daemon() {
	while [ -e "$BATS_TEST_TMPDIR/go" ]; do
		curl -s -m 5 --unix-socket "$SOCKET" http://api/containers -d "{\"handle\":\"$1\",\"rootfs\":\"raw://$ROOTFS\"}"
		curl -s -m 5 --unix-socket "$SOCKET" -X PUT "http://api/containers/$1/properties/p" -d '{"value":"v"}'
		garden run "$1" '{"path":"ls","args":["/bin"]}' --deadline 5
		curl -s -m 5 --unix-socket "$SOCKET" -X DELETE "http://api/containers/$1"
	done
}

# Every state file is whole.
look_at_depot() {
	local file

	for file in "$DEPOT"/*/record.json "$DEPOT"/*/properties.json "$DEPOT"/*/config.json; do
		[ ! -e "$file" ] || jq -e type "$file" >/dev/null || [ ! -e "$file" ] || { echo "torn: $file"; return 1; }
	done
}

nothing_half_done() {
	local record

	for record in "$DEPOT"/*/; do
		[ ! -d "$record" ] || grep -qs '"created"' "$record/record.json" || return 1
	done
}

# --- Somebody else's depot ---

@test "a depot of another program: its containers are adopted, never destroyed, and get the properties of the file" {
	local init dead

	create
	init=$(cat "$DEPOT/$handle/pidfile")
	rm "$DEPOT/$handle/record.json"
	rm -f "$DEPOT/$handle/properties.json"
	dead=guard-test-$GDN_TEST_RUN-dead
	mkdir "$DEPOT/$dead"
	cp "$DEPOT/$handle/config.json" "$DEPOT/$dead/"
	printf 4194303 >"$DEPOT/$dead/pidfile"
	printf '{"%s":{"garden.state":"created","k":"v"},"nobody":{"a":"b"}}\n' "$handle" >"$SCRATCH/properties.json"
	start_guardian --properties-path "$SCRATCH/properties.json"
	is_active "$handle"
	api GET '/containers?k=v'
	expect 200 "{\"Handles\":[\"$handle\"]}"
	run garden run "$handle" '{"path":"echo","args":["adopted"]}'
	assert_output adopted
	restart_guardian --properties-path "$SCRATCH/properties.json"
	sleep 0.5 # for a recovery that should not be
	[ "$(cat "$DEPOT/$handle/pidfile")" = "$init" ]
	alive "$init"
	[ -e "$DEPOT/$dead/config.json" ]
	[ ! -e "$DEPOT/nobody" ]
	rm -rf "${DEPOT:?}/$dead"
}

@test "the properties file: written at a graceful stop, never over what the depot says, refused when it is no JSON" {
	start_guardian --properties-path "$SCRATCH/saved.json"
	new '"properties":{"k":"of the depot"}'
	kill_guardian TERM
	jq -e --arg handle "$handle" '.[$handle].k == "of the depot"' "$SCRATCH/saved.json"
	printf '{"%s":{"k":"of the file"}}' "$handle" >"$SCRATCH/saved.json"
	start_guardian --properties-path "$SCRATCH/saved.json"
	api GET "/containers/$handle/properties/k"
	expect 200 '{"value":"of the depot"}'
	kill_guardian TERM
	echo '{torn' >"$SCRATCH/saved.json"
	run -1 "$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SOCKET" --skip-setup \
		--properties-path "$SCRATCH/saved.json" 3>&- 4>&-
	assert_output --partial 'saved.json'
	: >"$SCRATCH/saved.json" # an empty one is none
	start_guardian --properties-path "$SCRATCH/saved.json"
}

@test "the port pool's file: kept at a graceful stop, one that is none begins anew, a missing one is told of" {
	local file=$SCRATCH/ports.json

	echo '{"offset":17}' >"$file"
	start_guardian --port-pool-properties-path "$file"
	rm "$file"
	kill_guardian TERM
	assert_equal "$(cat "$file")" '{"offset":17}'
	start_guardian --port-pool-properties-path "$file" --port-pool-size 17
	kill_guardian TERM
	assert_equal "$(cat "$file")" '{"offset":0}'
	echo '{torn' >"$file"
	start_guardian --port-pool-properties-path "$file"
	grep -q guardian.failed-to-parse-pool-state "$SCRATCH/guardian.log"
	kill_guardian TERM
	assert_equal "$(cat "$file")" '{"offset":0}'
	rm "$file"
	: >"$SCRATCH/guardian.log"
	start_guardian --port-pool-properties-path "$file"
	grep -q guardian.no-port-pool-state-to-recover-starting-clean "$SCRATCH/guardian.log"
	kill_guardian TERM
	[ -e "$file" ]
}

@test "--destroy-containers-on-startup destroys what is there, and not what comes" {
	local old

	start_guardian
	new
	old=$handle
	kill_guardian TERM
	start_guardian --destroy-containers-on-startup
	new
	eventually is_gone "$old"
	is_active "$handle"
}

@test "cleanup destroys everything and ends" {
	start_guardian
	new
	kill_guardian TERM
	run -0 "$BIN/guardian" cleanup --depot "$DEPOT" --state-dir "$SCRATCH/state" 3>&- 4>&-
	is_gone "$handle"
}

# --- Signals ---

@test "SIGTERM: the socket goes, attached clients are let go, idle connections close, a request under way is finished" {
	local daemon idle attached

	LOG=$SCRATCH/guardian.log SOCKET=$SCRATCH/garden.sock
	"$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SOCKET" --skip-setup \
		--runtime-plugin "$SCRATCH/runtime" >>"$LOG" 2>&1 </dev/null 3>&- 4>&- &
	daemon=$!
	echo "$daemon" >"$SCRATCH/guardian.pid"
	eventually answers
	new
	garden run "$handle" "$(sh_json 'echo out; sleep 2; exit 24' 'id: "p"')" >"$BATS_TEST_TMPDIR/out" &
	attached=$!
	eventually grep -q out "$BATS_TEST_TMPDIR/out"
	{ printf 'GET /ping HTTP/1.1\r\nHost: a\r\n\r\n'; sleep 8; } | garden raw >/dev/null &
	idle=$!
	create_slowly "$handle-2"
	kill -TERM "$daemon"
	eventually test ! -e "$SOCKET"
	await "$attached"
	assert_equal "$status" 122
	alive "$daemon"
	await "$client"
	[ "$(cat "$SCRATCH/reply")" = "{\"Handle\":\"$handle-2\"}" ]
	await "$daemon"
	assert_equal "$status" 0
	rm "$SCRATCH/guardian.pid"
	await "$idle"
	logged waiting-for-connections-to-close
	eventually has_ended p # processes go on
	[ "$(cat "$DEPOT/$handle/processes/p/exitcode")" = 24 ]
}

@test "SIGTERM: a client that does not go on with its request, or does not read its replies, holds up the stop for seconds only" {
	start_guardian
	mkfifo "$BATS_TEST_TMPDIR/until"
	"$TOOLS/unread" "$SOCKET" flood 'GET /ping HTTP/1.1\r\nHost: a\r\n\r\n' <"$BATS_TEST_TMPDIR/until" >"$BATS_TEST_TMPDIR/taken" 3>&- 4>&- &
	garden raw --idle 20000 < <(printf 'POST /containers HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{') >/dev/null &
	client=$!
	exec 9>"$BATS_TEST_TMPDIR/until"
	eventually test -s "$BATS_TEST_TMPDIR/taken"
	kill -TERM "$(guardian_pid)"
	eventually -t 8 gone "$(guardian_pid)"
	exec 9>&-
	rm "$SCRATCH/guardian.pid"
	await "$client"
}

@test "SIGHUP opens the log file anew" {
	start_guardian --log-file "$SCRATCH/log"
	eventually test -s "$SCRATCH/log"
	mv "$SCRATCH/log" "$SCRATCH/log.1"
	kill -HUP "$(guardian_pid)"
	eventually_logs_to "$SCRATCH/log"
	answers
}

eventually_logs_to() {
	eventually eval "answers >/dev/null; test -s '$1'"
	jq -es 'length > 0' "$1" >/dev/null
}

@test "SIGUSR2 hands the socket to a successor, and no client notices" {
	local i failed=0 pid

	start_guardian
	new
	pid=$(guardian_pid)
	for i in {1..60}; do
		[ $((i % 20)) -ne 10 ] || kill -USR2 "$pid"
		curl -sf -m 5 --unix-socket "$SOCKET" http://api/ping >/dev/null || failed=$((failed + 1))
	done
	assert_equal "$failed" 0
	[ "$(grep -c '"message":"guardian.started"' "$LOG")" -ge 2 ]
	[ "$(guardian_pid)" = "$pid" ]
	alive "$pid"
	is_active "$handle"
}

# --- Sockets ---

@test "systemd: a socket of its making is served, and it is told when the daemon is ready, reloading and stopping" {
	socat -u "UNIX-RECV:$SCRATCH/notify" "CREATE:$SCRATCH/notified" 3>&- 4>&- &
	echo $! >"$SCRATCH/notifier"
	rm -f "$SCRATCH/garden.sock"
	eventually test -S "$SCRATCH/notify"
	export NOTIFY_SOCKET=$SCRATCH/notify WATCHDOG_USEC=200000
	PREFIX="$TOOLS/activate systemd $SCRATCH/active.sock" start_elsewhere "$SCRATCH/active.sock"
	eventually grep -q READY=1 "$SCRATCH/notified"
	eventually grep -q WATCHDOG=1 "$SCRATCH/notified"
	[ ! -e "$SCRATCH/garden.sock" ]
	kill -USR2 "$(guardian_pid)"
	eventually grep -q RELOADING=1 "$SCRATCH/notified"
	eventually answers
	kill_guardian TERM
	unset NOTIFY_SOCKET WATCHDOG_USEC
	eventually grep -q STOPPING=1 "$SCRATCH/notified"
	[ -S "$SCRATCH/active.sock" ]
}

# start_elsewhere SOCKET [FLAGS...]: a daemon that answers there.
start_elsewhere() {
	local socket=$1

	shift
	launch_guardian "$@"
	SOCKET=$socket
	eventually answers
}

@test "SOCKET2ME_FD: that socket is served, also by a successor, and left at the end" {
	PREFIX="$TOOLS/activate socket2me $SCRATCH/handed.sock" start_elsewhere "$SCRATCH/handed.sock" \
		--debug-bind-ip 127.0.0.1 --debug-bind-port 0
	new
	kill -USR2 "$(guardian_pid)"
	eventually answers
	is_active "$handle"
	kill_guardian TERM
	[ -S "$SCRATCH/handed.sock" ]
	SOCKET2ME_FD=nonsense run -1 "$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --skip-setup 3>&- 4>&-
	assert_output --partial SOCKET2ME_FD
}

@test "the socket has the mode and owner asked for; by default everybody may, with a warning" {
	start_guardian
	[ "$(stat -c %a "$SOCKET")" = 777 ]
	logged 'can do what root can'
	kill_guardian TERM
	start_guardian --socket-mode 0660 --socket-owner 1001 --socket-group 1010
	[ "$(stat -c '%a %u %g' "$SOCKET")" = '660 1001 1010' ]
}

@test "--allow-peer-uid and --allow-peer-gid: only those clients are answered" {
	as_alice() { setpriv --reuid 1001 --regid 1010 --clear-groups curl -sf --unix-socket "$SOCKET" http://api/ping; }
	as_staff() { setpriv --reuid 1002 --regid 1011 --clear-groups curl -sf --unix-socket "$SOCKET" http://api/ping; }
	launch_guardian --allow-peer-uid 1001 --allow-peer-gid 1011
	eventually as_alice
	as_staff
	run answers
	assert_failure
	logged 'refused a client'
	kill_guardian TERM
	run -1 "$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --skip-setup --bind-ip 127.0.0.1 --allow-peer-uid 1 3>&- 4>&-
}

prepared_cgroups() {
	find /sys/fs/cgroup -type d -name garden-z 2>/dev/null
}

@test "without --skip-setup the host's cgroups are prepared at the start, and containers are put below them" {
	prepared_cgroups | xargs -r rmdir # of a run that was killed
	SOCKET=$SCRATCH/garden.sock LOG=$SCRATCH/guardian.log
	"$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SOCKET" --tag z >>"$LOG" 2>&1 \
		</dev/null 3>&- 4>&- &
	echo $! >"$SCRATCH/guardian.pid"
	eventually answers
	[ -n "$(prepared_cgroups)" ]
	new
	jq -e --arg handle "$handle" '.cgroups | length > 0 and all(test("/garden-z/(good/)?" + $handle + "$"))' \
		"$DEPOT/$handle/record.json"
	api DELETE "/containers/$handle"
	expect 200 '{}'
	prepared_cgroups | xargs rmdir
}

@test "two daemons on one depot: the second says so and leaves the first alone" {
	start_guardian
	run -1 "$BIN/guardian" server --depot "$DEPOT" --state-dir "$SCRATCH/state" --bind-socket "$SCRATCH/second.sock" --skip-setup 3>&- 4>&-
	assert_output --partial "depot $DEPOT is served by another daemon"
	[ ! -e "$SCRATCH/second.sock" ]
	answers
}

# --- Limits ---

@test "--worker-limit: more requests wait for their turn, and all are answered" {
	local i clients=()

	start_guardian --worker-limit 1 --runtime-plugin "$SCRATCH/runtime"
	handle=guard-test-$GDN_TEST_RUN-limit
	create_slowly "$handle-0"
	for i in 1 2 3; do
		curl -s --unix-socket "$SOCKET" http://api/containers -d "{\"handle\":\"$handle-$i\",\"rootfs\":\"raw://$ROOTFS\"}" \
			>"$BATS_TEST_TMPDIR/$i" 3>&- 4>&- &
		clients+=($!)
	done
	sleep 0.3
	[ "$(workers | wc -l)" -eq 1 ]
	answers # what needs no worker does not wait
	wait "$client" "${clients[@]}"
	for i in 1 2 3; do
		[ "$(cat "$BATS_TEST_TMPDIR/$i")" = "{\"Handle\":\"$handle-$i\"}" ]
	done
}

@test "--max-containers and --disable-privileged-containers refuse what is beyond" {
	start_guardian --max-containers 1 --disable-privileged-containers
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\",\"privileged\":true}"
	expect_failure 'privileged container creation is disabled'
	new
	api POST /containers "{\"rootfs\":\"raw://$ROOTFS\"}"
	expect_failure 'max containers reached'
	api GET /capacity
	[ "$(jq .max_containers <<<"$body")" -eq 1 ]
	api DELETE "/containers/$handle"
	new
}

@test "--default-rootfs and --default-grace-time are for who asks for nothing else" {
	start_guardian --default-rootfs "raw://$ROOTFS" --default-grace-time 1s
	handle=guard-test-$GDN_TEST_RUN-default
	api POST /containers "{\"handle\":\"$handle\"}"
	expect 200 "{\"Handle\":\"$handle\"}"
	[ -d "$DEPOT/$handle" ]
	eventually is_gone "$handle"
}

@test "--cleanup-process-dirs-on-wait forgets a process once somebody was told how it ended" {
	start_guardian --cleanup-process-dirs-on-wait
	new
	run garden run "$handle" "$(sh_json 'exit 3' 'id: "p"')"
	assert_equal "$status" 3
	eventually test ! -e "$DEPOT/$handle/processes/p"
	api GET "/containers/$handle/processes/p"
	[ "$code" = 404 ]
	[ "$(jq -r .Type <<<"$body")" = ProcessNotFoundError ]
}
